// What the tables of host functions stand on: built once by main, used by every plugin's tables.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/plugin/call.hpp"
#include "host/plugin/catalogue.hpp"
#include "host/plugin/poll_ledger.hpp"
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
class Hooks;

/// Everything that the tables reach. Built before the first plugin, gone after the last.
struct Services {
  store::Store& store;
  store::PresenceMarks& presence;
  security::Secret code_key;
  security::Secret wake_key;
  PollLedger polls;
  std::uint64_t epoch;
  RouteTable routes;
  LogSink log;
  WorkerPool& pool;

  Calls calls;
  Catalogue catalogue;  // constant once platform plugins run
  Hooks* hooks = nullptr;
  std::map<std::string, std::shared_ptr<Instance>, std::less<>> instances;  // constant after start

  // Wrong tries of one (device, service) are counted one after another, of others side by side.
  std::array<std::mutex, 64> judging;

  // Snapshots that a plugin may name while it is being checked.
  std::mutex snapshots_mutex;
  std::uint64_t last_snapshot = 0;
  std::map<std::uint64_t, const store::Snapshot*> snapshots;

  /// nullptr when there is none of that id.
  std::shared_ptr<Instance> instance(std::string_view plugin_id) const {
    const auto found = instances.find(plugin_id);
    return found == instances.end() ? nullptr : found->second;
  }
};

}  // namespace intray::plugin
