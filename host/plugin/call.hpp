// On whose behalf one call into a plugin runs.
#pragma once

#include <intray/abi.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace intray::plugin {

/// The host's side of an intray_call. Copied when a commit outlives the call.
struct CallContext {
  std::string principal = "host";
  std::string customer;   // of the principal; empty = an operator, or the host itself
  std::string device_id;  // of a device
  std::string trace_id;
  std::string idempotency_key;             // empty = none
  std::array<unsigned char, 32> digest{};  // of the request, with the key
  std::uint64_t sequence = 0;              // of an event
  std::int64_t deadline_mono_ns = 0;
};

/// The C view of a context, which must outlive it. Not copied: it points into the context.
class Call {
 public:
  explicit Call(const CallContext& context);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  const intray_call* raw() const { return &call_; }

 private:
  intray_call call_{};
};

/// The context behind a call that this host made; nullptr when a plugin made it up.
const CallContext* context_of(const intray_call* call);

std::int64_t mono_ns();

}  // namespace intray::plugin
