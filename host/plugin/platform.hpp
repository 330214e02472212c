// What the tables of host functions stand on: built once by main, used by every plugin's tables.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/plugin/call.hpp"
#include "host/plugin/catalogue.hpp"
#include "host/plugin/worker_pool.hpp"
#include "host/security/codes.hpp"
#include "host/store/presence.hpp"
#include "host/store/store.hpp"

namespace intray::plugin {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// One request to a plugin's route. The customer and principal are in the context.
struct PluginRequest {
  CallContext context;
  std::string method, path, query, remote;
  Pairs headers, params;
  std::string body;
};

struct PluginAnswer {
  int status = 200;
  Pairs headers;  // Content-Type among them, if the plugin gave one
  std::string body;
};

/// A route that a plugin added; the http part wraps it into one of its own.
struct PluginRoute {
  std::string plugin_id, method, path, permission;
  std::size_t body_bytes_max = 0;
  std::function<Result<PluginAnswer>(const PluginRequest&)> handle;  // [worker]
};

/// How the http part takes routes. Any thread.
struct RouteTable {
  std::function<Result<void>(const PluginRoute&)> add;
  std::function<void(const PluginRoute&)> remove;
};

enum class LogLevel { kDebug, kInfo, kWarn, kError };
/// Must not block.
using LogSink =
    std::function<void(LogLevel, const std::string& plugin_id, const std::string& line)>;

class Instance;

/// Everything that the tables reach.
struct Services {
  store::Store& store;
  store::PresenceMarks& presence;
  security::Secret code_key;
  RouteTable routes;
  LogSink log;
  WorkerPool& pool;
  Catalogue catalogue;
  std::function<Instance*(const std::string& plugin_id)> instance;

  std::mutex judging;  // wrong tries are counted one after another

  // Snapshots that a plugin may name while it is being checked.
  std::mutex snapshots_mutex;
  std::map<std::uint64_t, const store::Snapshot*> snapshots;
};

}  // namespace intray::plugin
