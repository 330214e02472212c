// The used-service information (FIG. 4), and stopping to use a service (M15).
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// GET /v1/entitlements?service=&device=
Result<HttpAnswer> list_entitlements(const Scope& scope, const HttpRequest& request);

/// DELETE /v1/entitlements/{service}/{device}: final when it returns; repeating it is harmless.
/// INTRAY_E_NOT_FOUND  the device is not registered for the service.
Result<HttpAnswer> stop(const Scope& scope, std::string_view service, std::string_view device_id);

/// A stop that the device was not told in time: its instruction goes.
Result<void> stop_due(const Scope& scope, std::string_view device_id, std::string_view service,
                      const intray_batch_sink& sink);

}  // namespace intray::registration
