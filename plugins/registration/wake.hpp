// GET /v1/applications/{id}/wake: the URLs that wake the devices of an application that still wait
// (patent: acquisition instruction information, steps S131, S141; claims 4 and 5).
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// Plans, or reads the plan that the same request made before, and mints a command for each URL of
/// the page. 202 while a large plan is being written, its relay-wakes are being sent, or those of
/// the plan before it are being taken off: the same request again answers 200.
/// INTRAY_E_NOT_FOUND  no such application.   INTRAY_E_BAD_STATE  none of its devices waits.
/// INTRAY_E_INVALID    a value out of its range, too many devices, or a pace too slow for them.
/// INTRAY_E_BUSY       the inventory changed since it was planned: ask again. When too few of the
///                     host's polls are free, the answer itself is 503 and says who holds them.
Result<HttpAnswer> wake(const Scope& scope, const HttpRequest& request);

}  // namespace intray::registration
