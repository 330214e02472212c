#include "plugins/registration/selection.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "plugins/registration/application.hpp"
#include "plugins/registration/format.hpp"
#include "plugins/registration/wake_urls.hpp"

namespace intray::registration {

Result<std::string> Selector::objection(const DeviceRow* device) const {
  intray_application app{};
  app.struct_size = sizeof app;
  app.application_id = str(criterion_.application);
  app.service_id = str(criterion_.service.service_id);
  app.administrator = str(criterion_.administrator);
  app.content_type = str(criterion_.body.empty() ? "" : "application/json");
  app.body = bytes(criterion_.body);
  app.received_unix_ns = criterion_.received;
  if (device == nullptr) return scope_.platform.objection(scope_.call, app);
  const auto borrowed = borrow(*device);
  app.device = &borrowed;
  return scope_.platform.objection(scope_.call, app);
}

std::string Selector::not_applicable(const DeviceRow& device) const {
  return criterion_.service.service_id + " does not apply to model " + device.model +
         (device.vendor.empty() ? "" : " of " + device.vendor);
}

// May the newest generation be followed by another one?
Result<Choice> Selector::by_enrolment(const DeviceRow& device) const {
  Choice choice;
  choice.applicable = true;
  auto enrolment = find_enrolment(scope_, device.device_id, criterion_.service.service_id);
  if (!enrolment) return fail(enrolment.error());
  choice.enrolment = std::move(*enrolment);
  const auto& newest = choice.enrolment;
  const bool registered = newest.generation > 0 && newest.state == State::kRegistered;
  if (newest.waits(scope_.now())) {
    const auto canceled = was_canceled(scope_, newest.application);
    if (!canceled) return fail(canceled.error());
    choice.canceled = *canceled;
  }
  const bool waiting = newest.waits(scope_.now()) && !choice.canceled;
  choice.will = criterion_.reissue || (!registered && !waiting);
  if (registered) choice.reason = "registered already since " + rfc3339(newest.since);
  if (waiting) {
    choice.reason =
        "waits already since " + rfc3339(newest.since) + " in application " + newest.application;
  }
  return choice;
}

Result<Choice> Selector::choose(const DeviceRow& device) {
  Choice no;
  const auto& models = criterion_.models;
  if (!models.empty() && std::find(models.begin(), models.end(), device.model) == models.end()) {
    no.applicable = true;
    no.reason = "model " + device.model + " is not among the models asked for";
    return no;
  }
  const auto applies = scope_.platform.applies(criterion_.service.service_id, device);
  if (!applies) return fail(applies.error());
  if (!*applies) {
    no.reason = not_applicable(device);
    return no;
  }
  auto choice = by_enrolment(device);
  if (!choice || !choice->will) return choice;
  if (!asked_) {
    auto whole = objection(nullptr);
    if (!whole) return fail(whole.error());
    objection_ = std::move(*whole);
    asked_ = true;
  }
  auto objected = objection_.empty() ? objection(&device) : Result<std::string>(objection_);
  if (!objected) return fail(objected.error());
  if (objected->empty()) return choice;
  no.reason = criterion_.service.service_id + " objects: " + printable(*objected);
  return no;
}

Result<void> issue(Changes& changes, Choice choice, const Posting& posting, std::int64_t now) {
  auto& enrolment = choice.enrolment;
  const bool exists = enrolment.generation > 0;
  Result<void> ended;
  if (exists && enrolment.state == State::kRegistered) {
    ended =
        changes.fire(enrolment, State::kStopped, kAdministrator,
                     {"replaced by application " + posting.application, 0, INTRAY_STOP_REPLACED});
  } else if (exists && is_open(enrolment.state) && choice.canceled) {
    ended = changes.fire(enrolment, State::kCanceled, kAdministrator, {"application canceled"});
  } else if (exists && is_open(enrolment.state) && !enrolment.waits(now)) {
    ended = changes.fire(enrolment, State::kExpired, kTimer, {});
  } else if (exists && is_open(enrolment.state)) {
    ended = changes.fire(enrolment, State::kSuperseded, kAdministrator,
                         {"by application " + posting.application});
  }
  if (!ended) return ended;
  changes.post(enrolment, posting);
  changes.put(enrolment);
  return {};
}

Result<Posting> new_posting(const Scope& scope, const Criterion& criterion) {
  const auto nonce = scope.platform.new_nonce();
  if (!nonce) return fail(nonce.error());
  const auto life = scope.platform.number_setting(scope.customer, INTRAY_SETTING_CODE_LIFE_S);
  if (!life) return fail(life.error());
  return Posting{criterion.application, std::string(nonce->begin(), nonce->end()),
                 criterion.service.registration_url, scope.now() + *life * kSecondNs};
}

Result<void> add_notice(const Scope& scope, Batch& batch, const Criterion& criterion,
                        std::int64_t count, std::vector<std::string> device_ids) {
  const auto form = scope.platform.setting(scope.customer, INTRAY_SETTING_NOTICE);
  if (!form) return fail(form.error());
  boost::json::object payload{{"application", criterion.application},
                              {"service", criterion.service.service_id},
                              {"count", count},
                              {"step", "S121"}};
  if (device_ids.size() > kNoticeDevicesMax) device_ids.resize(kNoticeDevicesMax);
  if (*form == "devices") {
    const auto left_out = count - static_cast<std::int64_t>(device_ids.size());
    if (left_out > 0) payload["left_out"] = left_out;
    payload["device_ids"] = boost::json::value_from(device_ids);
  }
  if (*form == "urls" || *form == "relay") {
    const auto added =
        add_wake_urls(scope, criterion.application, *form, device_ids, count, payload);
    if (!added) return added;
  }
  batch.event("application.waiting", "ok", criterion.application, boost::json::serialize(payload));
  return {};
}

}  // namespace intray::registration
