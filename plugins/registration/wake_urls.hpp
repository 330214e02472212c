// Wake URLs as they are shown where no command may lie: in the notice, in the log, in lists. They
// are spelled as the patent does (claims 4 and 5); the wake route mints the command for them.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "plugins/registration/scope.hpp"
#include "plugins/registration/wake_plan.hpp"

namespace intray::registration {

/// Can a command name it? The inventory has checked what it says.
bool is_wakeable(const std::string& address);

/// Of one device; empty when its address is not wakeable. settings: wake_settings().
std::string wake_url(const WakeRequest& settings, const std::string& device_id,
                     const std::string& address);

/// Adds to the notice of an application what its form, "urls" or "relay", asks for: "wake_urls",
/// one for each device, with "left_out" when not all fit a log row; or "wake_url", whose root is
/// the first device. "wake" is the route that mints.
Result<void> add_wake_urls(const Scope& scope, const std::string& application,
                           const std::string& form, const std::vector<std::string>& device_ids,
                           std::int64_t count, boost::json::object& notice);

}  // namespace intray::registration
