#include "host/plugin/lane.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace intray::plugin {

namespace {
constexpr std::size_t kWaitingMax = 1024;
}  // namespace

struct Lane::Ticket {
  Job job;
  std::optional<Result<void>> outcome;
  bool running = false;
  bool late = false;  // nobody waits for it any more
};

struct Lane::State {
  std::mutex mutex;
  std::condition_variable wake;   // there is a job, or the lane is closed
  std::condition_variable ended;  // a job has ended, or the lane is closed
  std::deque<std::shared_ptr<Ticket>> waiting;
  std::size_t threads = 0;  // alive
  std::size_t idle = 0;
  std::size_t late = 0;
  bool closed = false;
};

Lane::Lane(std::size_t threads) : state_(std::make_shared<State>()), threads_(threads) {}

Lane::~Lane() { close(std::chrono::steady_clock::now()); }

void Lane::work(const std::shared_ptr<State>& state) {
  std::unique_lock lock(state->mutex);
  for (;;) {
    ++state->idle;
    state->wake.wait(lock, [&] { return state->closed || !state->waiting.empty(); });
    --state->idle;
    if (state->waiting.empty()) break;
    const auto ticket = std::move(state->waiting.front());
    state->waiting.pop_front();
    if (ticket->late) continue;
    ticket->running = true;
    lock.unlock();
    auto outcome = ticket->job();
    ticket->job = nullptr;
    lock.lock();
    if (ticket->late) --state->late;
    ticket->outcome = std::move(outcome);
    state->ended.notify_all();
  }
  --state->threads;
  state->ended.notify_all();
}

std::shared_ptr<Lane::Ticket> Lane::start(Job job) {
  auto ticket = std::make_shared<Ticket>();
  ticket->job = std::move(job);
  const std::lock_guard lock(state_->mutex);
  if (state_->closed || state_->late >= threads_ || state_->waiting.size() >= kWaitingMax) {
    ticket->outcome = Result<void>(
        fail(INTRAY_E_UNAVAILABLE, state_->closed ? "the plugin is stopped"
                                   : state_->late >= threads_
                                       ? "all calls that the plugin was made have not come back yet"
                                       : "too many calls wait for the plugin"));
    return ticket;
  }
  state_->waiting.push_back(ticket);
  if (state_->idle < state_->waiting.size() && state_->threads < threads_) {
    // Detached: what it uses is in the state that it shares. close() waits for it.
    std::thread([state = state_] { work(state); }).detach();
    ++state_->threads;
  }
  state_->wake.notify_one();
  return ticket;
}

Result<void> Lane::wait(const std::shared_ptr<Ticket>& ticket, Deadline deadline) {
  std::unique_lock lock(state_->mutex);
  const auto over = [&] { return ticket->outcome || state_->closed; };
  state_->ended.wait_until(lock, deadline, over);
  if (ticket->outcome) return *ticket->outcome;
  ticket->late = true;
  if (ticket->running) ++state_->late;
  return fail(INTRAY_E_UNAVAILABLE,
              state_->closed ? "the plugin is being stopped" : "the plugin did not answer in time");
}

std::size_t Lane::late() const {
  const std::lock_guard lock(state_->mutex);
  return state_->late;
}

bool Lane::close(Deadline deadline) {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->waiting.clear();
  state_->wake.notify_all();
  state_->ended.notify_all();
  return state_->ended.wait_until(lock, deadline, [this] { return state_->threads == 0; });
}

}  // namespace intray::plugin
