#include "host/security/codes.hpp"

#include <algorithm>

namespace intray::security {
namespace {

constexpr std::size_t kCodeCharacters = 26;
constexpr std::uint32_t kTriesMax = 10;
constexpr store::UnixNs kFirstLockNs = 15 * 60 * store::kSecondNs;
constexpr store::UnixNs kLongestLockNs = store::kDayNs;
constexpr std::uint64_t kEarlierEpochs = 4;  // how far back an old code is told from a wrong one

void append(std::string& bytes, std::string_view part) {
  bytes += std::to_string(part.size());
  bytes += ':';
  bytes += part;
}

struct Match {
  std::optional<std::size_t> registered, open, ended;
  bool earlier_epoch = false;
};

Match compare(const Secret& key, std::uint64_t epoch, const Attempt& attempt,
              const std::vector<Candidate>& candidates) {
  Match match;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& candidate = candidates[i];
    const CodeSubject subject{attempt.customer, attempt.device_id, attempt.service,
                              candidate.generation, candidate.nonce};
    if (equal_in_constant_time(derive_code(key, epoch, subject).reveal(), attempt.code)) {
      if (candidate.life == Life::kRegistered) match.registered = i;
      if (candidate.life == Life::kOpen) match.open = i;
      if (candidate.life == Life::kEnded) match.ended = i;
    }
    const auto oldest = epoch > kEarlierEpochs ? epoch - kEarlierEpochs : 1;
    for (auto earlier = oldest; earlier < epoch; ++earlier) {
      const auto code = derive_code(key, earlier, subject);
      match.earlier_epoch |= equal_in_constant_time(code.reveal(), attempt.code);
    }
  }
  return match;
}

store::Event refused(const Attempt& attempt, std::string_view outcome, const std::string& more) {
  return {"registration.refused", std::string(outcome), attempt.device_id,
          R"({"service":")" + attempt.service + R"(","step":"S207")" + more + "}"};
}

// A try in vain: counted, and the last one allowed locks. One with a code that is over counts, too:
// each is a row of the log, and a device must not fill that.
void count_in_vain(const Attempt& attempt, std::string_view outcome, store::Tries tries,
                   store::UnixNs now, Judgement& judged) {
  ++tries.wrong;
  judged.operations.emplace_back(refused(attempt, outcome, ""));
  if (tries.wrong >= kTriesMax) {
    const auto doublings = std::min<std::uint32_t>(tries.locks, 7);
    const auto length = std::min(kFirstLockNs << doublings, kLongestLockNs);
    tries.wrong = 0;
    ++tries.locks;
    tries.locked_until = now + length;
    judged.operations.emplace_back(
        store::Event{"registration.locked", "locked", attempt.device_id,
                     R"({"service":")" + attempt.service + R"(","seconds":)" +
                         std::to_string(length / store::kSecondNs) + R"(,"step":"S207"})"});
  }
  judged.operations.emplace_back(store::PutTries{attempt.device_id, attempt.service, tries});
}

// One log row for each lock, with the count when it is over; until then only the count moves.
void count_locked(const Attempt& attempt, store::Tries tries, Judgement& judged) {
  ++tries.refused_while_locked;
  judged.operations.emplace_back(store::PutTries{attempt.device_id, attempt.service, tries});
}

}  // namespace

Secret derive_code(const Secret& key, std::uint64_t epoch, const CodeSubject& subject) {
  std::string bytes = "intray registration code 1:";
  append(bytes, std::to_string(epoch));
  append(bytes, subject.customer);
  append(bytes, subject.device_id);
  append(bytes, subject.service);
  append(bytes, std::to_string(subject.generation));
  append(bytes, subject.nonce);
  return Secret(base32(view(hmac_sha256(key.reveal(), bytes)), kCodeCharacters));
}

std::string masked(const Secret& code) { return code.reveal().substr(0, 4) + "…"; }

Judgement judge(const Secret& key, std::uint64_t epoch, const Attempt& attempt,
                const std::vector<Candidate>& candidates, store::Tries tries, store::UnixNs now) {
  const auto match = compare(key, epoch, attempt, candidates);
  Judgement judged;
  if (match.registered) {
    judged.verdict = Verdict::kMatch;
    judged.candidate = match.registered;
    return judged;
  }
  if (tries.locked_until > now) {
    judged.verdict = Verdict::kLocked;
    judged.locked_until = tries.locked_until;
    count_locked(attempt, tries, judged);
    return judged;
  }
  if (tries.refused_while_locked > 0) {
    judged.operations.emplace_back(
        refused(attempt, "locked", ",\"count\":" + std::to_string(tries.refused_while_locked)));
    tries.refused_while_locked = 0;
    judged.operations.emplace_back(store::PutTries{attempt.device_id, attempt.service, tries});
  }
  if (match.open) {
    judged.verdict = Verdict::kMatch;
    judged.candidate = match.open;
    if (tries.wrong > 0 || tries.locks > 0) {
      judged.operations.emplace_back(store::PutTries{attempt.device_id, attempt.service, {}});
    }
    return judged;
  }
  if (match.ended || match.earlier_epoch) {
    judged.verdict = Verdict::kEnded;
    judged.candidate = match.ended;
    count_in_vain(attempt, "ended", tries, now, judged);
    return judged;
  }
  judged.verdict = Verdict::kWrong;
  count_in_vain(attempt, attempt.code.empty() ? "missing" : "wrong", tries, now, judged);
  return judged;
}

}  // namespace intray::security
