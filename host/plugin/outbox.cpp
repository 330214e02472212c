#include "host/plugin/outbox.hpp"

#include <algorithm>
#include <chrono>

namespace intray::plugin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook(50);  // between two looks at an empty outbox
constexpr milliseconds kFirstRetry(200);
constexpr milliseconds kLastRetry(5 * 60 * 1000);
constexpr milliseconds kHookTime(5000);
constexpr std::size_t kSideBySide = 8;
constexpr std::size_t kWaitingMax = 500;
constexpr std::size_t kPagesAtOnce = 20;

}  // namespace

OutboxLine::OutboxLine(Services& services, Hooks& hooks, std::string plugin_id,
                       std::uint64_t before)
    : services_(services), hooks_(hooks), plugin_id_(std::move(plugin_id)), before_(before) {
  thread_ = std::thread([this] { loop(); });
}

OutboxLine::~OutboxLine() { stop(); }

void OutboxLine::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void OutboxLine::loop() {
  auto retry = kFirstRetry;
  auto pause = milliseconds(0);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, pause, [this] { return stopping_; })) {
    lock.unlock();
    const auto outcome = round();
    lock.lock();
    pause = outcome == Round::kDelivered ? milliseconds(0)
            : outcome == Round::kIdle    ? kLook
                                         : retry;
    retry = outcome == Round::kFailed ? std::min(retry * 2, kLastRetry) : kFirstRetry;
  }
}

OutboxLine::Round OutboxLine::round() {
  if (!erase_told()) return Round::kFailed;
  for (std::size_t page = 0; page < kPagesAtOnce && refill(); ++page) {
  }
  const auto chosen = next_ones();
  return chosen.empty() ? Round::kIdle : deliver(chosen);
}

// Sequences become visible in their order, so none appears behind the last one read.
bool OutboxLine::refill() {
  if (waiting_.size() >= kWaitingMax) return false;
  const auto snapshot = services_.store.snapshot();
  if (!snapshot) return false;
  const auto rows = snapshot->outbox(read_up_to_, store::kPageRowsMax);
  for (const auto& row : rows) {
    read_up_to_ = row.sequence;
    const auto* service = services_.catalogue.find(row.service);
    if (service != nullptr && service->plugin_id == plugin_id_) {
      waiting_.push_back({row, row.sequence <= before_});
    }
  }
  return rows.size() == store::kPageRowsMax;
}

std::vector<std::size_t> OutboxLine::next_ones() const {
  std::set<std::string> devices;
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < waiting_.size() && chosen.size() < kSideBySide; ++i) {
    const auto& row = waiting_[i].row;
    if (devices.insert(row.customer + '\0' + row.device_id).second) chosen.push_back(i);
  }
  return chosen;
}

// What the hook is told about the device: of one that left, only who it was.
HookDevice OutboxLine::device_of(const store::OutboxRow& row) const {
  HookDevice found;
  found.device.device_id = row.device_id;
  found.device.customer = row.customer;
  const auto snapshot = services_.store.snapshot();
  if (!snapshot) return found;
  const auto customer = snapshot->customer(row.customer);
  if (auto device = customer.device(row.device_id)) {
    found.presence = services_.presence.read(row.device_id, customer.presence(row.device_id));
    found.device = std::move(*device);
  }
  return found;
}

OutboxLine::Round OutboxLine::deliver(const std::vector<std::size_t>& chosen) {
  const auto deadline = steady_clock::now() + kHookTime;
  std::vector<std::shared_ptr<Lane::Ticket>> tickets;
  for (const auto index : chosen) {
    const auto& [row, replay] = waiting_[index];
    CallContext context;
    context.customer = row.customer;
    context.sequence = row.sequence;
    context.replay = replay;
    context.deadline_mono_ns = mono_ns_of(deadline);
    tickets.push_back(hooks_.tell(plugin_id_, context, row, device_of(row)));
  }
  bool failed = false;
  std::vector<bool> done(waiting_.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto outcome = hooks_.lane(plugin_id_)->wait(tickets[i], deadline);
    auto& [row, replay] = waiting_[chosen[i]];
    replay = true;
    if (outcome) {
      told_.push_back(row.sequence);
      done[chosen[i]] = true;
      continue;
    }
    failed = true;
    services_.log(LogLevel::kWarn, plugin_id_,
                  "it could not be told that device " + row.device_id + " is " + row.kind +
                      " (service " + row.service + "): " + outcome.error().message);
  }
  std::size_t index = 0;
  std::erase_if(waiting_, [&](const Waiting&) { return done[index++]; });
  return erase_told() && !failed ? Round::kDelivered : Round::kFailed;
}

bool OutboxLine::erase_told() {
  if (told_.empty()) return true;
  store::Batch batch{"", "host", {}};
  for (const auto sequence : told_) batch.operations.emplace_back(store::EraseOutbox{sequence});
  if (!services_.store.commit(std::move(batch))) return false;
  told_.clear();
  return true;
}

Result<std::uint64_t> newest_outbox_row(const store::Store& store) {
  std::uint64_t newest = 0;
  for (;;) {
    const auto snapshot = store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    const auto rows = snapshot->outbox(newest, store::kPageRowsMax);
    if (!rows.empty()) newest = rows.back().sequence;
    if (rows.size() < store::kPageRowsMax) return newest;
  }
}

}  // namespace intray::plugin
