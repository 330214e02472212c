// Which route answers a request: exact segments of the raw path, one table for each listener.
#pragma once

#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/route.hpp"

namespace intray::http {

/// What the router found. `route` is empty when status is not 200.
struct Found {
  int status = 404;  // 200, 400 (a parameter does not decode), 404 or 405
  std::shared_ptr<const Route> route;
  Fields params;      // decoded
  std::string allow;  // on 405: "GET, POST"
};

/// Any thread may call any function.
class Router {
 public:
  /// INTRAY_E_INVALID   a malformed template, an unknown permission or listener.
  /// INTRAY_E_CONFLICT  another route answers the same requests.
  Result<void> add(Route route);
  void remove(std::string_view method, std::string_view path, Listener listener);

  /// A path of this host on the devices' listener that leads to another (FIG. 6: a service's own
  /// registration URL).
  void alias(std::string host, std::string path, std::string target);
  /// Hosts of all aliases.
  std::vector<std::string> alias_hosts() const;

  Found find(Listener listener, std::string_view method, std::string_view host,
             std::string_view path) const;

  /// All routes, for the permission matrix and the comparison with openapi.yaml.
  std::vector<std::shared_ptr<const Route>> routes() const;

 private:
  struct Entry {
    bool matches(std::string_view path) const;

    std::shared_ptr<const Route> route;
    std::vector<std::string> segments;  // "{id}" stands for a parameter
    std::size_t literals;               // how many stand for themselves
    std::optional<Listener> listener;   // nothing = all
  };
  struct Alias {
    std::string host, path, target;
  };

  mutable std::shared_mutex mutex_;
  std::vector<Entry> entries_;
  std::vector<Alias> aliases_;
};

/// The listener that a permission's first word names; nothing for "any.": all of them.
/// INTRAY_E_INVALID when it names none.
Result<std::optional<Listener>> listener_of(std::string_view permission);

}  // namespace intray::http
