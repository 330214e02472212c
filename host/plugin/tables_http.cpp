// http: routes of platform plugins
#include <algorithm>

#include "host/plugin/answer_sink.hpp"
#include "host/plugin/instance.hpp"
#include "host/plugin/tables.hpp"
#include "host/security/principal.hpp"

namespace intray::plugin {
namespace {

constexpr std::size_t kPathBytesMax = 256;
constexpr std::size_t kPermissionBytesMax = 64;
constexpr std::size_t kBodyBytesDefault = 64 * 1024;
constexpr std::uint64_t kBodyBytesMax = 16U << 20U;

bool is_method(std::string_view method) {
  return method == "GET" || method == "POST" || method == "PATCH" || method == "PUT" ||
         method == "DELETE";
}

// A prefix grants itself and what lies below it, not what merely starts with the same letters.
bool is_inside(std::string_view path, std::string_view prefix) {
  if (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  return path.rfind(prefix, 0) == 0 && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

std::vector<intray_kv> borrow(const Pairs& pairs) {
  std::vector<intray_kv> borrowed;
  for (const auto& [key, value] : pairs) borrowed.push_back({str(key), str(value)});
  return borrowed;
}

Result<PluginAnswer> answer(Services& services, Instance& instance,
                            const intray_http_handler& handler, const PluginRequest& asked) {
  const auto headers = borrow(asked.headers);
  const auto params = borrow(asked.params);
  intray_http_request request{};
  request.struct_size = sizeof request;
  request.method = str(asked.method);
  request.path = str(asked.path);
  request.query = str(asked.query);
  request.remote = str(asked.remote);
  request.principal = str(asked.context.principal);
  request.customer_id = str(asked.context.customer);
  request.header_count = static_cast<std::uint32_t>(headers.size());
  request.param_count = static_cast<std::uint32_t>(params.size());
  request.headers = headers.data();
  request.params = params.data();
  request.body = bytes(asked.body);
  AnswerSink sink;
  const Call call(services.calls, asked.context);
  const auto done = instance.call([&](intray_error* error) {
    return handler.handle(handler.user, call.raw(), &request, sink.raw(), error);
  });
  if (!done) return fail(done.error());
  return sink.take();
}

intray_status INTRAY_CC add_route(const intray_host* host, const intray_http_route* route,
                                  const intray_http_handler* handler, std::uint64_t* out_route,
                                  intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (route == nullptr || handler == nullptr || out_route == nullptr ||
        !INTRAY_HAS(route, intray_http_route, max_body) ||
        !INTRAY_HAS_FN(handler, intray_http_handler, handle)) {
      return fail(INTRAY_E_INVALID, "the route or its handler is missing or too small");
    }
    const auto added = tables.add_route(*route, *handler);
    if (!added) return fail(added.error());
    *out_route = *added;
    return {};
  });
}

void INTRAY_CC remove_route(const intray_host* host, std::uint64_t route) noexcept {
  (void)serve(host, nullptr, [&](HostTables& tables) -> Result<void> {
    tables.remove_route(route);
    return {};
  });
}

}  // namespace

Result<PluginRoute> HostTables::checked_route(const intray_http_route& route) const {
  const auto method = bounded(route.method, 8);
  const auto path = bounded(route.path_template, kPathBytesMax);
  const auto permission = bounded(route.permission, kPermissionBytesMax);
  if (route.flags != 0 || !method || !is_method(*method) || !path || path->empty() ||
      path->front() != '/' || route.max_body > kBodyBytesMax) {
    return fail(INTRAY_E_INVALID,
                "a route needs a method, an absolute path, no flags, and a body "
                "of at most 16 MiB");
  }
  if (!permission || !security::is_permission(*permission) || security::is_open(*permission)) {
    return fail(INTRAY_E_INVALID, "route " + *path + " asks for no permission that anybody holds");
  }
  if (std::none_of(prefixes_.begin(), prefixes_.end(),
                   [&](const std::string& prefix) { return is_inside(*path, prefix); })) {
    return fail(INTRAY_E_DENIED, "policy grants plugin " + info_.id + " no routes at " + *path);
  }
  return PluginRoute{
      info_.id,
      *method,
      *path,
      *permission,
      route.max_body == 0 ? kBodyBytesDefault : static_cast<std::size_t>(route.max_body),
      {}};
}

Result<std::uint64_t> HostTables::add_route(const intray_http_route& given,
                                            const intray_http_handler& handler) {
  auto route = checked_route(given);
  if (!route) return fail(route.error());
  const auto instance = services_.instance(info_.id);
  if (instance == nullptr || instance->state() != State::kRunning) {
    return fail(INTRAY_E_BAD_STATE, "routes are added in start() and later");
  }
  auto gate = std::make_shared<Gate>();
  route->handle = [gate, &services = services_, instance = instance.get(),
                   handler](const PluginRequest& request) -> Result<PluginAnswer> {
    const Passage inside(*gate);
    if (!inside) return fail(INTRAY_E_UNAVAILABLE, "the route was removed");
    return answer(services, *instance, handler, request);
  };
  if (auto added = services_.routes.add(*route); !added) return fail(added.error());
  const std::lock_guard lock(routes_mutex_);
  routes_.emplace(++last_route_, Added{std::move(*route), std::move(gate)});
  return last_route_;
}

void HostTables::remove_route(std::uint64_t number) {
  Added removed;
  {
    const std::lock_guard lock(routes_mutex_);
    const auto found = routes_.find(number);
    if (found == routes_.end()) return;
    removed = std::move(found->second);
    routes_.erase(found);
  }
  services_.routes.remove(removed.route);
  removed.gate->shut();
  removed.gate->wait_empty(std::chrono::steady_clock::time_point::max());
}

void HostTables::remove_all_routes() {
  for (;;) {
    std::uint64_t number = 0;
    {
      const std::lock_guard lock(routes_mutex_);
      if (routes_.empty()) return;
      number = routes_.begin()->first;
    }
    remove_route(number);
  }
}

const intray_host_http& http_table() {
  static const intray_host_http table = {sizeof table, 0, &add_route, &remove_route};
  return table;
}

}  // namespace intray::plugin
