// Threads for handlers that may block, behind a bounded queue.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace intray::plugin {

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue_max);
  ~WorkerPool();  // runs what is queued, then joins
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue is full. Any thread; in a round (host/store/round.hpp) the job begins at
  /// its end at the latest.
  bool post(std::function<void()> job);
  /// Jobs that wait.
  std::size_t waiting() const;

 private:
  struct State;
  static void work(State& state);

  std::shared_ptr<State> state_;  // a job may be the last thing that its pool waited for
  std::vector<std::thread> threads_;
};

}  // namespace intray::plugin
