// Telling one plugin what was committed: device_registered and device_stopped, at least once, in
// order for each device.
//
// Each plugin has a thread of its own here, so one that fails or hangs holds up no other. A row is
// erased after its hook succeeded: a crash in between repeats the call, marked INTRAY_CALL_REPLAY,
// as is every row that was there already when this process began.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/plugin/hooks.hpp"

namespace intray::plugin {

class OutboxLine {
 public:
  /// Starts at once. Both references must outlive it; hooks must know the plugin. Rows up to
  /// `before` were there when the process began.
  OutboxLine(Services& services, Hooks& hooks, std::string plugin_id, std::uint64_t before);
  ~OutboxLine();  // stop()
  OutboxLine(const OutboxLine&) = delete;
  OutboxLine& operator=(const OutboxLine&) = delete;

  /// Waits for the calls that run, until their lane is closed.
  void stop();

 private:
  struct Waiting {
    store::OutboxRow row;
    bool replay = false;
  };
  enum class Round { kIdle, kDelivered, kFailed };

  void loop();
  Round round();
  /// Takes rows of this plugin from the store, at most a page; whether there may be more.
  bool refill();
  /// The first row of each device, as many as are told side by side.
  std::vector<std::size_t> next_ones() const;
  HookDevice device_of(const store::OutboxRow& row) const;
  Round deliver(const std::vector<std::size_t>& chosen);
  /// Erases what was told. What cannot be erased now is tried again.
  bool erase_told();

  Services& services_;
  Hooks& hooks_;
  const std::string plugin_id_;
  const std::uint64_t before_;       // sequence
  std::uint64_t read_up_to_ = 0;     // sequence
  std::deque<Waiting> waiting_;      // in order
  std::vector<std::uint64_t> told_;  // to be erased

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// The highest sequence in the outbox; 0 = it is empty.
Result<std::uint64_t> newest_outbox_row(const store::Store& store);

}  // namespace intray::plugin
