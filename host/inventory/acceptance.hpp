// How an import becomes durable: its slices first, then, in one batch, the job that owns them.
#pragma once

#include <vector>

#include "host/inventory/job.hpp"

namespace intray::inventory {

/// What the accepting batch holds besides the job and its last slices.
struct AcceptedWith {
  std::vector<store::Operation> operations;  // the reply, old jobs that go
  store::UnixNs first_run = 0;               // when the job's timer is due
};

/// Writes the slices of the plan and the job; sets job.slices. Nothing of the import takes effect
/// before the last batch.
/// Errors of Store::commit for batches that grow, and of cut().
Result<void> accept(store::Store& store, const Rows& rows, const Plan& plan, AcceptedWith with,
                    JobState& job);

/// Slices that a crash, or a refusal, left without a job. Does nothing while a job runs.
Result<void> erase_slices_without_job(store::Store& store);

}  // namespace intray::inventory
