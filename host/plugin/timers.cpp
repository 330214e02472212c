#include "host/plugin/timers.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "intray/crossing.hpp"

namespace intray::plugin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook(100);
constexpr int kAttemptsMax = 8;
constexpr std::size_t kRunningMax = 64;
constexpr std::size_t kFailedMax = 10'000;  // names remembered
constexpr store::UnixNs kFirstRetryNs = store::kSecondNs;
constexpr store::UnixNs kLastRetryNs = 300 * store::kSecondNs;
constexpr std::chrono::seconds kCallTime(30);
constexpr std::string_view kHost = "host";

std::string name_of(const store::Timer& timer) {
  return timer.owner + '\0' + timer.customer + '\0' + timer.name;
}

}  // namespace

TimerPump::~TimerPump() { stop(steady_clock::now()); }

void TimerPump::on_host_timer(std::string prefix, PluginHost::HostTimer handler) {
  host_timers_.emplace_back(std::move(prefix), std::move(handler));
}

void TimerPump::start() {
  thread_ = std::thread([this] { loop(); });
}

bool TimerPump::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool TimerPump::stop(steady_clock::time_point deadline) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  return wake_.wait_until(lock, deadline, [this] { return running_.empty(); });
}

void TimerPump::loop() {
  for (;;) {
    const auto pause = look();
    std::unique_lock lock(mutex_);
    const auto before = running_.size();
    // Early when half of what runs has ended and more may be due.
    wake_.wait_for(lock, pause, [&] { return stopping_ || running_.size() * 2 < before; });
    if (stopping_) return;
  }
}

milliseconds TimerPump::look() {
  std::vector<store::Timer> due;
  milliseconds pause = kLook;
  {
    const auto snapshot = services_.store.snapshot();
    if (!snapshot) return kLook;
    const auto now = services_.store.now();
    const auto next = snapshot->next_timer();
    if (next > now) pause = std::min(kLook, milliseconds((next - now) / 1'000'000 + 1));
    if (next != 0 && next <= now) due = snapshot->timers_due(now, kRunningMax);
  }
  for (auto& timer : due) {
    const auto name = name_of(timer);
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || running_.size() >= kRunningMax || !running_.insert(name).second) continue;
    }
    const bool posted = services_.pool.post([this, timer, name] {
      run(timer);
      const std::lock_guard lock(mutex_);
      running_.erase(name);
      wake_.notify_all();
    });
    if (!posted) {
      const std::lock_guard lock(mutex_);
      running_.erase(name);
    }
  }
  return pause;
}

void TimerPump::run(const store::Timer& timer) {
  if (is_stopping()) return;
  CallContext context;
  context.principal = timer.owner == kHost ? std::string(kHost) : "plugin:" + timer.owner;
  context.customer = timer.customer;
  context.deadline_mono_ns = mono_ns_of(steady_clock::now() + kCallTime);
  const auto done = consume(timer, context);
  if (is_stopping()) return;
  if (!done) return postpone(timer, context, done.error());
  const std::lock_guard lock(mutex_);
  failed_.erase(name_of(timer));
}

// Taken off together with what its owner does then; once more with fresh rows when others were
// written meanwhile.
Result<void> TimerPump::consume(const store::Timer& timer, const CallContext& context) {
  for (int attempt = 1;; ++attempt) {
    auto added = ask(timer, context);
    if (is_stopping()) return fail(INTRAY_E_CANCELLED, "the host is being stopped");
    if (!added) return fail(added.error());
    store::Batch batch{timer.customer, context.principal, {}};
    batch.operations.emplace_back(store::ConsumeTimer{timer.owner, timer.name, timer.due});
    std::move(added->begin(), added->end(), std::back_inserter(batch.operations));
    const auto committed = services_.store.commit(std::move(batch));
    if (committed) return {};
    if (committed.error().status != INTRAY_E_CONFLICT || attempt == kAttemptsMax) {
      return fail(committed.error());
    }
  }
}

Result<Operations> TimerPump::ask(const store::Timer& timer, const CallContext& context) {
  return timer.owner == kHost ? ask_host(timer) : ask_plugin(timer, context);
}

Result<Operations> TimerPump::ask_host(const store::Timer& timer) const {
  for (const auto& [prefix, handler] : host_timers_) {
    if (timer.name.rfind(prefix, 0) == 0) return handler(timer.customer, timer.name);
  }
  return fail(INTRAY_E_NOT_FOUND, "the host knows no such timer");
}

Result<Operations> TimerPump::ask_plugin(const store::Timer& timer, const CallContext& context) {
  const auto owner = services_.instance(timer.owner);
  if (owner == nullptr || owner->timer_table() == nullptr) {
    return fail(INTRAY_E_UNAVAILABLE, "its plugin is not there, or has no timers");
  }
  const auto sender = sender_of(*owner);
  BatchSink batch(sender, context);
  const Call call(services_.calls, context);
  const auto done = owner->call([&](intray_error* error) {
    return owner->timer_table()->due(owner->raw(), call.raw(), str(timer.customer), str(timer.name),
                                     batch.raw(), error);
  });
  if (!done) return fail(done.error());
  return batch.take();
}

// A timer that was moved or cancelled meanwhile conflicts here, and that is the end of it.
void TimerPump::postpone(const store::Timer& timer, const CallContext& context, const Error& why) {
  std::uint32_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    if (failed_.size() >= kFailedMax) failed_.clear();
    before = failed_[name_of(timer)]++;
  }
  const auto delay = std::min(kFirstRetryNs << std::min(before, 10U), kLastRetryNs);
  const auto moved = services_.store.commit(
      {timer.customer,
       context.principal,
       {store::ConsumeTimer{timer.owner, timer.name, timer.due},
        store::SetTimer{timer.owner, timer.name, services_.store.now() + delay}}});
  if (!moved && moved.error().status == INTRAY_E_CONFLICT) return;
  services_.log(LogLevel::kWarn, timer.owner,
                "timer '" + timer.name + "' of customer '" + timer.customer +
                    "' is tried again in " + std::to_string(delay / store::kSecondNs) +
                    " s: " + why.message);
}

}  // namespace intray::plugin
