// On whose behalf one call into a plugin runs.
#pragma once

#include <intray/abi.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace intray::plugin {

/// The host's side of an intray_call.
struct CallContext {
  std::string principal = "host";
  std::string customer;   // of the principal; empty = an operator, or the host itself
  std::string device_id;  // of a device
  std::string trace_id;
  std::string idempotency_key;             // empty = none
  std::array<unsigned char, 32> digest{};  // of the request, with the key
  std::uint64_t sequence = 0;              // of an event
  bool replay = false;                     // the event may have been delivered before
  std::int64_t deadline_mono_ns = 0;       // 0 = none
};

/// The calls that run now. A plugin hands an intray_call back as it likes, so what it holds is
/// looked up here by its number and never followed. Any thread.
class Calls {
 public:
  /// The context of a call that runs; nullptr when a plugin made it up, or kept it for too long.
  std::shared_ptr<const CallContext> find(const intray_call* call) const;

 private:
  friend class Call;
  std::uint64_t add(std::shared_ptr<const CallContext> context);
  void remove(std::uint64_t number);

  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<const CallContext>> running_;
};

/// The C view of a call, from now to its end. `calls` must outlive it.
class Call {
 public:
  Call(Calls& calls, CallContext context);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  const intray_call* raw() const { return &call_; }

 private:
  Calls& calls_;
  std::shared_ptr<const CallContext> context_;
  std::uint64_t number_;
  intray_call call_{};
};

/// CLOCK_MONOTONIC, the clock of deadlines.
std::int64_t mono_ns();
std::int64_t mono_ns_of(std::chrono::steady_clock::time_point time);

}  // namespace intray::plugin
