// The threads that call one plugin's hooks, and the deadline that its callers keep.
//
// A hook that hangs cannot be ended, so its caller leaves at the deadline and the thread stays with
// the plugin. When all threads of a lane are late, callers are refused at once until one is back: a
// plugin that hangs delays nobody but itself. A job owns everything it touches, because it may
// outlive whoever waited for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "intray/result.hpp"

namespace intray::plugin {

class Lane {
 public:
  using Job = std::function<Result<void>()>;
  using Deadline = std::chrono::steady_clock::time_point;
  struct Ticket;

  explicit Lane(std::size_t threads);
  ~Lane();  // close(now)
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// Queues a job; wait for it exactly once.
  std::shared_ptr<Ticket> start(Job job);
  /// INTRAY_E_UNAVAILABLE when it was late, refused, or the lane is closed; else what it returned.
  Result<void> wait(const std::shared_ptr<Ticket>& ticket, Deadline deadline);
  Result<void> run(Job job, Deadline deadline) { return wait(start(std::move(job)), deadline); }

  /// Calls that did not come back by their deadline, and have not since.
  std::size_t late() const;
  /// Refuses what waits. False when a job still runs at the deadline: its thread is left behind.
  bool close(Deadline deadline);

 private:
  struct State;
  static void work(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
  std::size_t threads_;
};

}  // namespace intray::plugin
