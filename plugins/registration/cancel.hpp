// POST /v1/applications/{id}/cancel: final for whatever still waits.
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// From the reply on no device of it registers any more, whether or not its row is canceled yet: a
/// large application's rows follow in chunks. What is registered stays registered.
/// INTRAY_E_NOT_FOUND  no such application.   INTRAY_E_BAD_STATE  it is completed already.
Result<HttpAnswer> cancel(const Scope& scope, std::string_view id);

}  // namespace intray::registration
