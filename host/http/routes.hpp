// The host's own routes, one function a group. Each adds its routes to the router.
#pragma once

#include <string>
#include <vector>

#include "host/http/router.hpp"
#include "host/plugin/host.hpp"
#include "host/security/keys.hpp"
#include "host/store/presence.hpp"
#include "host/store/store.hpp"

namespace intray::inventory {
class Importer;
struct Submitted;
}  // namespace intray::inventory

namespace intray::http {

/// What the routes stand on; all of it outlives the router.
struct Context {
  store::Store& store;
  store::PresenceMarks& presence;
  plugin::PluginHost& plugins;
  inventory::Importer& importer;
  const security::Keys& keys;
  /// Where devices may send their tokens: this host's device URL and the services' own.
  std::vector<std::string> origins;
};

Result<void> add_device_routes(Router& router, const Context& context);
Result<void> add_customer_routes(Router& router, const Context& context);
Result<void> add_inventory_routes(Router& router, const Context& context);
Result<void> add_settings_routes(Router& router, const Context& context);
Result<void> add_credential_routes(Router& router, const Context& context);
Result<void> add_operator_routes(Router& router, const Context& context);
Result<void> add_health_routes(Router& router, const Context& context);
/// All of them.
Result<void> add_host_routes(Router& router, const Context& context);

/// What a repeated import is answered: see inventory::ReplyOf.
store::Reply inventory_reply(const inventory::Submitted& submitted);

/// How plugins add theirs. `router` and `store` must outlive what it returns.
plugin::RouteTable plugin_routes(Router& router, store::Store& store);

/// The call that a request stands for: who, for whom, until when, under which Idempotency-Key.
plugin::CallContext call_of(const Request& request);

/// Adds a route that runs on a worker and answers a Result. The template names the query that it
/// reads, "/v1/devices?model&service": any other part of a query is refused.
using Handler = std::function<Result<Response>(const Request&)>;
Result<void> add(Router& router, const std::string& method, const std::string& path_and_query,
                 const std::string& permission, Handler handler,
                 std::size_t body_bytes_max = kBodyBytesMax, Way way = Way::kLibrary);

}  // namespace intray::http
