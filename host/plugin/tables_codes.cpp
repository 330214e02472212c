// codes
#include <functional>

#include "host/plugin/tables.hpp"

namespace intray::plugin {
namespace {

constexpr std::uint32_t kCandidatesMax = 64;
constexpr std::size_t kNonceBytes = 16;

Result<std::vector<security::Candidate>> checked(const intray_code_candidate* const* candidates,
                                                 std::uint32_t count) {
  if (count > kCandidatesMax || (count > 0 && candidates == nullptr)) {
    return fail(INTRAY_E_INVALID, "more than 64 candidates, or none where some are promised");
  }
  std::vector<security::Candidate> list;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto* candidate = candidates[i];
    if (candidate == nullptr || !INTRAY_HAS(candidate, intray_code_candidate, nonce) ||
        candidate->live > INTRAY_CODE_LIVE_REGISTERED) {
      return fail(INTRAY_E_INVALID, "a candidate is missing, too small or of an unknown kind");
    }
    list.push_back({static_cast<security::Life>(candidate->live), candidate->generation,
                    std::string(reinterpret_cast<const char*>(candidate->nonce), kNonceBytes)});
  }
  return list;
}

security::Judgement judge_now(Services& services, const security::Attempt& attempt,
                              const std::vector<security::Candidate>& candidates,
                              const store::Snapshot& snapshot) {
  const auto tries = snapshot.customer(attempt.customer).tries(attempt.device_id, attempt.service);
  return security::judge(services.code_key, services.epoch, attempt, candidates, tries,
                         services.store.now());
}

std::mutex& turn_of(Services& services, const security::Attempt& attempt) {
  const auto pair = attempt.customer + '\0' + attempt.device_id + '\0' + attempt.service;
  return services.judging[std::hash<std::string>{}(pair) % services.judging.size()];
}

// Most codes are right at once, and then there is nothing to write: no turn is taken, so that a
// wave of registrations shares its commits. Anything that counts is judged again in turn.
Result<security::Judgement> judge_durably(Services& services, const security::Attempt& attempt,
                                          const std::vector<security::Candidate>& candidates,
                                          const std::string& principal) {
  const auto busy = [](const Error& error) {
    return fail(INTRAY_E_BUSY, "the try could not be counted: " + error.message);
  };
  {
    const auto snapshot = services.store.snapshot();
    if (!snapshot) return busy(snapshot.error());
    auto judged = judge_now(services, attempt, candidates, *snapshot);
    if (judged.operations.empty()) return judged;
  }
  const std::lock_guard turn(turn_of(services, attempt));
  Result<security::Judgement> judged = security::Judgement();
  {
    const auto snapshot = services.store.snapshot();
    if (!snapshot) return busy(snapshot.error());
    judged = judge_now(services, attempt, candidates, *snapshot);
  }
  if (judged->operations.empty()) return judged;
  const auto counted = services.store.commit({attempt.customer, principal, judged->operations});
  if (!counted) return busy(counted.error());
  return judged;
}

std::uint32_t code_of(security::Verdict verdict) {
  switch (verdict) {
    case security::Verdict::kMatch:
      return INTRAY_CODE_MATCH;
    case security::Verdict::kEnded:
      return INTRAY_CODE_ENDED;
    case security::Verdict::kLocked:
      return INTRAY_CODE_LOCKED;
    case security::Verdict::kWrong:
      break;
  }
  return INTRAY_CODE_NO;
}

// Whole seconds, rounded up: who comes back then is not refused again.
std::uint32_t seconds_until(store::UnixNs time, store::UnixNs now) {
  if (time <= now) return 0;
  return static_cast<std::uint32_t>((time - now + store::kSecondNs - 1) / store::kSecondNs);
}

intray_status INTRAY_CC new_nonce(const intray_host* host, std::uint8_t out[16],
                                  intray_error* error) noexcept {
  return serve(host, error, [&](HostTables&) -> Result<void> {
    const auto random = security::random_bytes(kNonceBytes);
    std::copy(random.begin(), random.end(), out);
    return {};
  });
}

intray_status INTRAY_CC judge(const intray_host* host, const intray_call* call,
                              intray_str service_id, intray_str device_id,
                              const intray_code_candidate* const* candidates, std::uint32_t count,
                              intray_str code, std::uint32_t* verdict, std::uint32_t* index,
                              std::uint32_t* retry_after_s, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    auto& services = tables.services();
    const auto context = services.calls.find(call);
    if (context == nullptr || context->device_id.empty() || context->device_id != view(device_id) ||
        !is_id(view(service_id), 64)) {
      return fail(INTRAY_E_INVALID, "a code is judged for the device behind the call alone");
    }
    const auto list = checked(candidates, count);
    if (!list) return fail(list.error());
    const security::Attempt attempt{context->customer, copy(device_id), copy(service_id),
                                    copy(code)};
    const auto judged = judge_durably(services, attempt, *list, context->principal);
    if (!judged) return fail(judged.error());
    *verdict = code_of(judged->verdict);
    *index = judged->candidate ? static_cast<std::uint32_t>(*judged->candidate) : UINT32_MAX;
    *retry_after_s = judged->verdict == security::Verdict::kLocked
                         ? seconds_until(judged->locked_until, services.store.now())
                         : 0;
    return {};
  });
}

intray_status INTRAY_CC locked_until(const intray_host* host, intray_str customer_id,
                                     intray_str service_id, intray_str device_id,
                                     std::int64_t* until, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (!is_id(view(customer_id), 64) || !is_id(view(service_id), 64) ||
        !is_id(view(device_id), 128)) {
      return fail(INTRAY_E_INVALID, "customer, service or device is no id");
    }
    auto& services = tables.services();
    const auto snapshot = services.store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    const auto tries =
        snapshot->customer(view(customer_id)).tries(view(device_id), view(service_id));
    *until = tries.locked_until > services.store.now() ? tries.locked_until : 0;
    return {};
  });
}

}  // namespace

const intray_host_codes& codes_table() {
  static const intray_host_codes table = {sizeof table, 0, &new_nonce, &judge, &locked_until};
  return table;
}

}  // namespace intray::plugin
