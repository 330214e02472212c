#include "host/inventory/progress.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace intray::inventory {
namespace {

using Operations = std::vector<store::Operation>;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTurn{250};
constexpr std::uint32_t kTurnSlicesMax = 500;
constexpr std::uint32_t kErasedAtFailureMax = 1000;  // the next import erases the others
constexpr std::uint32_t kWaitDoublingsMax = 6;

std::optional<Trouble> step(const store::Store& store, const Work& work, JobState& job) {
  const auto slice = find_slice(store, job.job, job.cursor);
  if (!slice) return Trouble{slice.error(), slice.error().status == INTRAY_E_NOT_FOUND};
  auto trouble = work.carry_out(job, *slice, job.cursor);
  if (trouble) return trouble;
  ++job.cursor;
  job.devices_done += slice->leaves.size() + slice->puts.size();
  job.waits = 0;
  job.why.clear();
  return std::nullopt;
}

std::optional<Trouble> turn(const store::Store& store, const Work& work, JobState& job) {
  const auto until = SteadyClock::now() + kTurn;
  for (std::uint32_t done = 0; job.cursor < job.slices && done < kTurnSlicesMax; ++done) {
    if (done != 0 && SteadyClock::now() > until) break;
    if (auto trouble = step(store, work, job)) return trouble;
  }
  return std::nullopt;
}

void finish(JobState& job, State state, store::UnixNs now) {
  job.state = static_cast<std::uint8_t>(state);
  job.finished = now;
}

store::UnixNs next_turn(const JobState& job, store::UnixNs now) {
  if (!job.running()) return job.finished + kFinishedJobKeptNs;
  if (job.waits == 0) return now;
  const auto wait = store::kSecondNs << std::min(job.waits - 1, kWaitDoublingsMax);
  return now + std::min(wait, kWaitMaxNs);
}

}  // namespace

Operations advance(const store::Store& store, const Work& work, JobState& job) {
  const auto from = job.cursor;
  const auto trouble = turn(store, work, job);
  const auto now = store.now();
  auto erased_to = job.cursor;
  if (trouble) {
    ++job.waits;
    job.why = trouble->error.message;
    if (trouble->lasting) {
      finish(job, State::kFailed, now);
      erased_to = std::min(job.slices, job.cursor + kErasedAtFailureMax);
    }
  } else if (job.cursor == job.slices) {
    finish(job, State::kDone, now);
  }

  Operations operations;
  for (auto number = from; number < erased_to; ++number) {
    operations.emplace_back(store::EraseHostRow{slice_key(job.job, number)});
  }
  operations.emplace_back(store::PutHostRow{job_key(job.job), store::encode(job)});
  if (!job.running()) {
    operations.emplace_back(store::Event{"inventory.imported",
                                         job.is() == State::kDone ? "done" : "failed", job.job,
                                         log_payload(job.counts)});
  }
  operations.emplace_back(
      store::SetTimer{std::string(kTimerOwner), timer_name(job.job), next_turn(job, now)});
  return operations;
}

}  // namespace intray::inventory
