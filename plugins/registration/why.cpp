#include "plugins/registration/why.hpp"

#include <algorithm>

#include "plugins/registration/application.hpp"
#include "plugins/registration/format.hpp"

namespace intray::registration {
namespace {

// When the device comes next, as far as the host knows.
std::string next_poll(const DeviceRow& device, std::int64_t now) {
  if (device.last_poll_unix_ns == 0) {
    return "the device has never polled: check that it is provisioned, on, and reaches this host";
  }
  if (device.next_poll_unix_ns == 0) {
    return "it last polled at " + rfc3339(device.last_poll_unix_ns);
  }
  if (device.next_poll_unix_ns < now) {
    return "it was expected to poll at " + rfc3339(device.next_poll_unix_ns) +
           " and did not: check that it is on and reaches this host";
  }
  return "it polls next at " + rfc3339(device.next_poll_unix_ns);
}

std::string open_sentence(const Enrolment& enrolment, const DeviceRow& device,
                          const std::optional<Platform::MailRow>& mail, std::int64_t now) {
  const auto since = rfc3339(enrolment.since);
  const auto until_expiry = "; its code expires at " + rfc3339(enrolment.expires);
  if (enrolment.state == State::kDeferred) {
    return "the device asked at " + since + " to be asked again after " + rfc3339(enrolment.until) +
           (enrolment.reason.empty() ? "" : " (it says: " + enrolment.reason + ")") + until_expiry;
  }
  if (mail && mail->fetched > 0) {
    return "the device fetched its instruction at " + rfc3339(mail->fetched) +
           " and has not registered yet; " + next_poll(device, now) + until_expiry;
  }
  return "its instruction waits in the mailbox since " + since + "; " + next_poll(device, now) +
         until_expiry;
}

std::string ended_sentence(const Enrolment& enrolment) {
  const auto since = rfc3339(enrolment.since);
  const auto because = enrolment.reason.empty() ? std::string() : ": " + enrolment.reason;
  switch (enrolment.state) {
    case State::kRegistered:
      return "registered at " + since + "; it may use the service";
    case State::kDeclined:
      return "the device declined at " + since + because + "; apply again to ask it again";
    case State::kFailed:
      return "the device does not support it, it said at " + since + because +
             "; update its firmware, then apply again";
    case State::kExpired:
      return "its code expired at " + since + " before it registered; apply again";
    case State::kSuperseded:
      return "superseded at " + since + because;
    default:
      return std::string(name_of(enrolment.state)) + " at " + since + because +
             "; apply again when it is wanted";
  }
}

struct Asked {
  const Scope& scope;
  const DeviceRow& device;
  std::vector<Platform::MailRow> mailbox;
};

// Of a service that the device has no enrolment of.
Result<std::string> never(const Asked& asked, const std::string& service) {
  const auto applies = asked.scope.platform.applies(service, asked.device);
  if (!applies) return fail(applies.error());
  if (*applies) return std::string("it was not applied for yet: apply for it");
  return "it does not apply to model " + asked.device.model + ": nothing can be applied for";
}

Result<boost::json::object> about(const Asked& asked, const std::string& service) {
  const auto& scope = asked.scope;
  const auto enrolment = find_enrolment(scope, asked.device.device_id, service);
  if (!enrolment) return fail(enrolment.error());
  if (enrolment->generation == 0) {
    auto sentence = never(asked, service);
    if (!sentence) return fail(sentence.error());
    return boost::json::object{{"service", service}, {"state", "none"}, {"why", *sentence}};
  }
  const auto canceled = was_canceled(scope, enrolment->application);
  if (!canceled) return fail(canceled.error());
  const auto locked = scope.platform.locked_until(scope.customer, service, asked.device.device_id);
  if (!locked) return fail(locked.error());
  const auto mail = mail_of(asked.mailbox, *enrolment);
  const auto state = is_open(enrolment->state) && *canceled ? State::kCanceled : enrolment->state;
  boost::json::object object{
      {"service", service},
      {"state", name_of(state)},
      {"since", rfc3339(enrolment->since)},
      {"application", enrolment->application},
      {"generation", enrolment->generation},
      {"why", sentence_of(*enrolment, asked.device, mail, *canceled, scope.now())}};
  if (is_open(state) && *locked > 0) {
    const auto until = rfc3339(*locked);
    object["locked_until"] = until;
    object["why"] = "it sent too many wrong codes and is locked until " + until +
                    ", then it may register: check what sends them; " +
                    std::string(object["why"].get_string());
  }
  if (!enrolment->reason.empty()) object["reason"] = enrolment->reason;
  if (is_open(state)) object["expires"] = rfc3339(enrolment->expires);
  if (state == State::kDeferred) object["until"] = rfc3339(enrolment->until);
  if (mail && mail->fetched > 0) object["fetched"] = rfc3339(mail->fetched);
  return object;
}

// The service asked about, or each that is offered or that the device ever had.
Result<std::vector<std::string>> services_of(const Asked& asked, const std::string& service) {
  if (!service.empty()) return std::vector<std::string>{service};
  std::vector<std::string> services;
  const auto offered = asked.scope.platform.services();
  if (!offered) return fail(offered.error());
  for (const auto& row : *offered) services.push_back(row.service_id);
  const auto enrolments = find_enrolments(asked.scope, asked.device.device_id);
  if (!enrolments) return fail(enrolments.error());
  for (const auto& enrolment : *enrolments) services.push_back(enrolment.service);
  std::sort(services.begin(), services.end());
  services.erase(std::unique(services.begin(), services.end()), services.end());
  return services;
}

boost::json::value time_or_null(std::int64_t unix_ns) {
  if (unix_ns == 0) return nullptr;
  return boost::json::string(rfc3339(unix_ns));
}

}  // namespace

std::string sentence_of(const Enrolment& enrolment, const DeviceRow& device,
                        const std::optional<Platform::MailRow>& mail, bool canceled,
                        std::int64_t now) {
  if (!is_open(enrolment.state)) return ended_sentence(enrolment);
  if (canceled) return "its application " + enrolment.application + " was canceled";
  if (enrolment.expires <= now) return "its code expired at " + rfc3339(enrolment.expires);
  return open_sentence(enrolment, device, mail, now);
}

std::optional<Platform::MailRow> mail_of(const std::vector<Platform::MailRow>& mailbox,
                                         const Enrolment& enrolment) {
  for (const auto& mail : mailbox) {
    if (mail.reference == register_reference(enrolment)) return mail;
  }
  return std::nullopt;
}

Result<HttpAnswer> why(const Scope& scope, const HttpRequest& request) {
  const auto device = scope.platform.device(scope.customer, request.param("id"));
  if (!device) return fail(device.error());
  if (!*device) {
    return fail(INTRAY_E_NOT_FOUND,
                "your inventory holds no device '" + printable(request.param("id")) + "'");
  }
  auto mailbox = scope.platform.mailbox(scope.customer, (*device)->device_id);
  if (!mailbox) return fail(mailbox.error());
  const Asked asked{scope, **device, std::move(*mailbox)};
  const auto services = services_of(asked, request.query("service"));
  if (!services) return fail(services.error());
  boost::json::array rows;
  std::string text = (*device)->device_id + " (" + (*device)->model + ").";
  for (const auto& service : *services) {
    auto row = about(asked, service);
    if (!row) return fail(row.error());
    text += " " + service + ": " + std::string(std::string_view(row->at("why").get_string())) + ".";
    rows.push_back(std::move(*row));
  }
  return json_answer(200, {{"device_id", (*device)->device_id},
                           {"model", (*device)->model},
                           {"text", text},
                           {"last_poll", time_or_null((*device)->last_poll_unix_ns)},
                           {"next_poll", time_or_null((*device)->next_poll_unix_ns)},
                           {"services", std::move(rows)}});
}

}  // namespace intray::registration
