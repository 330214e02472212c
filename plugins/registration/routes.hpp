// The plugin's routes: which path leads to which function, and who may call it.
#pragma once

#include <intray/platform.hpp>
#include <intray/routes.hpp>

namespace intray::registration {

/// Borrows the platform until the routes are removed.
Result<void> add_routes(HttpRoutes& routes, const Platform& platform);

}  // namespace intray::registration
