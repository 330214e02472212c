#include "host/plugin/worker_pool.hpp"

namespace intray::plugin {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_max) : queue_max_(queue_max) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkerPool::post(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || jobs_.size() >= queue_max_) return false;
  jobs_.push_back(std::move(job));
  wake_one();
  return true;
}

// One thread is called at a time, and calls the next itself when more waits: a burst of short jobs
// is done by the few that come, not by as many switches of threads as it has jobs. Under the lock:
// the job may be the last thing that its pool waited for.
void WorkerPool::wake_one() {
  if (waking_ || idle_ == 0 || jobs_.empty()) return;
  waking_ = true;
  wake_.notify_one();
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

void WorkerPool::work() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      while (jobs_.empty() && !stopping_) {
        ++idle_;
        wake_.wait(lock);
        --idle_;
        waking_ = false;
      }
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      wake_one();
    }
    job();
  }
}

}  // namespace intray::plugin
