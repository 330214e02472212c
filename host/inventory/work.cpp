#include "host/inventory/work.hpp"

#include <iterator>

#include "host/inventory/stored_devices.hpp"

namespace intray::inventory {
namespace {

using Operations = std::vector<store::Operation>;

constexpr int kConflictsMax = 8;  // in a row, before the job waits for a calmer moment

// Anything else may pass: a later try may find room, a plugin that is up, a device that is at rest.
bool is_lasting(intray_status status) {
  return status == INTRAY_E_INVALID || status == INTRAY_E_TOO_LARGE;
}

// What the slice's last batch carries besides devices.
Operations closing_of(const JobState& job, const Slice& slice, std::uint32_t number) {
  Operations closing;
  closing.emplace_back(
      store::PutHostRow{std::string(kMarkKey), store::encode(Mark{job.job, number + 1})});
  if (slice.last) {
    closing.emplace_back(
        store::Event{"inventory.imported", "done", job.job, log_payload(slice.counts)});
  }
  return closing;
}

}  // namespace

std::optional<Trouble> Work::carry_out(const JobState& job, const Slice& slice,
                                       std::uint32_t number) const {
  const auto done = is_done(job, slice, number);
  if (!done) return Trouble{done.error()};
  if (*done) return std::nullopt;
  const auto closing = closing_of(job, slice, number);
  if (!slice.leaves.empty()) return let_leave(job, slice, closing);

  Operations operations;
  for (const auto& device : slice.puts) operations.emplace_back(store::PutDevice{device});
  operations.insert(operations.end(), closing.begin(), closing.end());
  const auto committed =
      store_.commit({slice.customer, job.principal, std::move(operations), true});
  if (committed) return std::nullopt;
  const auto status = committed.error().status;
  // Only another customer's device conflicts here, and none but an import lets it leave.
  return Trouble{committed.error(), is_lasting(status) || status == INTRAY_E_CONFLICT};
}

Result<bool> Work::is_done(const JobState& job, const Slice& slice, std::uint32_t number) const {
  const auto snapshot = store_.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto row = snapshot->customer(slice.customer).host_row(kMarkKey);
  if (const auto whole = sound(*snapshot); !whole) return fail(whole.error());
  if (!row) return false;
  const auto mark = store::decode<Mark>(row->value);
  if (!mark) return fail(mark.error());
  return mark->job == job.job && mark->next > number;
}

// Each batch leaves whole devices gone; those that are gone already are passed over.
std::optional<Trouble> Work::let_leave(const JobState& job, const Slice& slice,
                                       const Operations& closing) const {
  const auto room = store::kBatchOperationsMax - closing.size();
  int conflicts = 0;
  for (std::size_t from = 0;;) {
    Operations operations;
    const auto next = gather(job, slice, from, room, operations);
    if (!next) return Trouble{next.error()};
    const bool ends = *next == slice.leaves.size();
    if (ends) operations.insert(operations.end(), closing.begin(), closing.end());
    const auto committed = store_.commit({slice.customer, job.principal, std::move(operations)});
    if (committed && ends) return std::nullopt;
    if (committed) {
      from = *next;
      conflicts = 0;
      continue;
    }
    const auto& error = committed.error();
    if (error.status != INTRAY_E_CONFLICT || ++conflicts == kConflictsMax) {
      return Trouble{error, is_lasting(error.status)};
    }
  }
}

Result<std::size_t> Work::gather(const JobState& job, const Slice& slice, std::size_t from,
                                 std::size_t room, Operations& operations) const {
  for (auto i = from; i < slice.leaves.size(); ++i) {
    auto more = leave(job, slice.customer, slice.leaves[i]);
    if (!more) return fail(more.error());
    // A device that fills more than a batch goes alone, and the store refuses it in words.
    if (!operations.empty() && operations.size() + more->size() > room) return i;
    std::move(more->begin(), more->end(), std::back_inserter(operations));
  }
  return slice.leaves.size();
}

Result<Operations> Work::leave(const JobState& job, const std::string& customer,
                               const SliceLeave& leaver) const {
  std::optional<store::Device> device;
  {
    // Let go of before a plugin is asked.
    const auto snapshot = store_.snapshot();
    if (!snapshot) return fail(snapshot.error());
    device = snapshot->customer(customer).device(leaver.device_id);
    if (const auto whole = sound(*snapshot); !whole) return fail(whole.error());
  }
  if (!device) return Operations();
  plugin::CallContext caller;
  caller.principal = job.principal;
  caller.customer = customer;
  auto operations = leaving_(caller, *device);
  if (!operations) return operations;
  operations->emplace_back(store::EraseDevice{leaver.device_id});
  operations->emplace_back(store::Event{"inventory.removed", leaver.moved ? "moved" : "removed",
                                        leaver.device_id, R"({"job":")" + job.job + "\"}"});
  return operations;
}

}  // namespace intray::inventory
