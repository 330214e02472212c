#include "plugins/registration/entitlements.hpp"

#include "plugins/registration/changes.hpp"
#include "plugins/registration/format.hpp"

namespace intray::registration {
namespace {

boost::json::object shown(std::string_view service, std::string_view device_id,
                          boost::json::value since) {
  return {{"service", service}, {"device_id", device_id}, {"since", std::move(since)}};
}

// The time that the registration was answered with; null when the row does not tell.
boost::json::value since_of(const StoredRow& entitlement) {
  boost::json::error_code error;
  const auto answer = boost::json::parse(entitlement.value, error);
  if (error || !answer.is_object()) return nullptr;
  const auto* since = answer.get_object().if_contains("registered_at");
  return since == nullptr || !since->is_string() ? boost::json::value(nullptr) : *since;
}

Result<HttpAnswer> of_device(const Scope& scope, const std::string& device_id,
                             const std::string& service) {
  const auto enrolments = find_enrolments(scope, device_id);
  if (!enrolments) return fail(enrolments.error());
  boost::json::array items;
  for (const auto& enrolment : *enrolments) {
    if (enrolment.state != State::kRegistered) continue;
    if (!service.empty() && enrolment.service != service) continue;
    items.push_back(
        shown(enrolment.service, device_id, boost::json::string(rfc3339(enrolment.since))));
  }
  return list_answer(std::move(items), "");
}

// The stop itself is final whatever becomes of the message: a store or a mailbox without room for
// it must not keep a customer from stopping.
Result<void> stop_once(const Scope& scope, Enrolment enrolment, bool tell_device) {
  const auto life = scope.platform.number_setting(scope.customer, INTRAY_SETTING_CODE_LIFE_S);
  if (!life) return fail(life.error());
  Changes changes(scope.now());
  auto fired =
      changes.fire(enrolment, State::kStopped, kAdministrator, {"stopped by the administrator"});
  if (!fired) return fired;
  changes.put(enrolment);
  if (tell_device) {
    changes.batch().send(
        enrolment.device_id, kStopService, stop_reference(enrolment),
        boost::json::serialize(boost::json::object{{"service", enrolment.service},
                                                   {"generation", enrolment.generation}}));
    changes.batch().timer(stop_timer(enrolment), scope.now() + *life * kSecondNs);
  }
  return scope.commit(changes.take());
}

}  // namespace

Result<HttpAnswer> list_entitlements(const Scope& scope, const HttpRequest& request) {
  const auto service = request.query("service");
  const auto device = request.query("device");
  const auto page = page_of(request);
  if (!page) return fail(page.error());
  if (!device.empty()) return of_device(scope, device, service);

  auto after = page->after;  // "service/device"
  if (const auto slash = after.find('/'); slash != std::string::npos) after[slash] = '\0';
  const auto prefix = service.empty() ? std::string() : service + '\0';
  const auto rows =
      scope.platform.walk(scope.customer, INTRAY_STORE_ENTITLEMENT, prefix, after, page->limit);
  if (!rows) return fail(rows.error());
  boost::json::array items;
  std::string next;
  for (const auto& row : *rows) {
    const auto end = row.key.find('\0');
    if (end == std::string::npos) continue;
    const auto service_id = row.key.substr(0, end);
    const auto device_id = row.key.substr(end + 1);
    items.push_back(shown(service_id, device_id, since_of(row)));
    next = service_id + '/' + device_id;
  }
  return list_answer(std::move(items), rows->size() < page->limit ? "" : next);
}

Result<HttpAnswer> stop(const Scope& scope, std::string_view service, std::string_view device_id) {
  bool tell_device = true;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto enrolment = find_enrolment(scope, device_id, service);
    if (!enrolment) return fail(enrolment.error());
    const bool exists = enrolment->generation > 0;
    if (exists && enrolment->state == State::kStopped) return HttpAnswer{204, "", {}};
    if (!exists || enrolment->state != State::kRegistered) {
      return fail(INTRAY_E_NOT_FOUND, "device '" + printable(device_id) +
                                          "' is not registered for service '" + printable(service) +
                                          "'");
    }
    const auto stopped = stop_once(scope, *enrolment, tell_device);
    if (stopped) return HttpAnswer{204, "", {}};
    const auto status = stopped.error().status;
    const bool no_room = status == INTRAY_E_FULL || status == INTRAY_E_TOO_LARGE;
    if (!no_room && !is_stale(stopped.error())) return fail(stopped.error());
    // NOT_FOUND: the device is leaving, and cannot be told either.
    if (no_room || status == INTRAY_E_NOT_FOUND) tell_device = false;
  }
  return fail(INTRAY_E_BUSY, "the enrolment kept changing: try again");
}

Result<void> stop_due(const Scope& scope, std::string_view device_id, std::string_view service,
                      const intray_batch_sink& sink) {
  const auto enrolment = find_enrolment(scope, device_id, service);
  if (!enrolment) return fail(enrolment.error());
  if (enrolment->state != State::kStopped) return {};
  Batch batch;
  batch.take_off(device_id, stop_reference(*enrolment));
  return batch.into(sink);
}

}  // namespace intray::registration
