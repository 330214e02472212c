#include "plugins/registration/wake_run.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "plugins/registration/application.hpp"
#include "plugins/registration/row.hpp"
#include "plugins/registration/wake_polls.hpp"
#include "plugins/registration/wake_refusals.hpp"

namespace intray::registration {
namespace {

constexpr std::size_t kSendAtOnce = 200;      // instructions in a batch
constexpr std::uint32_t kEndRowsAtOnce = 15;  // node rows, of 100 devices each
constexpr int kStepsAtOnce = 16;              // before other timers get their turn
constexpr int kBatchesOfAStep = 8;            // that send; the plan is read once for them
constexpr std::size_t kEndOperationsMax = INTRAY_OPS_MAX - 1;  // and the wake's own row
constexpr std::int64_t kHeldUpNs = 60 * kSecondNs;
constexpr std::int64_t kWritingNs = 60 * kSecondNs;  // its request has died when it takes longer

// ---- sending ----------------------------------------------------------------------------------

// skip: leaves out the next one, whose mailbox takes nothing more.
Result<void> send_chunk(const Scope& scope, Wake& wake, const std::vector<RelayWake>& wakes,
                        std::size_t size, bool skip) {
  Batch batch;
  const auto end = std::min(wake.sent + size, wakes.size());
  for (; wake.sent < end; ++wake.sent) {
    const auto& next = wakes[wake.sent];
    const auto held = scope.platform.device(scope.customer, next.device_id);
    if (!held) return fail(held.error());
    if (skip || !*held) continue;
    batch.send(next.device_id, kRelayWake, wake_reference(wake, "0"), next.payload);
  }
  if (wake.sent == wakes.size()) {
    wake.state = WakeState::kReady;
    wake.ready = scope.now();
  }
  put(batch, wake);
  return scope.commit(batch);
}

Result<void> send_some(const Scope& scope, const Wake& found) {
  const auto plan = load_plan(scope, found);
  if (!plan) return fail(plan.error());
  const auto wakes = relay_wakes(*plan, found.service);
  auto size = kSendAtOnce;
  bool skip = false;
  for (int batches = 0; batches < kBatchesOfAStep;) {
    const auto now = find_wake(scope, found.application);
    if (!now) return fail(now.error());
    if (!*now || (*now)->plan != found.plan || (*now)->state != WakeState::kSending) break;
    auto wake = **now;
    const auto sent = send_chunk(scope, wake, wakes, size, skip);
    if (!sent && sent.error().status == INTRAY_E_TOO_LARGE) {
      skip = size == 1;
      size = std::max<std::size_t>(size / 2, 1);
      continue;
    }
    if (!sent && !is_stale(sent.error())) return fail(sent.error());
    if (skip) size = kSendAtOnce;
    skip = false;
    ++batches;
  }
  return {};
}

// ---- ending -----------------------------------------------------------------------------------

// False: the batch is full, and more of them are there.
Result<bool> take_off_from(const Scope& scope, const std::string& application,
                           const std::string& device_id, Batch& batch) {
  const auto mailbox = scope.platform.mailbox(scope.customer, device_id);
  if (!mailbox) return fail(mailbox.error());
  const auto references = wake_references_of(application);
  for (const auto& mail : *mailbox) {
    if (mail.type != kRelayWake || mail.reference.rfind(references, 0) != 0) continue;
    if (batch.size() >= kEndOperationsMax) return false;
    batch.take_off(device_id, mail.reference);
  }
  return true;
}

// The relay-wakes of a row's devices, then the row. False as above.
Result<bool> end_row(const Scope& scope, const Wake& wake, const StoredRow& row, Batch& batch) {
  const auto nodes = decode_nodes(row);
  if (!nodes) scope.platform.host().log(INTRAY_LOG_ERROR, nodes.error().message);
  for (const auto& node : nodes ? *nodes : std::vector<StoredNode>()) {
    if (wake.relays == 0 || node.children == 0) continue;
    const auto taken = take_off_from(scope, wake.application, node.device_id, batch);
    if (!taken || !*taken) return taken;
  }
  if (batch.size() >= kEndOperationsMax) return false;
  batch.erase(row.key, row.revision);
  return true;
}

// The wake's own row, when no other is left: its share of the polls, if the application is over,
// was released.
Result<void> end_own_row(const Scope& scope, const Wake& wake, Batch& batch) {
  const auto erased = erase_refusals(scope, wake.application, batch, kEndOperationsMax);
  if (!erased) return fail(erased.error());
  if (!*erased) return {};
  const auto released = release_polls_if_over(scope, wake.application);
  if (!released) return released;
  batch.erase(wake_key(wake.application), wake.revision);
  return {};
}

// Nodes first, and alone: afterwards nothing mints for the wake any more.
Result<void> end_chunk(const Scope& scope, const Wake& wake) {
  const auto rows = scope.walk(wake_nodes_of(wake.application), "", kEndRowsAtOnce);
  if (!rows) return fail(rows.error());
  Batch batch;
  if (rows->empty()) {
    if (auto ended = end_own_row(scope, wake, batch); !ended) return ended;
  }
  for (const auto& row : *rows) {
    const auto whole = end_row(scope, wake, row, batch);
    if (!whole) return fail(whole.error());
    if (!*whole) break;
  }
  const auto done = scope.commit(batch);
  return done || is_stale(done.error()) ? Result<void>() : fail(done.error());
}

// ---- what a relay says ------------------------------------------------------------------------

// The reference of the instruction, which an acknowledgement does not repeat.
Result<std::string> reference_of(const Scope& scope, std::string_view device_id,
                                 std::uint64_t sequence) {
  const auto mailbox = scope.platform.mailbox(scope.customer, device_id);
  if (!mailbox) return fail(mailbox.error());
  for (const auto& mail : *mailbox) {
    if (mail.sequence == sequence) return mail.reference;
  }
  return std::string();
}

void tell(Batch& batch, const Wake& wake, std::string_view topic, std::string_view relay,
          boost::json::object payload) {
  payload["application"] = wake.application;
  payload["service"] = wake.service;
  payload["relay"] = relay;
  batch.event(topic, "ok", wake.application, boost::json::serialize(payload));
}

// The dead by their ids for the log, and what they leave to be woken.
Result<void> re_parent(const Scope& scope, const Wake& wake, const RelayWake& done,
                       const intray_acknowledgement& ack, Batch& batch) {
  const auto dead = dead_in(view(ack.reason));
  boost::json::array ids;
  for (const auto place : dead) {
    if (place > 0 && place <= done.targets.size()) ids.emplace_back(done.targets[place - 1]);
  }
  if (ids.empty()) return {};
  tell(batch, wake, "wake.unanswered", done.device_id, {{"device_ids", std::move(ids)}});
  const auto plan = load_plan(scope, wake);
  if (!plan) return fail(plan.error());
  std::size_t number = 0;
  for (const auto& next : relay_wakes_after(*plan, wake.service, done, dead)) {
    const auto name = std::to_string(ack.sequence) + '-' + std::to_string(number++);
    batch.send(next.device_id, kRelayWake, wake_reference(wake, name), next.payload);
  }
  return {};
}

// Its children sleep on; nobody but the administrator can call them now.
void refuse(const Wake& wake, std::string_view relay, const intray_acknowledgement& ack,
            Batch& batch) {
  auto asked = asked_in(view(ack.instruction));
  asked.targets.resize(asked.own);
  const auto reason = printable(view(ack.reason));
  put_refusal(batch, wake, relay, ack.sequence, reason, asked.targets);
  put(batch, wake);  // expects that the plan has not ended since: nobody would erase the row
  tell(batch, wake, "wake.refused", relay,
       {{"reason", reason}, {"device_ids", boost::json::value_from(asked.targets)}});
}

}  // namespace

std::vector<std::size_t> dead_in(std::string_view reason) {
  constexpr std::string_view kDead = "dead";
  std::vector<std::size_t> dead;
  if (reason.substr(0, kDead.size()) != kDead) return dead;
  reason.remove_prefix(kDead.size());
  while (!reason.empty() && reason.front() == ' ') {
    reason.remove_prefix(1);
    std::size_t place = 0;
    const auto* end = reason.data() + reason.size();
    const auto [read, error] = std::from_chars(reason.data(), end, place);
    if (error != std::errc()) return {};
    dead.push_back(place);
    reason.remove_prefix(static_cast<std::size_t>(read - reason.data()));
  }
  return reason.empty() ? dead : std::vector<std::size_t>();
}

Asked asked_in(std::string_view instruction) {
  Asked asked;
  boost::json::error_code error;
  const auto payload = boost::json::parse(instruction, error);
  const auto* wake = error ? nullptr : payload.if_object();
  const auto* said = wake == nullptr ? nullptr : wake->if_contains("wake");
  const auto* list =
      said == nullptr || !said->is_object() ? nullptr : said->get_object().if_contains("targets");
  if (list == nullptr || !list->is_array()) return asked;
  for (const auto& target : list->get_array()) {
    if (target.is_string()) asked.targets.emplace_back(std::string_view(target.get_string()));
  }
  const auto* count = said->find_pointer("/children/0", error);
  const auto own = count == nullptr ? 0 : count->to_number<std::size_t>(error);
  asked.own = error ? 0 : std::min(own, asked.targets.size());
  return asked;
}

Result<void> begin_wake_end(const Scope& scope, Wake wake) {
  if (wake.state == WakeState::kEnding) return {};
  wake.state = WakeState::kEnding;
  Batch batch;
  put(batch, wake);
  return scope.commit(batch);
}

Result<WakeStep> advance_wake(const Scope& scope, const std::string& application) {
  for (int steps = 0; steps < kStepsAtOnce; ++steps) {
    if (scope.call.is_cancelled(&scope.call) != 0) break;  // the host wants its thread back
    const auto found = find_wake(scope, application);
    if (!found) return fail(found.error());
    if (!*found) return WakeStep::kRests;
    const auto& wake = **found;
    // One that could not send for so long does not begin now: its share of the polls ends.
    const bool lives = scope.now() < wake.ends();
    if (wake.state == WakeState::kReady && lives) return WakeStep::kRests;
    if (wake.state == WakeState::kWriting && scope.now() < wake.made + kWritingNs) {
      return WakeStep::kHeldUp;
    }
    if (wake.state == WakeState::kSending && lives) {
      const auto sent = send_some(scope, wake);
      if (!sent) return fail(sent.error());
    } else if (wake.state == WakeState::kEnding) {
      const auto ended = end_chunk(scope, wake);
      if (!ended) return fail(ended.error());
    } else if (const auto begun = begin_wake_end(scope, wake); !begun && !is_stale(begun.error())) {
      return fail(begun.error());
    }
  }
  return WakeStep::kMore;
}

Result<void> wake_due(const Scope& scope, const std::string& application,
                      const intray_batch_sink& sink) {
  const auto owner = find_application(scope, application);
  if (!owner) return fail(owner.error());
  auto wake = find_wake(scope, application);
  if (!wake) return fail(wake.error());
  if (!*wake) return {};
  const bool over = !*owner || is_finished((*owner)->phase) || is_canceled((*owner)->phase);
  if (over) {
    const auto begun = begin_wake_end(scope, **wake);
    if (!begun && !is_stale(begun.error())) return begun;
  }
  const auto step = advance_wake(scope, application);
  const bool full = !step && step.error().status == INTRAY_E_FULL;
  if (!step && !full) return fail(step.error());
  wake = find_wake(scope, application);
  if (!wake) return fail(wake.error());
  if (!*wake) return {};
  Batch batch;
  auto due = scope.now();
  if ((*wake)->state == WakeState::kReady) due = (*wake)->ends();
  if (full || *step == WakeStep::kHeldUp) due += kHeldUpNs;
  batch.timer(wake_key(application), due);
  return batch.into(sink);
}

Result<void> end_wake_soon(const Scope& scope, const std::string& application, Batch& batch) {
  const auto row = scope.get(wake_key(application));
  if (!row) return fail(row.error());
  if (*row) batch.timer(wake_key(application), scope.now());
  return {};
}

// A plan that ends at this moment may miss what is sent here; the relay's next acknowledgement
// takes that off.
Result<void> relay_acknowledged(const Scope& scope, std::string_view device_id,
                                const intray_acknowledgement& ack, const intray_batch_sink& sink) {
  const auto reference = reference_of(scope, device_id, ack.sequence);
  if (!reference) return fail(reference.error());
  if (reference->empty()) return {};
  const auto wake = find_wake(scope, application_of(*reference));
  if (!wake) return fail(wake.error());
  const bool lives = *wake && is_of_plan(*reference, **wake) &&
                     (*wake)->state != WakeState::kEnding && scope.now() < (*wake)->ends();
  Batch batch;
  if (lives && ack.result == INTRAY_ACK_LATER) {
    batch.defer(device_id, *reference, scope.now() + ack.retry_after_s * kSecondNs);
    return batch.into(sink);
  }
  batch.take_off(device_id, *reference);
  if (lives && ack.result == INTRAY_ACK_DONE) {
    const RelayWake done{std::string(device_id), asked_in(view(ack.instruction)).targets, 0, ""};
    const auto told = re_parent(scope, **wake, done, ack, batch);
    if (!told) return told;
  } else if (lives) {
    refuse(**wake, device_id, ack, batch);
  }
  return batch.into(sink);
}

}  // namespace intray::registration
