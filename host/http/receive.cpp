// From bytes to a whole request: vetted, routed, authenticated and allowed before its body is read.
#include <algorithm>

#include "host/http/loop.hpp"
#include "host/http/serialize.hpp"

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
  auto vetted = vet(std::string_view(in).substr(0, end + 4));
  if (vetted.status != 0) return refuse(vetted.status, vetted.why);
  in.erase(0, end + 4);
  auto& pending = connection.pending.emplace();
  pending.started = now;
  pending.head = std::move(vetted.head);
  judge(connection, pending);
  const bool known = pending.found.route != nullptr;
  const auto limit = known ? pending.found.route->body_bytes_max : 64 * 1024;
  if (pending.head.content_length > limit) {
    return refuse(413, "the body is above the limit of this route");
  }
  // A large body that will be refused anyway is not waited for.
  if (pending.refusal && pending.head.content_length > in.size() + kHeadBytesMax) {
    answer(connection, *pending.refusal, true);
    return true;
  }
  constexpr std::size_t kSlowestBytesPerSecond = 64 * 1024;
  connection.deadline = now + shared_.options.request_time +
                        std::chrono::seconds(pending.head.content_length / kSlowestBytesPerSecond);
  return true;
}

// Who, where to, and whether it is allowed: before the body is read.
void Loop::judge(Connection& connection, PendingRequest& pending) const {
  auto& stats = shared_.stats;
  const auto& options = shared_.options.listeners[connection.listener];
  const bool is_unix = shared_.sockets[connection.listener].is_unix;
  const auto& head = pending.head;
  if (!is_unix &&
      std::find(shared_.hosts.begin(), shared_.hosts.end(), head.host) == shared_.hosts.end()) {
    const auto aliases = shared_.router.alias_hosts();
    if (std::find(aliases.begin(), aliases.end(), head.host) == aliases.end()) {
      ++stats.refused;
      pending.refusal = refusal(421, "this host does not answer for " + head.host);
      return;
    }
  }
  pending.found = shared_.router.find(options.kind, head.method, head.host, head.path);
  const auto& found = pending.found;
  if (found.status == 400) {
    ++stats.refused;
    pending.refusal = refusal(400, "a part of the path does not decode");
    return;
  }
  if (found.status == 404) {
    pending.refusal = refusal(404, "there is no " + head.path + " on this listener");
    return;
  }
  if (found.status == 405) {
    pending.refusal = refusal(405, head.path + " answers " + found.allow);
    pending.refusal->headers.emplace_back("Allow", found.allow);
    return;
  }
  const auto& permission = found.route->permission;
  pending.principal = shared_.options.authenticate(options.kind, head.bearer);
  if (security::permits(pending.principal.role, permission)) return;
  if (pending.principal.role == security::Role::kNobody) {
    ++stats.unauthenticated;
    pending.refusal =
        refusal(401, head.bearer.empty() ? "this needs a token: Authorization: Bearer ..."
                                         : "the token is unknown or was revoked");
  } else {
    pending.refusal =
        refusal(403, "a token of role " + std::string(security::role_name(pending.principal.role)) +
                         " may not do this: it needs " + permission);
  }
}

bool Loop::read_body(Connection& connection) {
  const auto size = connection.pending->head.content_length;
  if (connection.in.size() < size) return false;
  auto body = connection.in.substr(0, size);
  connection.in.erase(0, size);
  set_waiting(connection, false);
  ++shared_.stats.requests;
  const auto& pending = *connection.pending;
  if (pending.refusal) {
    answer(connection, *pending.refusal, pending.head.close);
  } else {
    handle(connection, std::move(body));
  }
  return true;
}

}  // namespace intray::http
