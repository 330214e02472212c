// Durable timers: a thread watches for those that are due, workers call their owners. What an owner
// adds is committed together with the timer's end, so a crash in between only repeats the call.
//
// A timer whose owner fails is moved, durably, less and less near: it does not stand in the way of
// others, and stays at least what it was after a restart.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/plugin/extend.hpp"

namespace intray::plugin {

class TimerPump {
 public:
  explicit TimerPump(Services& services) : services_(services) {}
  ~TimerPump();  // stop(now)
  TimerPump(const TimerPump&) = delete;
  TimerPump& operator=(const TimerPump&) = delete;

  /// See PluginHost::on_host_timer. Before start().
  void on_host_timer(std::string prefix, PluginHost::HostTimer handler);
  void start();
  /// No timer begins after this. False when one still runs at the deadline; it commits nothing
  /// then.
  bool stop(std::chrono::steady_clock::time_point deadline);

 private:
  void loop();
  /// Hands what is due to the workers; when to look again.
  std::chrono::milliseconds look();
  void run(const store::Timer& timer);
  Result<void> consume(const store::Timer& timer, const CallContext& context);
  Result<Operations> ask(const store::Timer& timer, const CallContext& context);
  Result<Operations> ask_host(const store::Timer& timer) const;
  Result<Operations> ask_plugin(const store::Timer& timer, const CallContext& context);
  void postpone(const store::Timer& timer, const CallContext& context, const Error& why);
  bool is_stopping() const;

  Services& services_;
  std::vector<std::pair<std::string, PluginHost::HostTimer>> host_timers_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;  // one has ended, or stopping
  bool stopping_ = false;
  std::set<std::string> running_;                // names, see name_of
  std::map<std::string, std::uint32_t> failed_;  // how often in a row
  std::thread thread_;
};

}  // namespace intray::plugin
