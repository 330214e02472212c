// The plugins of one daemon: loaded, started, called, stopped. main builds one; the http part and
// the importer ask it. Everything else of this folder stands behind it.
#pragma once

#include <intray/instructions.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/plugin/platform.hpp"

namespace intray::plugin {

struct HostOptions {
  std::filesystem::path directory;
  std::vector<std::string> platform_plugins;               // ids that may extend the host
  std::map<std::string, std::vector<std::string>> routes;  // path prefixes granted, by plugin id
  std::map<std::string, Pairs> config;                     // a plugin's own keys, by plugin id
  std::string public_device_url;
  std::uint64_t epoch = 1;
  security::Secret wake_key;                  // signs wake commands
  std::uint32_t polls_concurrent_max = 2000;  // that all wakes may make due within a second; >= 1
  std::size_t workers = 4;                    // threads for timers, hooks and done calls; >= 1
  bool only_check = false;  // for check() alone: no timer, no hook, no service is started
};

/// One plugin as an operator sees it. A library that could not be read has only file, state and
/// reason.
struct PluginStatus {
  std::string id, name, version;
  std::string kind;    // "service", "platform" or ""
  std::string file;    // path of its library
  std::string state;   // "loaded", "running", "stopped", "refused", "faulty"
  std::string reason;  // why it is refused or faulty; empty otherwise
  std::vector<std::string> services;
};

/// What a device said about one instruction.
struct Acknowledgement {
  std::uint32_t result = 0;  // INTRAY_ACK_*
  std::string reason;        // the device's words, 0..256 bytes
  std::int64_t retry_after_s = 0;
};

class PluginHost {
 public:
  /// store and presence must outlive it, and so must what the routes and the sink lead to.
  PluginHost(HostOptions options, store::Store& store, store::PresenceMarks& presence,
             security::Secret code_key, RouteTable routes, LogSink log);
  ~PluginHost();  // stop()
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  /// Loads, creates, initialises, builds the catalogue, starts; then starts timers and outbox.
  /// Once. A plugin that is refused is no error. INTRAY_E_NOT_FOUND  the directory is not there.
  /// INTRAY_E_DENIED     others may write the directory, or a library in it.
  Result<void> start();
  /// No timer, hook or acknowledgement begins after this; plugins are stopped. A hook or timer that
  /// does not come back by the deadline is left behind with all it uses, and finds no host any
  /// more. Requests to plugins' routes must have ended before. Repeating it has no effect.
  void stop(std::chrono::milliseconds deadline = std::chrono::seconds(5));

  /// Constant after start().
  const Catalogue& catalogue() const;
  /// In the order of their files. Any thread.
  std::vector<PluginStatus> plugins() const;

  /// A service's registration URL of its own (FIG. 6), for the front's aliases.
  struct OwnUrl {
    std::string host;  // as written, with a port if there is one
    std::string path;
    std::string service;
  };
  std::vector<OwnUrl> own_urls() const;

  /// What the owner of an instruction adds when a device acknowledges it, to be committed; nothing
  /// when there is nothing to do. When the commit is in conflict, ask again. Any thread but the
  /// writer's; may block.
  /// INTRAY_E_NOT_FOUND    no plugin owns the instruction's type.
  /// INTRAY_E_UNAVAILABLE  its owner is at fault.
  Result<std::vector<store::Operation>> acknowledge(const CallContext& context,
                                                    const store::Device& device,
                                                    const store::Mail& mail,
                                                    const Acknowledgement& acknowledgement);
  /// What every plugin adds when a device leaves (intray.inventory/1), to be committed with the
  /// removal. An error: the device must stay for now.
  Result<std::vector<store::Operation>> leaving(const CallContext& context,
                                                const store::Device& device);
  /// Broken invariants of the plugins' own rows, all customers, at most `limit` sentences; and one
  /// for each plugin that may extend the host but does not run: nobody can prove its rows.
  Result<std::vector<std::string>> check(const store::Snapshot& snapshot, std::size_t limit);

  /// Durable timers of owner "host" whose name starts with prefix. The operations that the handler
  /// returns are committed with the ConsumeTimer, in the timer's customer; an error, or a conflict,
  /// makes the timer come again. Runs on a worker, never twice at once for the same timer. Before
  /// start().
  using HostTimer = std::function<Result<std::vector<store::Operation>>(const std::string& customer,
                                                                        const std::string& name)>;
  void on_host_timer(std::string prefix, HostTimer handler);

  /// Hook calls that wait, rough (it stops counting at a page): for metrics.
  std::uint64_t outbox_waiting() const;
  /// The shares of polls that wakes hold: for metrics. Any thread.
  PollStats polls() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace intray::plugin
