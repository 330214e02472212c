// Is it alive, is it ready, and what does it speak: on every listener, without a token.
#include "host/http/json.hpp"
#include "host/http/openapi.hpp"
#include "host/http/routes.hpp"

namespace intray::http {
namespace {

// Ready: the store reads, and every plugin that extends the host runs.
Result<Response> ready(const Context& context, const Request&) {
  if (const auto snapshot = context.store.snapshot(); !snapshot) return fail(snapshot.error());
  std::size_t platform_plugins = 0;
  for (const auto& plugin : context.plugins.plugins()) {
    if (plugin.kind != "platform") continue;
    if (plugin.state != "running") {
      return fail(INTRAY_E_UNAVAILABLE, "plugin " + plugin.id + " is " + plugin.state);
    }
    ++platform_plugins;
  }
  if (platform_plugins == 0) {
    return fail(INTRAY_E_UNAVAILABLE,
                "no platform plugin runs, so nobody can apply: see intray plugin list");
  }
  return json(200, boost::json::object{{"status", "ready"}});
}

}  // namespace

Result<void> add_health_routes(Router& router, const Context& context) {
  auto added = add(router, "GET", "/healthz", "any.open", [](const Request&) -> Result<Response> {
    return json(200, boost::json::object{{"status", "ok"}});
  });
  if (added) {
    added = add(router, "GET", "/readyz", "any.open",
                [&context](const Request& request) { return ready(context, request); });
  }
  if (added) {
    added = add(router, "GET", "/openapi.yaml", "any.open", [](const Request&) -> Result<Response> {
      return Response{200, {}, "application/yaml", std::string(openapi_yaml())};
    });
  }
  return added;
}

}  // namespace intray::http
