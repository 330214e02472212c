// From bytes to a whole request: vetted, routed, authenticated and allowed before its body is read.
#include <algorithm>

#include "host/http/loop.hpp"
#include "host/http/serialize.hpp"
#include "host/http/vet.hpp"

namespace intray::http {

using std::chrono::steady_clock;

bool Loop::read_head(Connection& connection) {
  auto& in = connection.in;
  if (in.empty()) return false;
  const auto now = steady_clock::now();
  if (!connection.head_begun) {
    connection.head_begun = true;
    connection.deadline = now + shared_.options.head_time;
  }
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos && in.size() <= kHeadBytesMax) return false;
  const auto refuse = [&](int status, const char* why) {
    ++shared_.stats.refused;
    answer(connection, refusal(status, why), true);
    return true;
  };
  if (end == std::string::npos || end + 4 > kHeadBytesMax) {
    return refuse(431, "the head of the request is above 16 KiB");
  }
  auto& pending = connection.pending.emplace();
  auto& request = pending.task.request;
  pending.task.listener = shared_.options.listeners[connection.listener].kind;
  pending.task.started = now;
  const auto vetted = vet(std::string_view(in).substr(0, end + 4), request);
  if (vetted.status != 0) return refuse(vetted.status, vetted.why);
  pending.refusal = judge(connection, pending.task);
  request.bearer = {};
  in.erase(0, end + 4);
  const auto size = request.content_length;
  const auto limit = pending.task.route ? pending.task.route->body_bytes_max : kBodyBytesMax;
  if (size > limit) return refuse(413, "the body is above the limit of this route");
  // A large body that will be refused anyway is not waited for.
  if (pending.refusal && size > in.size() + kHeadBytesMax) {
    answer(connection, *pending.refusal, true);
    return true;
  }
  constexpr std::size_t kSlowestBytesPerSecond = 64 * 1024;
  connection.deadline =
      now + shared_.options.request_time + std::chrono::seconds(size / kSlowestBytesPerSecond);
  return true;
}

// Who, where to, and whether it is allowed: before the body is read. Nothing = it is.
std::optional<Response> Loop::judge(const Connection& connection, Task& task) {
  const auto& host = task.request.host;
  if (!shared_.sockets[connection.listener].is_unix && !is_ours(host)) {
    ++shared_.stats.refused;
    return refusal(421, "this host does not answer for " + host);
  }
  auto refused = find_route(task);
  return refused ? std::move(refused) : admit(task);
}

bool Loop::is_ours(std::string_view host) const {
  const auto among = [host](const auto& hosts) {
    return std::find(hosts.begin(), hosts.end(), host) != hosts.end();
  };
  return among(shared_.hosts) || among(shared_.router.alias_hosts());
}

std::optional<Response> Loop::find_route(Task& task) {
  auto& request = task.request;
  auto found = shared_.router.find(task.listener, request.method, request.host, request.path);
  if (found.status == 400) {
    ++shared_.stats.refused;
    return refusal(400, "a part of the path does not decode");
  }
  if (found.status == 404) {
    return refusal(404, "there is no " + request.path + " on this listener");
  }
  if (found.status == 405) {
    auto refused = refusal(405, request.path + " answers " + found.allow);
    refused.headers.emplace_back("Allow", found.allow);
    return refused;
  }
  task.route = std::move(found.route);
  request.path_params = std::move(found.params);
  return std::nullopt;
}

std::optional<Response> Loop::admit(Task& task) {
  const auto bearer = task.request.bearer;
  auto caller = shared_.options.authenticate(task.listener, bearer, window_);
  if (!caller) return problem(caller.error());
  auto& principal = task.request.principal;
  principal = std::move(*caller);
  const auto& permission = task.route->permission;
  if (security::permits(principal.role, permission)) return std::nullopt;
  if (principal.role == security::Role::kNobody) {
    ++shared_.stats.unauthenticated;
    return refusal(401, bearer.empty() ? "this needs a token: Authorization: Bearer ..."
                                       : "the token is unknown or was revoked");
  }
  return refusal(403, "a token of role " + std::string(security::role_name(principal.role)) +
                          " may not do this: it needs " + permission);
}

bool Loop::read_body(Connection& connection) {
  auto& pending = *connection.pending;
  auto& request = pending.task.request;
  const auto size = request.content_length;
  if (connection.in.size() < size) return false;
  request.body = connection.in.substr(0, size);
  connection.in.erase(0, size);
  set_waiting(connection, false);
  ++shared_.stats.requests;
  if (pending.refusal) {
    answer(connection, *pending.refusal, request.close);
  } else {
    handle(connection);
  }
  return true;
}

}  // namespace intray::http
