#include "host/inventory/importer.hpp"

#include <algorithm>
#include <cassert>

#include "host/inventory/progress.hpp"
#include "host/security/crypto.hpp"

namespace intray::inventory {
namespace {

constexpr std::size_t kJobIdBytes = 6;
constexpr store::UnixNs kAsideNs = store::kSecondNs;          // while another thread is at a job
constexpr store::UnixNs kOwnThreadNs = 5 * store::kSecondNs;  // a small import's thread is at it

std::string new_job_id() { return "i-" + security::hex(security::random_bytes(kJobIdBytes)); }

Failure runs_already(const std::string& job) {
  return fail(INTRAY_E_CONFLICT, "import " + job + " is running: submit again when it is done");
}

bool is_small(const Plan& plan) {
  const auto moves = [](const Leave& leave) { return leave.moved; };
  return plan.leaves.size() + plan.puts.size() <= kSmallChangesMax &&
         std::none_of(plan.leaves.begin(), plan.leaves.end(), moves);
}

store::Reply plain_reply(const Submitted& submitted) {
  store::Reply reply;
  reply.status = 202;
  reply.location = "/v1/operator/inventory/" + submitted.job;
  return reply;
}

std::vector<store::Operation> erase(const JobState& job) {
  return {store::EraseHostRow{job_key(job.job)},
          store::SetTimer{std::string(kTimerOwner), timer_name(job.job), 0}};
}

store::Operation timer(const std::string& job, store::UnixNs due) {
  return store::SetTimer{std::string(kTimerOwner), timer_name(job), due};
}

}  // namespace

// One thread at a time is at a job. Nobody waits for it: a plugin is called meanwhile.
class Importer::Claim {
 public:
  Claim(Importer& importer, const std::string& job) : importer_(importer) {
    const std::lock_guard lock(importer_.mutex_);
    other_ = importer_.claimed_;
    if (other_.empty()) importer_.claimed_ = job;
  }
  ~Claim() {
    const std::lock_guard lock(importer_.mutex_);
    if (other_.empty()) importer_.claimed_.clear();
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  /// Empty = this one has it.
  const std::string& other() const { return other_; }

 private:
  Importer& importer_;
  std::string other_;
};

Importer::Importer(store::Store& store, Leaving leaving, ReplyOf reply_of)
    : store_(store),
      work_(store, std::move(leaving)),
      reply_of_(reply_of ? std::move(reply_of) : plain_reply) {}

Result<Diff> Importer::preview(std::string_view csv, bool move) const {
  auto rows = read_rows(csv);
  if (!rows) return fail(rows.error());
  auto compared = compare(store_, *rows, move);
  if (!compared) return fail(compared.error());
  return std::move(compared->diff);
}

Result<Submitted> Importer::submit(std::string_view csv, bool move,
                                   const plugin::CallContext& caller) {
  JobState job;
  job.job = new_job_id();
  const Claim claim(*this, job.job);
  if (!claim.other().empty()) return runs_already(claim.other());
  const auto known = jobs(store_);
  if (!known) return fail(known.error());
  for (const auto& other : *known) {
    if (other.running()) return runs_already(other.job);
  }
  auto rows = read_rows(csv);
  if (!rows) return fail(rows.error());
  auto compared = compare(store_, *rows, move);
  if (!compared) return fail(compared.error());

  Submitted answer;
  answer.diff = std::move(compared->diff);
  if (answer.diff.counts.rejected != 0) return answer;
  const auto& plan = compared->plan;
  const bool small = is_small(plan);
  job.principal = caller.principal;
  job.counts = answer.diff.counts;
  job.started = store_.now();
  answer.job = job.job;
  answer.state = small ? State::kDone : State::kRunning;

  if (auto erased = erase_slices_without_job(store_); !erased) return fail(erased.error());
  auto with = accepted_with(*known, answer, caller);
  with.first_run = job.started + (small ? kOwnThreadNs : 0);
  if (auto accepted = accept(store_, *rows, plan, std::move(with), job); !accepted) {
    // What is left of it is harmless, and the next import tries to erase it again.
    (void)erase_slices_without_job(store_).has_value();
    return fail(accepted.error());
  }
  if (small) carry_out_now(job);
  answer.state = job.is();
  answer.why = job.why;
  return answer;
}

AcceptedWith Importer::accepted_with(const std::vector<JobState>& known, const Submitted& answer,
                                     const plugin::CallContext& caller) const {
  AcceptedWith with;
  auto finished = known;
  std::sort(finished.begin(), finished.end(),
            [](const JobState& a, const JobState& b) { return a.finished > b.finished; });
  for (auto i = kFinishedJobsKept - 1; i < finished.size(); ++i) {
    for (auto& operation : erase(finished[i])) with.operations.push_back(std::move(operation));
  }
  if (!caller.idempotency_key.empty()) {
    auto reply = reply_of_(answer);
    reply.digest = caller.digest;
    with.operations.emplace_back(
        store::PutReply{caller.principal, caller.idempotency_key, std::move(reply)});
  }
  return with;
}

void Importer::carry_out_now(JobState& job) {
  while (job.running() && job.waits == 0) {
    const auto committed = store_.commit({"", job.principal, advance(store_, work_, job)});
    if (committed) continue;
    // The job's timer repeats this turn.
    job.state = static_cast<std::uint8_t>(State::kRunning);
    job.why = committed.error().message;
    return;
  }
}

Result<JobState> Importer::job(std::string_view id) const { return find_job(store_, id); }

Result<std::vector<store::Operation>> Importer::due(const std::string& customer,
                                                    const std::string& name) {
  using Operations = std::vector<store::Operation>;
  assert(name.substr(0, kTimerPrefix.size()) == kTimerPrefix);
  if (!customer.empty()) return Operations();
  const auto id = name.substr(kTimerPrefix.size());
  const Claim claim(*this, id);
  auto job = find_job(store_, id);
  if (!job && job.error().status == INTRAY_E_NOT_FOUND) return Operations();
  if (!job) return fail(job.error());
  if (!job->running()) {
    const auto until = job->finished + kFinishedJobKeptNs;
    return until <= store_.now() ? erase(*job) : Operations{timer(id, until)};
  }
  if (!claim.other().empty()) return Operations{timer(id, store_.now() + kAsideNs)};
  return advance(store_, work_, *job);
}

}  // namespace intray::inventory
