#include "host/http/router.hpp"

#include <algorithm>
#include <cctype>
#include <mutex>

#include "host/http/vet.hpp"

namespace intray::http {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_param(const std::string& segment) { return !segment.empty() && segment.front() == '{'; }

bool well_formed(const std::vector<std::string>& segments) {
  return std::all_of(segments.begin(), segments.end(), [](const std::string& segment) {
    if (segment.find_first_of("{}") == std::string::npos) return true;
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}' &&
           segment.find_first_of("{}", 1) == segment.size() - 1;
  });
}

// Two templates meet when some path matches both: literal segments may not tell them apart.
bool meet(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (is_param(a[i]) != is_param(b[i])) return false;
    if (!is_param(a[i]) && a[i] != b[i]) return false;
  }
  return true;
}

bool same_listener(std::optional<Listener> a, std::optional<Listener> b) {
  return !a || !b || *a == *b;
}

std::size_t literals_of(const std::vector<std::string>& segments) {
  return static_cast<std::size_t>(
      std::count_if(segments.begin(), segments.end(), [](const auto& s) { return !is_param(s); }));
}

}  // namespace

Result<std::optional<Listener>> listener_of(std::string_view permission) {
  const auto word = permission.substr(0, permission.find('.'));
  if (!security::is_permission(permission)) {
    return fail(INTRAY_E_INVALID, "there is no permission '" + std::string(permission) + "'");
  }
  if (word == "device") return std::optional(Listener::kDevice);
  if (word == "customer") return std::optional(Listener::kCustomer);
  if (word == "operator") return std::optional(Listener::kOperator);
  if (word == "metrics") return std::optional(Listener::kMetrics);
  return std::optional<Listener>();
}

// This runs for every request and route: without splitting the path, and most paths differ in size.
bool Router::Entry::matches(std::string_view path) const {
  if (literals == segments.size()) return path == route->path;
  std::size_t at = 1;
  for (const auto& segment : segments) {
    if (at > path.size()) return false;
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    if (is_param(segment) ? part.empty() : segment != part) return false;
    at = end + 1;
  }
  return at > path.size();
}

Result<void> Router::add(Route route) {
  const auto listener = listener_of(route.permission);
  if (!listener) return fail(listener.error());
  if (route.path.empty() || route.path[0] != '/') {
    return fail(INTRAY_E_INVALID, "the route template '" + route.path + "' does not start with /");
  }
  auto segments = split(route.path);
  const auto literals = literals_of(segments);
  Entry entry{nullptr, std::move(segments), literals, *listener};
  if (!well_formed(entry.segments)) {
    return fail(INTRAY_E_INVALID, "the route template '" + route.path +
                                      "' is malformed: a name "
                                      "in braces stands for one whole segment");
  }
  const std::unique_lock lock(mutex_);
  for (const auto& other : entries_) {
    if (other.route->method == route.method && same_listener(other.listener, entry.listener) &&
        meet(other.segments, entry.segments)) {
      return fail(INTRAY_E_CONFLICT,
                  route.method + " " + route.path + " is answered already by " + other.route->path);
    }
  }
  entry.route = std::make_shared<const Route>(std::move(route));
  entries_.push_back(std::move(entry));
  return {};
}

void Router::remove(std::string_view method, std::string_view path, Listener listener) {
  const std::unique_lock lock(mutex_);
  const auto gone = std::remove_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.route->method == method && entry.route->path == path &&
           same_listener(entry.listener, listener);
  });
  entries_.erase(gone, entries_.end());
}

void Router::alias(std::string host, std::string path, std::string target) {
  for (auto& c : host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::unique_lock lock(mutex_);
  aliases_.push_back({std::move(host), std::move(path), std::move(target)});
}

std::vector<std::string> Router::alias_hosts() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> hosts;
  for (const auto& alias : aliases_) hosts.push_back(alias.host);
  return hosts;
}

Found Router::find(Listener listener, std::string_view method, std::string_view host,
                   std::string_view path) const {
  const std::shared_lock lock(mutex_);
  if (listener == Listener::kDevice) {
    for (const auto& alias : aliases_) {
      if (alias.host == host && alias.path == path) path = alias.target;
    }
  }
  const Entry* best = nullptr;  // /v1/operator/store/check before /v1/operator/store/{x}
  Found found;
  for (const auto& entry : entries_) {
    if (!same_listener(entry.listener, listener) || !entry.matches(path)) continue;
    if (entry.route->method != method) {
      found.status = 405;
      if (found.allow.find(entry.route->method) == std::string::npos) {
        found.allow += (found.allow.empty() ? "" : ", ") + entry.route->method;
      }
    } else if (best == nullptr || entry.literals > best->literals) {
      best = &entry;
    }
  }
  if (best == nullptr) return found;
  found.status = 200;
  found.route = best->route;
  if (best->literals == best->segments.size()) return found;
  const auto segments = split(path);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto& name = best->segments[i];
    if (!is_param(name)) continue;
    std::string value;
    if (!percent_decode(segments[i], value)) return {400, nullptr, {}, {}};
    found.params.emplace_back(name.substr(1, name.size() - 2), std::move(value));
  }
  return found;
}

std::vector<std::shared_ptr<const Route>> Router::routes() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const Route>> routes;
  for (const auto& entry : entries_) routes.push_back(entry.route);
  return routes;
}

}  // namespace intray::http
