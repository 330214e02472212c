#include "host/store/writer.hpp"

#include <sys/statvfs.h>

#include <algorithm>

#include "host/store/apply.hpp"
#include "host/store/round.hpp"

namespace intray::store {
namespace {

constexpr std::size_t kGroupBatchesMax = 512;
constexpr std::size_t kGroupOperationsMax = 4000;
constexpr std::uint64_t kGrowthPercentMax = 90;
constexpr std::uint64_t kGroupsBetweenMeasures = 32;

std::uint64_t free_bytes_of(const std::filesystem::path& directory) {
  struct statvfs disk {};
  if (statvfs(directory.c_str(), &disk) != 0) return 0;
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

bool is_growth(const Batch& batch) {
  return batch.growth || std::any_of(batch.operations.begin(), batch.operations.end(),
                                     [](const Operation& operation) {
                                       return std::holds_alternative<Send>(operation);
                                     });
}

constexpr const char* kMakeRoom = "make room on the disk or raise store.map_bytes";

// LMDB says MAP_FULL for any write; to the sender it means "too much" only when the batch would
// grow the store. Everything else uses the reserve, and when even that is gone may try again later.
Error as_seen_by_sender(Error error, const Batch& batch) {
  if (error.status != INTRAY_E_FULL) return error;
  const auto status = is_growth(batch) ? INTRAY_E_FULL : INTRAY_E_BUSY;
  return {status, std::string("the store is full to its last page: ") + kMakeRoom};
}

}  // namespace

Writer::Writer(Environment& environment, const StoreOptions& options, Clock clock)
    : environment_(environment), options_(options), clock_(std::move(clock)) {
  if (!options_.read_only) thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Writer::commit_or_queue(Batch batch, Store::Done done) {
  bool idle = false;
  {
    const std::lock_guard lock(mutex_);
    idle = !busy_ && queue_.empty() && !stopping_ && !options_.read_only;
    if (idle) busy_ = true;
  }
  if (!idle) return commit_then(std::move(batch), std::move(done));
  Group group;
  group.push_back({std::move(batch), {}, {}});
  run(group);
  {
    const std::lock_guard lock(mutex_);
    busy_ = false;
  }
  wake_.notify_all();
  done(std::move(*group.front().outcome));
}

void Writer::commit_then(Batch batch, Store::Done done) {
  if (options_.read_only) {
    done(fail(INTRAY_E_BAD_STATE, "the store is open for reading only"));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push_back({std::move(batch), std::move(done), {}});
      done = nullptr;
    }
  }
  if (done) {
    done(fail(INTRAY_E_UNAVAILABLE, "the store is closing"));
    return;
  }
  wake_.notify_all();
}

Writer::Group Writer::take_group() {
  Group group;
  std::size_t operations = 0;
  while (!queue_.empty() && group.size() < kGroupBatchesMax && operations < kGroupOperationsMax) {
    operations += queue_.front().batch.operations.size();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void Writer::tell(Group& group) {
  Round round;
  for (auto& waiting : group) waiting.done(std::move(*waiting.outcome));
}

void Writer::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return !busy_ && (stopping_ || !queue_.empty()); });
    if (queue_.empty()) return;
    busy_ = true;
    lock.unlock();
    std::this_thread::yield();  // to those who are about to queue: they are in the group, too
    lock.lock();
    auto group = take_group();
    lock.unlock();
    run(group);
    tell(group);
    lock.lock();
    busy_ = false;
  }
}

bool Writer::grows_too_far(const Batch& batch) {
  if (!is_growth(batch)) return false;
  const auto env = environment_.get();
  if (!env) return false;
  if (full_ || groups_since_measured_ == 0) {
    const auto use = measure(**env);
    const auto disk =
        options_.free_disk_bytes ? options_.free_disk_bytes() : free_bytes_of(options_.directory);
    full_ = disk < options_.reserve_bytes ||
            (use && use->used_bytes * 100 >= use->map_bytes * kGrowthPercentMax);
  }
  groups_since_measured_ = (groups_since_measured_ + 1) % kGroupsBetweenMeasures;
  return full_;
}

Outcome Writer::apply(MDB_txn* txn, const Batch& batch, bool* has_written) {
  try {
    if (grows_too_far(batch)) {
      return fail(
          INTRAY_E_FULL,
          std::string("the store keeps its last tenth for registrations and stops: ") + kMakeRoom);
    }
    const auto env = environment_.get();
    if (!env) return fail(env.error());
    Application application(WriteRows(txn, (*env)->table()), batch, options_.epoch, clock_());
    auto committed = application.run();
    *has_written = application.has_written();
    if (committed) return committed;
    return {fail(as_seen_by_sender(committed.error(), batch)), committed.failed_operation};
  } catch (const std::exception& exception) {
    *has_written = true;
    return fail(INTRAY_E_INTERNAL, exception.what());
  }
}

// False: one failed halfway, and what it wrote is in the transaction.
bool Writer::apply_together(MDB_txn* txn, Group& group) {
  for (auto& waiting : group) {
    bool has_written = false;
    waiting.outcome = apply(txn, waiting.batch, &has_written);
    if (!*waiting.outcome && has_written) return false;
  }
  return true;
}

Outcome Writer::apply_in_child(MDB_txn* outer, const Batch& batch) {
  const auto env = environment_.get();
  if (!env) return fail(env.error());
  auto child = (*env)->begin_child(outer);
  if (!child) return fail(child.error());
  bool has_written = false;
  auto committed = apply(child->get(), batch, &has_written);
  if (!committed) return committed;
  const auto kept = commit_txn(std::move(*child));
  if (!kept) return fail(as_seen_by_sender(kept.error(), batch));
  return committed;
}

void Writer::apply_apart(MDB_txn* outer, Group& group) {
  for (auto& waiting : group) waiting.outcome = apply_in_child(outer, waiting.batch);
}

// The transaction with all that succeeded, to be committed.
Result<TxnHandle> Writer::apply_all(Group& group) {
  const auto env = environment_.get();
  if (!env) return fail(env.error());
  auto txn = (*env)->begin_write();
  if (!txn || apply_together(txn->get(), group)) return txn;
  txn = fail(INTRAY_E_INTERNAL, "given up");  // ends the first: LMDB has one writer
  txn = (*env)->begin_write();
  if (txn) apply_apart(txn->get(), group);
  return txn;
}

void Writer::run(Group& group) {
  const bool committed = commit_group(group);
  const std::lock_guard lock(mutex_);
  if (committed) ++stats_.commits;
  for (const auto& waiting : group) {
    const auto& outcome = *waiting.outcome;
    if (outcome) ++stats_.batches;
    if (!outcome && outcome.error().status == INTRAY_E_FULL) ++stats_.refused_full;
  }
}

// Whether a transaction was committed. Every outcome is set.
bool Writer::commit_group(Group& group) {
  const auto refuse_all = [&group](const Error& error) {
    for (auto& waiting : group) waiting.outcome = Outcome(fail(error));
  };
  auto outer = apply_all(group);
  if (!outer) {
    refuse_all({INTRAY_E_UNAVAILABLE, outer.error().message});
    (void)environment_.reopen().has_value();
    return false;
  }

  const bool broken = options_.commit_fails && options_.commit_fails();
  const auto committed = broken ? Result<void>(fail(INTRAY_E_INTERNAL, "commit failed on purpose"))
                                : commit_txn(std::move(*outer));
  if (!committed && committed.error().status == INTRAY_E_FULL) {
    // LMDB found no page for its own free list: it gave the transaction up, and nothing is unknown.
    for (auto& waiting : group) {
      if (!*waiting.outcome) continue;
      waiting.outcome = Outcome(fail(as_seen_by_sender(committed.error(), waiting.batch)));
    }
    return false;
  }
  if (!committed) {
    if (broken) outer = fail(INTRAY_E_INTERNAL, "given up");
    refuse_all({INTRAY_E_UNAVAILABLE, "the commit failed, its outcome is unknown: read again (" +
                                          committed.error().message + ")"});
    (void)environment_.reopen().has_value();
    return false;
  }
  return true;
}

StoreStats Writer::stats() const {
  StoreStats stats;
  {
    const std::lock_guard lock(mutex_);
    stats = stats_;
  }
  if (const auto env = environment_.get(); env) {
    if (const auto use = measure(**env); use) {
      stats.map_bytes = use->map_bytes;
      stats.used_bytes = use->used_bytes;
    }
  }
  return stats;
}

}  // namespace intray::store
