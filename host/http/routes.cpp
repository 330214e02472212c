#include "host/http/routes.hpp"

#include <algorithm>

#include "host/http/json.hpp"
#include "host/security/crypto.hpp"

namespace intray::http {
namespace {

// How long a request may keep a plugin busy before its caller has given up.
constexpr std::int64_t kRequestTimeNs = 30LL * store::kSecondNs;

}  // namespace

plugin::CallContext call_of(const Request& request) {
  plugin::CallContext call;
  call.principal = request.principal.id;
  call.customer = request.principal.customer;
  call.device_id = request.principal.device_id;
  call.trace_id = request.trace_id;
  call.deadline_mono_ns = plugin::mono_ns() + kRequestTimeNs;
  call.idempotency_key = request.header("idempotency-key");
  if (call.idempotency_key.empty()) return call;
  std::string bytes;
  for (const auto* part : {&request.method, &request.path, &request.raw_query, &request.body}) {
    bytes += std::to_string(part->size()) + ":" + *part;
  }
  call.digest = security::sha256(bytes);
  return call;
}

Result<void> add(Router& router, const std::string& method, const std::string& path_and_query,
                 const std::string& permission, Handler handler, std::size_t body_bytes_max,
                 Way way) {
  Route route;
  route.method = method;
  const auto question = std::min(path_and_query.find('?'), path_and_query.size());
  route.path = path_and_query.substr(0, question);
  route.permission = permission;
  route.body_bytes_max = body_bytes_max;
  route.way = way;
  route.handle = [handler = std::move(handler),
                  known = path_and_query.substr(question)](const Request& request) {
    if (const auto fits = expect_query(request, known); !fits) return problem(fits.error());
    auto response = handler(request);
    return response ? std::move(*response) : problem(response.error());
  };
  return router.add(std::move(route));
}

Result<void> add_host_routes(Router& router, const Context& context) {
  for (const auto group :
       {&add_device_routes, &add_customer_routes, &add_inventory_routes, &add_settings_routes,
        &add_credential_routes, &add_operator_routes, &add_health_routes}) {
    if (auto added = group(router, context); !added) return added;
  }
  return {};
}

}  // namespace intray::http
