// Routes of plugins: the request crosses as values, the answer comes back the same way.
#include "host/http/idempotency.hpp"
#include "host/http/routes.hpp"

#include <memory>

namespace intray::http {
namespace {

plugin::PluginRequest plugin_request(const Request& request) {
  plugin::PluginRequest out;
  out.context = call_of(request);
  out.method = request.method;
  out.path = request.path;
  out.query = request.raw_query;
  out.remote = request.remote;
  out.headers = request.headers;
  out.params = request.path_params;
  out.body = request.body;
  return out;
}

Response response_of(plugin::PluginAnswer answer) {
  Response response;
  response.status = answer.status;
  for (auto& [name, value] : answer.headers) {
    if (name == "Content-Type" || name == "content-type") {
      response.content_type = std::move(value);
    } else {
      response.headers.emplace_back(std::move(name), std::move(value));
    }
  }
  response.body = std::move(answer.body);
  return response;
}

}  // namespace

plugin::RouteTable plugin_routes(Router& router, store::Store& store) {
  const auto add_route = [&router, &store](const plugin::PluginRoute& added) {
    Route route;
    route.method = added.method;
    route.path = added.path;
    route.permission = added.permission;
    route.body_bytes_max = added.body_bytes_max;
    route.handle = [handle = added.handle, &store](const Request& request) {
      const auto crossing = plugin_request(request);
      return once(store, crossing.context, [&]() -> Response {
        auto answer = handle(crossing);
        return answer ? response_of(std::move(*answer)) : problem(answer.error());
      });
    };
    return router.add(std::move(route));
  };
  const auto remove_route = [&router](const plugin::PluginRoute& gone) {
    const auto listener = listener_of(gone.permission);
    if (listener && *listener) router.remove(gone.method, gone.path, **listener);
  };
  return {add_route, remove_route};
}

}  // namespace intray::http
