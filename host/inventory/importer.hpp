// Imports inventory files (patent: held-apparatus information DB 13; FIG. 2, FIG. 9).
//
// An import is one durable job: accepted in one batch, carried out in slices on a timer, resumed
// after a crash where its customers' marks say. One import runs at a time. A crash before the
// acceptance leaves at most slices without a job, which the next import erases.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/inventory/acceptance.hpp"
#include "host/inventory/diff.hpp"
#include "host/inventory/job.hpp"
#include "host/inventory/work.hpp"
#include "host/plugin/call.hpp"
#include "host/store/store.hpp"

namespace intray::inventory {

inline constexpr std::size_t kSmallChangesMax = 200;
inline constexpr std::size_t kFinishedJobsKept = 8;

struct Submitted {
  State state = State::kRejected;
  std::string job;  // empty when rejected
  std::string why;  // when it runs on: what it waits for; when it failed: why
  Diff diff;
};

/// The answer that a repeat with the same Idempotency-Key gets; digest and time are filled in. Its
/// argument's state is the one that submit() is about to answer: done for a small import.
using ReplyOf = std::function<store::Reply(const Submitted&)>;

/// Thread: any; several at once.
class Importer {
 public:
  /// The store must outlive it. Without `reply_of` repeats get 202 and the job's Location.
  Importer(store::Store& store, Leaving leaving, ReplyOf reply_of = {});

  /// What submit() would do; writes nothing. `csv` as in read_rows(), whose errors and those of
  /// compare() it passes on.
  Result<Diff> preview(std::string_view csv, bool move) const;

  /// All or nothing: rejected when any row is. An import of at most kSmallChangesMax changes
  /// without moves is carried out before it answers (unless it must wait: then it runs on); any
  /// other is durably accepted. A repeat with the caller's Idempotency-Key is the HTTP side's to
  /// answer: its reply is written with the acceptance.
  ///
  /// Errors of preview(), and
  /// INTRAY_E_CONFLICT     another import runs (named), or the key was answered.
  /// INTRAY_E_FULL         the store keeps its reserve; nothing was imported.
  /// INTRAY_E_UNAVAILABLE  accepted or not is unknown: repeat it with the same key.
  Result<Submitted> submit(std::string_view csv, bool move, const plugin::CallContext& caller);

  /// INTRAY_E_NOT_FOUND when there is no such job, or it finished a day, or several jobs, ago.
  Result<JobState> job(std::string_view id) const;

  /// A timer of owner "host" whose name begins with kTimerPrefix is due. Works for a quarter of a
  /// second, then returns what is to be committed for `customer`, after the consumption of the
  /// timer. [worker]
  Result<std::vector<store::Operation>> due(const std::string& customer, const std::string& name);

 private:
  class Claim;

  /// The acceptance's other operations: jobs that finished long ago go, and the reply.
  AcceptedWith accepted_with(const std::vector<JobState>& known, const Submitted& answer,
                             const plugin::CallContext& caller) const;
  /// Carries a small import out; what cannot be done now is left to the timer.
  void carry_out_now(JobState& job);

  store::Store& store_;
  Work work_;
  ReplyOf reply_of_;
  std::mutex mutex_;     // guards claimed_
  std::string claimed_;  // the job that a thread is at; empty = none
};

}  // namespace intray::inventory
