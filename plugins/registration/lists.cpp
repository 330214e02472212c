#include "plugins/registration/lists.hpp"

#include "plugins/registration/application.hpp"
#include "plugins/registration/format.hpp"
#include "plugins/registration/wake_refusals.hpp"
#include "plugins/registration/wake_request.hpp"
#include "plugins/registration/wake_urls.hpp"
#include "plugins/registration/why.hpp"

namespace intray::registration {
namespace {

constexpr std::string_view kApplications = "application ";

boost::json::value time_or_null(std::int64_t unix_ns) {
  if (unix_ns == 0) return nullptr;
  return boost::json::string(rfc3339(unix_ns));
}

// As it ended in this application, though the device may be in a newer one by now.
Enrolment as_member(const Application& application, const Member& member) {
  Enrolment enrolment;
  enrolment.device_id = member.device_id;
  enrolment.service = application.service;
  enrolment.generation = member.generation;
  enrolment.state = member.state;
  enrolment.application = application.id;
  enrolment.since = member.since;
  enrolment.reason = member.reason;
  return enrolment;
}

// What is the same for all rows of a list.
struct Listing {
  const Application& application;
  WakeRequest settings;                    // of the customer, for the wake URL of who still waits
  std::map<std::string, Refused> refused;  // whom the running wake does not reach
};

// The relay that was to wake a device which nobody has woken, and refused; null when there is none.
const Refused* refused_for(const Listing& listing, const Member& member, State state,
                           const std::optional<Platform::MailRow>& mail) {
  if (!is_open(state) || (mail && mail->fetched > 0)) return nullptr;
  const auto found = listing.refused.find(member.device_id);
  return found == listing.refused.end() ? nullptr : &found->second;
}

std::string sentence_about(const Refused& refused) {
  return "; it was not woken: its relay " + refused.relay + " refused" +
         (refused.reason.empty() ? "" : " (it says: " + refused.reason + ")") +
         ", so call it directly (mode each)";
}

Result<boost::json::object> row_of(const Scope& scope, const Listing& listing,
                                   const Member& member) {
  const auto& application = listing.application;
  const bool canceled = is_canceled(application.phase);
  const auto state = is_open(member.state) && canceled ? State::kCanceled : member.state;
  auto found = scope.platform.device(scope.customer, member.device_id);
  if (!found) return fail(found.error());
  const auto device = found->value_or(DeviceRow());
  auto enrolment = as_member(application, member);
  std::optional<Platform::MailRow> mail;
  if (is_open(state)) {
    auto newest = find_enrolment(scope, member.device_id, application.service);
    if (!newest) return fail(newest.error());
    if (newest->generation == member.generation) enrolment = std::move(*newest);
    const auto mailbox = scope.platform.mailbox(scope.customer, member.device_id);
    if (!mailbox) return fail(mailbox.error());
    mail = mail_of(*mailbox, enrolment);
  }
  boost::json::value url;
  if (is_open(state)) {
    auto text = wake_url(listing.settings, member.device_id, device.address);
    if (!text.empty()) url = boost::json::string(text);
  }
  auto why = sentence_of(enrolment, device, mail, canceled, scope.now());
  const auto* refused = refused_for(listing, member, state, mail);
  boost::json::value relay;
  if (refused != nullptr) {
    relay = boost::json::string(refused->relay);
    why += sentence_about(*refused);
  }
  return boost::json::object{{"device_id", member.device_id},
                             {"model", device.model},
                             {"state", name_of(state)},
                             {"since", rfc3339(member.since)},
                             {"fetched", time_or_null(mail ? mail->fetched : 0)},
                             {"next_poll", time_or_null(device.next_poll_unix_ns)},
                             {"wake_url", std::move(url)},
                             {"refused_by", std::move(relay)},
                             {"why", std::move(why)}};
}

}  // namespace

Result<HttpAnswer> list_applications(const Scope& scope, const HttpRequest& request) {
  const auto page = page_of(request);
  if (!page) return fail(page.error());
  const auto after = page->after.empty() ? std::string() : application_key(page->after);
  const auto rows = scope.walk(kApplications, after, page->limit);
  if (!rows) return fail(rows.error());
  boost::json::array items;
  std::string next;
  for (const auto& row : *rows) {
    const auto application = decode_application(row);
    if (!application) return fail(application.error());
    auto object = shown(scope, *application);
    if (!object) return fail(object.error());
    items.push_back(std::move(*object));
    next = application->id;
  }
  return list_answer(std::move(items), rows->size() < page->limit ? "" : next);
}

Result<HttpAnswer> show_application(const Scope& scope, const HttpRequest& request) {
  const auto application = the_application(scope, request.param("id"));
  if (!application) return fail(application.error());
  const auto object = shown(scope, *application);
  return object ? json_answer(200, *object) : Result<HttpAnswer>(fail(object.error()));
}

Result<HttpAnswer> list_devices(const Scope& scope, const HttpRequest& request) {
  const auto page = page_of(request);
  if (!page) return fail(page.error());
  const auto application = the_application(scope, request.param("id"));
  if (!application) return fail(application.error());
  const auto after = page->after.empty() ? std::string() : member_key(application->id, page->after);
  const auto rows = scope.walk(members_of(application->id), after, page->limit);
  if (!rows) return fail(rows.error());
  auto settings = wake_settings(scope);
  if (!settings) return fail(settings.error());
  auto refused = refused_in(scope, application->id);
  if (!refused) return fail(refused.error());
  const Listing listing{*application, std::move(*settings), std::move(*refused)};
  boost::json::array items;
  std::string next;
  for (const auto& row : *rows) {
    const auto member = decode_member(row);
    if (!member) return fail(member.error());
    auto object = row_of(scope, listing, *member);
    if (!object) return fail(object.error());
    items.push_back(std::move(*object));
    next = member->device_id;
  }
  return list_answer(std::move(items), rows->size() < page->limit ? "" : next);
}

}  // namespace intray::registration
