// How a wake is asked for: the query of GET /v1/applications/{id}/wake, and what the customer has
// set.
#pragma once

#include <string>

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"
#include "plugins/registration/wake_plan.hpp"

namespace intray::registration {

inline constexpr std::size_t kWakeRootsMax = 64;  // not of WakeMode::kEach

/// How the customer's devices are reached, and how many polls all wakes of the host may make due at
/// once: polls_max, until the plan has a share of it (wake_polls.hpp).
/// INTRAY_E_NOT_FOUND  the host lacks one of these settings.
Result<WakeRequest> wake_settings(const Scope& scope);

struct WakeAsked {
  WakeRequest request;
  std::string mode;  // "each", "relay", "tree"
  std::string text;  // of all that a plan is made from: the same text, the same plan
};

/// INTRAY_E_INVALID  a value out of its range.
Result<WakeAsked> wake_asked(const Scope& scope, const HttpRequest& request);

}  // namespace intray::registration
