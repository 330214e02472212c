// POST /v1/applications: one request, one application a service (patent steps S311 to S206, S103).
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// Up to 200 (device, service) pairs are written with the applications in one batch: 201. More:
/// the accepted criterion alone is written, in one batch for all services, and chunks follow: 202.
Result<HttpAnswer> apply(const Scope& scope, const HttpRequest& request);

}  // namespace intray::registration
