// GET /v1/applications, /v1/applications/{id}, /v1/applications/{id}/devices (patent steps S221,
// S231).
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

Result<HttpAnswer> list_applications(const Scope& scope, const HttpRequest& request);
Result<HttpAnswer> show_application(const Scope& scope, const HttpRequest& request);
Result<HttpAnswer> list_devices(const Scope& scope, const HttpRequest& request);

}  // namespace intray::registration
