#include "plugins/registration/ends.hpp"

#include <algorithm>

#include "plugins/registration/application.hpp"
#include "plugins/registration/changes.hpp"
#include "plugins/registration/format.hpp"

namespace intray::registration {
namespace {

// As much of the enrolment, as it was when that instruction was sent, as its references name.
Enrolment addressed(std::string_view device_id, const Subject& subject) {
  Enrolment enrolment;
  enrolment.device_id = device_id;
  enrolment.service = subject.service;
  enrolment.generation = subject.generation;
  return enrolment;
}

std::string words_of(const intray_acknowledgement& ack) { return printable(view(ack.reason)); }

Result<void> finish(const Scope& scope, Changes& changes, const Enrolment& enrolment,
                    const intray_batch_sink& sink) {
  changes.put(enrolment);
  if (!is_open(enrolment.state)) {
    auto soon = look_soon(scope, enrolment.application, changes.batch());
    if (!soon) return soon;
  }
  return changes.take().into(sink);
}

Result<void> told_of_stop(const Scope& scope, const Enrolment& enrolment,
                          const intray_acknowledgement& ack, const intray_batch_sink& sink) {
  Batch batch;
  if (ack.result == INTRAY_ACK_LATER) {
    batch.defer(enrolment.device_id, stop_reference(enrolment),
                scope.now() + ack.retry_after_s * kSecondNs);
  } else {
    batch.take_off(enrolment.device_id, stop_reference(enrolment));
    batch.timer(stop_timer(enrolment), 0);
  }
  return batch.into(sink);
}

Result<void> answered(const Scope& scope, Enrolment enrolment, const intray_acknowledgement& ack,
                      const intray_batch_sink& sink) {
  const auto canceled = was_canceled(scope, enrolment.application);
  if (!canceled) return fail(canceled.error());
  Changes changes(scope.now());
  Result<void> fired;
  if (*canceled) {
    fired = changes.fire(enrolment, State::kCanceled, kAdministrator, {"application canceled"});
  } else if (ack.result == INTRAY_ACK_LATER) {
    fired = changes.fire(enrolment, State::kDeferred, kDevice,
                         {words_of(ack), scope.now() + ack.retry_after_s * kSecondNs});
  } else if (ack.result == INTRAY_ACK_REFUSED) {
    fired = changes.fire(enrolment, State::kDeclined, kDevice, {words_of(ack)});
  } else if (ack.result == INTRAY_ACK_UNSUPPORTED) {
    fired = changes.fire(enrolment, State::kFailed, kDevice, {words_of(ack)});
  } else {
    return {};  // done, but not registered: the instruction stays until it is
  }
  return fired ? finish(scope, changes, enrolment, sink) : fired;
}

}  // namespace

Result<void> acknowledged(const Scope& scope, std::string_view device_id,
                          const intray_acknowledgement& ack, const intray_batch_sink& sink) {
  const auto subject = subject_of(view(ack.instruction)).value_or(Subject());
  const auto sent = addressed(device_id, subject);
  if (view(ack.type) == kStopService) return told_of_stop(scope, sent, ack, sink);
  auto newest = find_enrolment(scope, device_id, subject.service);
  if (!newest) return fail(newest.error());
  const bool current = newest->generation == subject.generation;
  if (current && is_open(newest->state)) return answered(scope, std::move(*newest), ack, sink);
  Batch batch;
  batch.take_off(device_id, register_reference(sent));
  return batch.into(sink);
}

Result<void> enrolment_due(const Scope& scope, std::string_view device_id, std::string_view service,
                           const intray_batch_sink& sink) {
  auto enrolment = find_enrolment(scope, device_id, service);
  if (!enrolment) return fail(enrolment.error());
  if (enrolment->generation == 0 || !is_open(enrolment->state)) return {};
  const auto now = scope.now();
  Changes changes(now);
  Result<void> fired;
  if (enrolment->expires <= now) {
    fired = changes.fire(*enrolment, State::kExpired, kTimer, {});
  } else if (enrolment->state == State::kDeferred && enrolment->until <= now) {
    fired = changes.fire(*enrolment, State::kPosted, kTimer, {});
  } else {
    // Too early, such as after the clock was set back: it is armed again, never lost.
    Batch batch;
    const bool deferred = enrolment->state == State::kDeferred;
    batch.timer(enrolment_timer(*enrolment),
                deferred ? std::min(enrolment->until, enrolment->expires) : enrolment->expires);
    return batch.into(sink);
  }
  return fired ? finish(scope, changes, *enrolment, sink) : fired;
}

Result<void> device_leaving(const Scope& scope, std::string_view device_id,
                            const intray_batch_sink& sink) {
  const auto enrolments = find_enrolments(scope, device_id);
  if (!enrolments) return fail(enrolments.error());
  Changes changes(scope.now());
  for (auto enrolment : *enrolments) {
    const Because left{"the device left the inventory", 0, INTRAY_STOP_LOST};
    if (enrolment.state == State::kStopped) {
      changes.batch().take_off(device_id, stop_reference(enrolment));
      changes.batch().timer(stop_timer(enrolment), 0);
      continue;
    }
    const bool registered = enrolment.state == State::kRegistered;
    if (!registered && !is_open(enrolment.state)) continue;
    auto fired =
        changes.fire(enrolment, registered ? State::kStopped : State::kCanceled, kInventory, left);
    if (!fired) return fired;
    changes.put(enrolment);
    auto soon = look_soon(scope, enrolment.application, changes.batch());
    if (!soon) return soon;
  }
  return changes.take().into(sink);
}

}  // namespace intray::registration
