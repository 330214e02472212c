#include "host/plugin/call.hpp"

#include "intray/crossing.hpp"

namespace intray::plugin {

std::int64_t mono_ns() { return mono_ns_of(std::chrono::steady_clock::now()); }

std::int64_t mono_ns_of(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::uint64_t Calls::add(std::shared_ptr<const CallContext> context) {
  const std::lock_guard lock(mutex_);
  running_.emplace(++last_, std::move(context));
  return last_;
}

void Calls::remove(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  running_.erase(number);
}

std::shared_ptr<const CallContext> Calls::find(const intray_call* call) const {
  if (call == nullptr || !INTRAY_HAS(call, intray_call, is_cancelled)) return nullptr;
  const std::lock_guard lock(mutex_);
  const auto found = running_.find(reinterpret_cast<std::uintptr_t>(call->impl));
  return found == running_.end() ? nullptr : found->second;
}

Call::Call(Calls& calls, CallContext context)
    : calls_(calls),
      context_(std::make_shared<const CallContext>(std::move(context))),
      number_(calls_.add(context_)) {
  call_.struct_size = sizeof call_;
  call_.flags = context_->replay ? INTRAY_CALL_REPLAY : 0;
  call_.deadline_mono_ns = context_->deadline_mono_ns;
  call_.sequence = context_->sequence;
  call_.trace_id = str(context_->trace_id);
  call_.principal = str(context_->principal);
  call_.customer_id = str(context_->customer);
  call_.impl = reinterpret_cast<void*>(static_cast<std::uintptr_t>(number_));
  call_.is_cancelled = [](const intray_call* call) noexcept -> std::uint32_t {
    return call->deadline_mono_ns != 0 && mono_ns() > call->deadline_mono_ns ? 1 : 0;
  };
}

Call::~Call() { calls_.remove(number_); }

}  // namespace intray::plugin
