// POST /v1/services/{service}/register: the device collates its code (patent steps S323, S207,
// S208).
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// The device is the one behind the call. 200 also when the same code comes again; 429 locked; 410
/// a code that is over; 403 anything else, in one and the same body; 503 the service's plugin is
/// down. The log rows of refusals are the host's.
Result<HttpAnswer> register_device(const Scope& scope, const HttpRequest& request);

}  // namespace intray::registration
