// Threads for handlers that may block, behind a bounded queue.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace intray::plugin {

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue_max);
  ~WorkerPool();  // runs what is queued, then joins
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when the queue is full. Any thread.
  bool post(std::function<void()> job);
  /// Jobs that wait.
  std::size_t waiting() const;

 private:
  void work();

  void wake_one();

  std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::size_t idle_ = 0;
  bool waking_ = false;  // a thread was called and has not come yet
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace intray::plugin
