#include "host/store/housekeeping.hpp"

namespace intray::store {
namespace {

constexpr std::size_t kPurgedInABatch = 2000;

}  // namespace

Housekeeping::Housekeeping(Store& store, PresenceMarks& marks, HousekeepingOptions options)
    : store_(store), marks_(marks), options_(std::move(options)), thread_([this] { loop(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  flush();
}

void Housekeeping::loop() {
  using std::chrono::steady_clock;
  auto purge_at = steady_clock::now() + options_.purge_every;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, options_.flush_every, [this] { return stopping_; })) return;
    }
    flush();
    if (steady_clock::now() < purge_at) continue;
    purge();
    purge_at = steady_clock::now() + options_.purge_every;
  }
}

// A batch that is lost loses marks only: the next poll sets them again.
void Housekeeping::flush() {
  for (auto& batch : marks_.drain()) {
    const auto customer = batch.customer;
    const auto committed = store_.commit(std::move(batch));
    if (!committed && options_.complain) {
      options_.complain("cannot flush the last polls of " + customer + ": " +
                        committed.error().message);
    }
  }
}

void Housekeeping::purge() {
  purge_customer("");
  std::string after;
  for (;;) {
    std::vector<std::string> customers;
    {
      const auto snapshot = store_.snapshot();
      if (!snapshot) return;
      customers = snapshot->customers(after, kPageRowsMax);
    }
    for (const auto& customer : customers) purge_customer(customer);
    if (customers.size() < kPageRowsMax) return;
    after = customers.back();
  }
}

// One batch each time: what is left is taken the next time.
void Housekeeping::purge_customer(const std::string& customer) {
  Batch batch{customer, "host", {}};
  batch.operations.emplace_back(Purge{kPurgedInABatch});
  const auto committed = store_.commit(std::move(batch));
  if (!committed && options_.complain) {
    options_.complain("cannot purge old rows of '" + customer + "': " + committed.error().message);
  }
}

}  // namespace intray::store
