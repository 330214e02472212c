#include "host/inventory/acceptance.hpp"

#include <algorithm>
#include <iterator>

#include "host/inventory/slicer.hpp"

namespace intray::inventory {
namespace {

constexpr std::size_t kBatchBytesMax = 1U << 20U;  // registrations wait for the writer meanwhile
constexpr std::size_t kBatchSlicesMax = 500;
constexpr std::size_t kErasedAtOnce = 16;  // their values are read, too

class SliceWriter {
 public:
  SliceWriter(store::Store& store, JobState& job) : store_(store), job_(job) {}

  Result<void> add(const Slice& slice) {
    auto value = store::encode(slice);
    bytes_ += value.size();
    pending_.emplace_back(store::PutHostRow{slice_key(job_.job, job_.slices), std::move(value),
                                            store::kMustNotExist});
    ++job_.slices;
    const bool enough = bytes_ >= kBatchBytesMax || pending_.size() >= kBatchSlicesMax;
    return enough ? flush() : Result<void>();
  }

  Result<void> flush() {
    const auto committed = store_.commit({"", job_.principal, std::move(pending_), true});
    pending_.clear();
    bytes_ = 0;
    return committed ? Result<void>() : fail(committed.error());
  }

  std::vector<store::Operation>& pending() { return pending_; }

 private:
  store::Store& store_;
  JobState& job_;
  std::vector<store::Operation> pending_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<void> accept(store::Store& store, const Rows& rows, const Plan& plan, AcceptedWith with,
                    JobState& job) {
  SliceWriter writer(store, job);
  const auto done =
      cut(store, rows, plan, [&writer](const Slice& slice) { return writer.add(slice); });
  if (!done) return done;
  auto& last = writer.pending();
  std::move(with.operations.begin(), with.operations.end(), std::back_inserter(last));
  last.emplace_back(store::PutHostRow{job_key(job.job), store::encode(job), store::kMustNotExist});
  last.emplace_back(store::SetTimer{std::string(kTimerOwner), timer_name(job.job), with.first_run});
  last.emplace_back(
      store::Event{"inventory.accepted", "accepted", job.job, log_payload(job.counts)});
  return writer.flush();
}

Result<void> erase_slices_without_job(store::Store& store) {
  const auto known = jobs(store);
  if (!known) return fail(known.error());
  if (std::any_of(known->begin(), known->end(), [](const auto& job) { return job.running(); })) {
    return {};
  }
  for (;;) {
    std::vector<store::Operation> erased;
    {
      const auto snapshot = store.snapshot();
      if (!snapshot) return fail(snapshot.error());
      for (auto& row : snapshot->customer("").host_rows(kSlicePrefix, "", kErasedAtOnce)) {
        erased.emplace_back(store::EraseHostRow{std::move(row.key)});
      }
    }
    if (erased.empty()) return {};
    const auto committed = store.commit({"", "host", std::move(erased)});
    if (!committed) return fail(committed.error());
  }
}

}  // namespace intray::inventory
