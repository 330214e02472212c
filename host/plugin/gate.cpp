#include "host/plugin/gate.hpp"

#include <cassert>

namespace intray::plugin {

bool Gate::enter() {
  const std::lock_guard lock(mutex_);
  if (shut_) return false;
  ++inside_;
  return true;
}

void Gate::leave() {
  const std::lock_guard lock(mutex_);
  assert(inside_ > 0);
  if (--inside_ == 0) empty_.notify_all();
}

void Gate::shut() {
  const std::lock_guard lock(mutex_);
  shut_ = true;
}

bool Gate::wait_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto empty = [this] { return inside_ == 0; };
  if (deadline != std::chrono::steady_clock::time_point::max()) {
    return empty_.wait_until(lock, deadline, empty);
  }
  empty_.wait(lock, empty);
  return true;
}

std::size_t Gate::inside() const {
  const std::lock_guard lock(mutex_);
  return inside_;
}

}  // namespace intray::plugin
