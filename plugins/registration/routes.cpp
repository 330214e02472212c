#include "plugins/registration/routes.hpp"

#include "plugins/registration/apply.hpp"
#include "plugins/registration/cancel.hpp"
#include "plugins/registration/entitlements.hpp"
#include "plugins/registration/lists.hpp"
#include "plugins/registration/register.hpp"
#include "plugins/registration/wake.hpp"
#include "plugins/registration/why.hpp"

namespace intray::registration {
namespace {

constexpr std::uint64_t kApplyBytesMax = 2 << 20;  // 10,000 devices of 128 bytes, and quotes

using Answerer = Result<HttpAnswer> (*)(const Scope&, const HttpRequest&);

struct Route {
  const char* method;
  const char* path_and_query;  // any other part of a query is refused
  const char* permission;
  Answerer answer;
  std::uint64_t body_bytes_max = 0;
};

Result<HttpAnswer> canceled(const Scope& scope, const HttpRequest& request) {
  const auto body = body_of(request, {});
  return body ? cancel(scope, request.param("id")) : fail(body.error());
}
Result<HttpAnswer> stopped(const Scope& scope, const HttpRequest& request) {
  return stop(scope, request.param("service"), request.param("device"));
}

constexpr Route kRoutes[] = {
    {"POST", "/v1/applications?dry_run&after&limit", "customer.apply", &apply, kApplyBytesMax},
    {"GET", "/v1/applications?after&limit", "customer.view", &list_applications},
    {"GET", "/v1/applications/{id}", "customer.view", &show_application},
    {"GET", "/v1/applications/{id}/devices?after&limit", "customer.view", &list_devices},
    {"GET", "/v1/applications/{id}/wake?mode&roots&fanout&root_by&interval_ms&after&limit",
     "customer.apply", &wake},
    {"POST", "/v1/applications/{id}/cancel", "customer.apply", &canceled},
    {"GET", "/v1/entitlements?service&device&after&limit", "customer.view", &list_entitlements},
    {"DELETE", "/v1/entitlements/{service}/{device}", "customer.stop", &stopped},
    {"GET", "/v1/devices/{id}/why?service", "customer.view", &why},
    {"POST", "/v1/services/{service}/register", "device.register", &register_device},
};

}  // namespace

Result<void> add_routes(HttpRoutes& routes, const Platform& platform) {
  for (const auto& route : kRoutes) {
    const std::string_view path_and_query(route.path_and_query);
    const auto path = path_and_query.substr(0, path_and_query.find('?'));
    auto added = routes.add(
        route.method, path, route.permission,
        [&platform, answer = route.answer, known = path_and_query.substr(path.size())](
            const HttpRequest& request) -> Result<HttpAnswer> {
          if (const auto fits = expect_query(request, known); !fits) return fail(fits.error());
          if (request.customer().empty()) {
            return fail(INTRAY_E_DENIED, "this is for a customer's administrators and devices");
          }
          return answer(Scope{platform, request.call(), std::string(request.customer())}, request);
        },
        route.body_bytes_max);
    if (!added) return added;
  }
  return {};
}

}  // namespace intray::registration
