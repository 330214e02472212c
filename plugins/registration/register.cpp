#include "plugins/registration/register.hpp"

#include <algorithm>

#include "plugins/registration/application.hpp"
#include "plugins/registration/changes.hpp"
#include "plugins/registration/format.hpp"

namespace intray::registration {
namespace {

constexpr std::size_t kCodeBytesMax = 256;  // longer ones are wrong, but not malformed
constexpr std::size_t kAnswerBytesMax = 16 * 1024;
constexpr std::string_view kDevicePrefix = "device:";

intray_code_candidate candidate(std::uint32_t live, std::uint64_t generation,
                                const std::string& nonce) {
  intray_code_candidate made{};
  made.struct_size = sizeof made;
  made.live = live;
  made.generation = generation;
  std::copy_n(nonce.begin(), std::min(nonce.size(), sizeof made.nonce), made.nonce);
  return made;
}

// The newest generation first: only that one can be open or registered.
Result<std::vector<intray_code_candidate>> candidates_of(const Scope& scope,
                                                         const Enrolment& enrolment) {
  std::vector<intray_code_candidate> candidates;
  if (enrolment.generation == 0) return candidates;
  auto live = INTRAY_CODE_LIVE_ENDED;
  if (enrolment.state == State::kRegistered) live = INTRAY_CODE_LIVE_REGISTERED;
  if (enrolment.waits(scope.now())) {
    const auto canceled = was_canceled(scope, enrolment.application);
    if (!canceled) return fail(canceled.error());
    if (!*canceled) live = INTRAY_CODE_LIVE_OPEN;
  }
  candidates.push_back(candidate(live, enrolment.generation, enrolment.nonce));
  const auto before = enrolment.ended.all();
  for (const auto& ended : before) {
    candidates.push_back(candidate(INTRAY_CODE_LIVE_ENDED, ended.generation, ended.nonce));
  }
  return candidates;
}

HttpAnswer refusal(const Platform::Judged& judged) {
  if (judged.verdict == INTRAY_CODE_LOCKED) {
    return problem({429,
                    "INT-2005",
                    "Too many wrong codes",
                    "wait for the time in Retry-After, then poll and use the code that comes",
                    {},
                    std::max(judged.retry_after_s, 1U)});
  }
  if (judged.verdict == INTRAY_CODE_ENDED) {
    return problem(
        {410, "INT-2004", "This code is over",
         "it expired, or was canceled, stopped or replaced: poll for a new instruction"});
  }
  return problem({403, "INT-2003", "This device cannot be registered with this code",
                  "poll the mailbox and use the code of its instruction"});
}

// A try is counted, and a refusal logged, for each service: so not for every name that a device
// can think of, or it could fill the store.
Result<bool> is_known(const Scope& scope, const Enrolment& enrolment) {
  if (enrolment.generation > 0) return true;
  const auto offered = scope.platform.services();
  if (!offered) return fail(offered.error());
  return std::any_of(offered->begin(), offered->end(),
                     [&](const auto& service) { return service.service_id == enrolment.service; });
}

// What the registration answered, stored with the entitlement.
Result<std::optional<HttpAnswer>> answered(const Scope& scope, const Enrolment& enrolment) {
  const auto row = scope.platform.get(scope.customer, INTRAY_STORE_ENTITLEMENT,
                                      enrolment.service + '\0' + enrolment.device_id);
  if (!row) return fail(row.error());
  if (!*row) return std::optional<HttpAnswer>();  // stopped meanwhile
  return std::optional<HttpAnswer>(HttpAnswer{200, (*row)->value, {}});
}

Result<std::string> new_answer(const Scope& scope, const Enrolment& enrolment) {
  const auto device = scope.platform.device(scope.customer, enrolment.device_id);
  if (!device) return fail(device.error());
  if (!*device) return fail(INTRAY_E_NOT_FOUND, "the device has left the inventory");
  const auto params = scope.platform.registration_params(scope.call, enrolment.service, **device);
  if (!params) {
    return fail(INTRAY_E_UNAVAILABLE,
                "service " + enrolment.service + " cannot take the device now");
  }
  boost::json::object parameters;
  for (const auto& [name, value] : *params) parameters[name] = value;
  auto answer = boost::json::serialize(boost::json::object{{"service", enrolment.service},
                                                           {"registered_at", rfc3339(scope.now())},
                                                           {"parameters", std::move(parameters)}});
  if (answer.size() <= kAnswerBytesMax) return answer;
  return fail(INTRAY_E_UNAVAILABLE, "the parameters of service " + enrolment.service +
                                        " are too long to be kept: tell its maker");
}

// Entitlement, enrolment, mailbox, counters, timer and log in one batch (S208).
Result<HttpAnswer> take_effect(const Scope& scope, Enrolment enrolment) {
  auto answer = new_answer(scope, enrolment);
  if (!answer) return fail(answer.error());
  Changes changes(scope.now());
  const auto fired = changes.fire(enrolment, State::kRegistered, kDevice, {});
  if (!fired) return fail(fired.error());
  changes.put(enrolment);
  auto& batch = changes.batch();
  batch.entitle(enrolment.device_id, enrolment.service, *answer);
  // Nothing is erased: it expects that the application was not canceled since it was read.
  batch.erase(canceled_key(enrolment.application), Batch::kMustNotExist);
  const auto done = scope.commit(changes.take());
  if (!done) return fail(done.error());
  // Registered it is, whatever becomes of this: the application's timer looks again.
  const auto completed = complete_if_done(scope, enrolment.application);
  if (!completed) scope.platform.host().log(INTRAY_LOG_WARN, completed.error().message);
  return HttpAnswer{200, std::move(*answer), {}};
}

}  // namespace

Result<HttpAnswer> register_device(const Scope& scope, const HttpRequest& request) {
  if (request.principal().substr(0, kDevicePrefix.size()) != kDevicePrefix) {
    return fail(INTRAY_E_DENIED, "only a device registers itself");
  }
  const auto device_id = request.principal().substr(kDevicePrefix.size());
  const auto body = body_of(request, {"code"});
  if (!body) return fail(body.error());
  const auto* sent = body->if_contains("code");
  if (sent != nullptr && !sent->is_string()) return fail(INTRAY_E_INVALID, "'code' is a string");
  auto code = sent == nullptr ? std::string() : std::string(std::string_view(sent->get_string()));
  if (code.size() > kCodeBytesMax) code.resize(kCodeBytesMax);

  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto enrolment = find_enrolment(scope, device_id, request.param("service"));
    if (!enrolment) return fail(enrolment.error());
    const auto known = is_known(scope, *enrolment);
    if (!known) return fail(known.error());
    if (!*known) return refusal({INTRAY_CODE_NO, UINT32_MAX, 0});
    const auto candidates = candidates_of(scope, *enrolment);
    if (!candidates) return fail(candidates.error());
    const auto judged =
        scope.platform.judge(scope.call, enrolment->service, device_id, *candidates, code);
    if (!judged) return fail(judged.error());
    if (judged->verdict != INTRAY_CODE_MATCH) return refusal(*judged);
    if (enrolment->state == State::kRegistered) {
      auto answer = answered(scope, *enrolment);
      if (!answer) return fail(answer.error());
      if (*answer) return std::move(**answer);
      continue;
    }
    auto answer = take_effect(scope, *enrolment);
    if (answer || !is_stale(answer.error())) return answer;
  }
  return fail(INTRAY_E_BUSY, "the enrolment kept changing: send the code again");
}

}  // namespace intray::registration
