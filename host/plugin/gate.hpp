// A door that can be closed while many are inside: routes, and the host as a plugin sees it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace intray::plugin {

class Gate {
 public:
  /// False when it is closed. Each true needs one leave().
  bool enter();
  void leave();
  /// Nobody comes in any more.
  void shut();
  /// Waits until nobody is inside; false when somebody still is at the deadline.
  bool wait_empty(std::chrono::steady_clock::time_point deadline);
  std::size_t inside() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable empty_;
  std::size_t inside_ = 0;
  bool shut_ = false;
};

/// Inside for the life of a scope, if the gate let it in.
class Passage {
 public:
  explicit Passage(Gate& gate) : gate_(gate), inside_(gate.enter()) {}
  ~Passage() {
    if (inside_) gate_.leave();
  }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  explicit operator bool() const { return inside_; }

 private:
  Gate& gate_;
  bool inside_;
};

}  // namespace intray::plugin
