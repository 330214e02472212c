// What an administrator asks for (patent steps S311, S313): the request of POST /v1/applications.
#pragma once

#include <string>
#include <vector>

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"
#include "plugins/registration/selection.hpp"

namespace intray::registration {

inline constexpr std::size_t kServicesMax = 16;
inline constexpr std::size_t kNamedDevicesMax = 10'000;
inline constexpr std::size_t kModelsMax = 100;
inline constexpr std::size_t kIdBytesMax = 128;

struct Wanted {
  std::vector<Criterion> criteria;   // one a service
  std::vector<std::string> devices;  // the devices named, sorted; empty = all applicable
};

/// INTRAY_E_INVALID    malformed, or the service is left out though several are offered.
/// INTRAY_E_NOT_FOUND  a service that is not offered here.
Result<Wanted> wanted_of(const Scope& scope, const HttpRequest& request);

}  // namespace intray::registration
