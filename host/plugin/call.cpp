#include "host/plugin/call.hpp"

#include <chrono>

#include "intray/crossing.hpp"

namespace intray::plugin {

std::int64_t mono_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Call::Call(const CallContext& context) {
  call_.struct_size = sizeof call_;
  call_.flags = context.sequence == 0 ? 0 : INTRAY_CALL_REPLAY;
  call_.deadline_mono_ns = context.deadline_mono_ns;
  call_.sequence = context.sequence;
  call_.trace_id = str(context.trace_id);
  call_.principal = str(context.principal);
  call_.customer_id = str(context.customer);
  call_.impl = const_cast<CallContext*>(&context);
  call_.is_cancelled = [](const intray_call* call) noexcept -> std::uint32_t {
    return call->deadline_mono_ns != 0 && mono_ns() > call->deadline_mono_ns ? 1 : 0;
  };
}

const CallContext* context_of(const intray_call* call) {
  if (call == nullptr || !INTRAY_HAS(call, intray_call, is_cancelled)) return nullptr;
  return static_cast<const CallContext*>(call->impl);
}

}  // namespace intray::plugin
