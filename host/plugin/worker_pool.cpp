#include "host/plugin/worker_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

#include "host/store/round.hpp"

namespace intray::plugin {

// One thread is called at a time, and calls the next itself when more waits: a burst of short jobs
// is done by the few that come, not by as many switches of threads as it has jobs.
struct WorkerPool::State final : store::Sleeper {
  void wake() override {
    {
      const std::lock_guard lock(mutex);
      if (!needs_another()) return;
    }
    bell.notify_one();
  }
  // Under the lock; whoever hears yes rings.
  bool needs_another() {
    if (waking || idle == 0 || jobs.empty()) return false;
    waking = true;
    return true;
  }

  std::size_t queue_max = 0;
  std::mutex mutex;
  std::condition_variable bell;
  std::deque<std::function<void()>> jobs;
  std::size_t idle = 0;
  bool waking = false;  // a thread was called and has not come yet
  bool stopping = false;
};

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_max)
    : state_(std::make_shared<State>()) {
  state_->queue_max = queue_max;
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([state = state_.get()] { work(*state); });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->bell.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool WorkerPool::post(std::function<void()> job) {
  const auto state = state_;  // the job may end what waits to end this pool
  {
    const std::lock_guard lock(state->mutex);
    if (state->stopping || state->jobs.size() >= state->queue_max) return false;
    state->jobs.push_back(std::move(job));
  }
  store::Round::wake_at_end(state);
  return true;
}

std::size_t WorkerPool::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->jobs.size();
}

void WorkerPool::work(State& state) {
  for (;;) {
    std::function<void()> job;
    bool more = false;
    {
      std::unique_lock lock(state.mutex);
      while (state.jobs.empty() && !state.stopping) {
        ++state.idle;
        state.bell.wait(lock);
        --state.idle;
        state.waking = false;
      }
      if (state.jobs.empty()) return;
      job = std::move(state.jobs.front());
      state.jobs.pop_front();
      more = state.needs_another();
    }
    if (more) state.bell.notify_one();
    job();
  }
}

}  // namespace intray::plugin
