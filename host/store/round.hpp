// A round: one thread tells many others something, one after the other. Whoever is woken by the
// first word takes the processor from the one who tells, and comes again for every word; woken
// once, at the end, it hears all of them.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace intray::store {

/// Sleeps until there is something for it.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  /// Any thread; quick. Once too often does no harm.
  virtual void wake() = 0;
};

/// On the stack of the thread that tells; one at a time.
class Round {
 public:
  Round() { current() = this; }
  ~Round() {
    end();
    current() = nullptr;
  }
  Round(const Round&) = delete;
  Round& operator=(const Round&) = delete;

  /// Wakes at the end of this thread's round, once; at once when it has none.
  static void wake_at_end(const std::shared_ptr<Sleeper>& sleeper) {
    if (current() == nullptr) return sleeper->wake();
    auto& sleepers = current()->sleepers_;
    if (std::find(sleepers.begin(), sleepers.end(), sleeper) == sleepers.end()) {
      sleepers.push_back(sleeper);
    }
  }

  /// The next one begins.
  void end() {
    for (const auto& sleeper : sleepers_) sleeper->wake();
    sleepers_.clear();
  }

 private:
  static Round*& current() {
    thread_local Round* round = nullptr;
    return round;
  }
  std::vector<std::shared_ptr<Sleeper>> sleepers_;
};

}  // namespace intray::store
