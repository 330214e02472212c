#include "plugins/registration/apply.hpp"

#include <algorithm>

#include "plugins/registration/application.hpp"
#include "plugins/registration/chunks.hpp"
#include "plugins/registration/survey.hpp"

namespace intray::registration {
namespace {

constexpr std::size_t kMistakesListedMax = 500;

struct Accepted {
  std::vector<Application> applications;
  std::vector<std::int64_t> devices;  // of each
};

Application new_application(const Criterion& criterion, const Wanted& wanted, Phase phase) {
  Application application;
  application.id = criterion.application;
  application.service = criterion.service.service_id;
  application.phase = phase;
  application.created = criterion.received;
  application.by = criterion.administrator;
  application.models = criterion.models;
  application.named = !wanted.devices.empty();
  application.reissue = criterion.reissue;
  return application;
}

void add_accepted(Batch& batch, const Application& application) {
  put(batch, application);
  batch.event(
      "application.accepted", "ok", application.id,
      boost::json::serialize(boost::json::object{
          {"application", application.id}, {"service", application.service}, {"step", "S206"}}));
}

HttpAnswer answer_of(std::uint32_t status, const Accepted& accepted, const Survey& survey) {
  boost::json::array list;
  for (std::size_t i = 0; i < accepted.applications.size(); ++i) {
    const auto& application = accepted.applications[i];
    list.push_back(boost::json::object{{"id", application.id},
                                       {"service", application.service},
                                       {"state", name_of(application.phase)},
                                       {"devices", accepted.devices[i]}});
  }
  boost::json::object body{{"applications", std::move(list)}};
  if (status == 201) {
    body["skipped"] = survey.skipped_count;
    body["skipped_devices"] = survey.skipped;
  }
  auto answer = json_answer(status, body);
  if (accepted.applications.size() == 1) {
    answer.headers.emplace_back("Location", "/v1/applications/" + accepted.applications[0].id);
  }
  return answer;
}

void add_reply(Batch& batch, const HttpAnswer& answer) {
  batch.reply(answer.status, answer.headers.empty() ? "" : answer.headers.front().second,
              answer.body);
}

// One application with all its devices: every row of its share of the batch.
Result<std::int64_t> add_small(const Scope& scope, Changes& changes, const Wanted& wanted,
                               const Survey& survey, std::size_t index) {
  const auto& criterion = wanted.criteria[index];
  std::vector<std::string> devices;
  for (const auto& pair : survey.pairs) {
    if (pair.criterion != index) continue;
    const auto posting = new_posting(scope, criterion);
    if (!posting) return fail(posting.error());
    const auto issued = issue(changes, pair.choice, *posting, scope.now());
    if (!issued) return fail(issued.error());
    devices.push_back(pair.device_id);
  }
  const auto count = static_cast<std::int64_t>(devices.size());
  if (count == 0) return count;
  const auto application = new_application(criterion, wanted, Phase::kRunning);
  add_accepted(changes.batch(), application);
  changes.batch().timer(application_key(application.id), next_look(application, scope.now()));
  const auto told = add_notice(scope, changes.batch(), criterion, count, std::move(devices));
  return told ? Result<std::int64_t>(count) : fail(told.error());
}

// A device with many rows to replace may make even 200 pairs too many for one batch.
Result<std::optional<HttpAnswer>> apply_small(const Scope& scope, const Wanted& wanted,
                                              const Survey& survey) {
  Changes changes(scope.now());
  Accepted accepted;
  for (std::size_t i = 0; i < wanted.criteria.size(); ++i) {
    const auto count = add_small(scope, changes, wanted, survey, i);
    if (!count) return fail(count.error());
    if (*count == 0) continue;  // none of this service: no application
    accepted.applications.push_back(new_application(wanted.criteria[i], wanted, Phase::kRunning));
    accepted.devices.push_back(*count);
  }
  auto batch = changes.take();
  auto answer = answer_of(201, accepted, survey);
  add_reply(batch, answer);
  if (batch.size() > INTRAY_OPS_MAX) return std::optional<HttpAnswer>();
  const auto done = scope.commit(batch);
  if (!done) return fail(done.error());
  return std::optional<HttpAnswer>(std::move(answer));
}

// How many devices a large application is about, as far as one look at the models can tell.
Result<std::int64_t> expected_devices(const Scope& scope, const Wanted& wanted,
                                      const Criterion& criterion) {
  if (!wanted.devices.empty()) return static_cast<std::int64_t>(wanted.devices.size());
  const auto held = scope.platform.models(scope.customer);
  if (!held) return fail(held.error());
  std::int64_t devices = 0;
  for (const auto& row : *held) {
    const auto& models = criterion.models;
    if (!models.empty() && std::find(models.begin(), models.end(), row.model) == models.end()) {
      continue;
    }
    DeviceRow device;
    device.vendor = row.vendor;
    device.model = row.model;
    const auto applies = scope.platform.applies(criterion.service.service_id, device);
    if (!applies) return fail(applies.error());
    if (*applies) devices += row.devices;
  }
  return devices;
}

Result<HttpAnswer> apply_large(const Scope& scope, const Wanted& wanted, const Survey& survey) {
  Batch batch;
  Accepted accepted;
  for (const auto& criterion : wanted.criteria) {
    const auto expected = expected_devices(scope, wanted, criterion);
    if (!expected) return fail(expected.error());
    auto application = new_application(criterion, wanted, Phase::kIssuing);
    application.expected = *expected;
    add_accepted(batch, application);
    add_names(batch, application.id, wanted.devices);
    batch.timer(application_key(application.id), scope.now());
    accepted.applications.push_back(std::move(application));
    accepted.devices.push_back(*expected);
  }
  auto answer = answer_of(202, accepted, survey);
  add_reply(batch, answer);
  const auto done = scope.commit(batch);
  if (!done) return fail(done.error());
  return answer;
}

HttpAnswer mistakes(Survey survey) {
  const auto count = survey.mistakes.size();
  if (count > kMistakesListedMax) survey.mistakes.resize(kMistakesListedMax);
  return problem({422,
                  "INT-2001",
                  "Some devices named cannot take part",
                  std::to_string(count) +
                      " of the devices named; nothing was written: leave them out, or see the "
                      "reason of each",
                  {{"devices", std::move(survey.mistakes)}}});
}

HttpAnswer none_left(Survey survey) {
  const std::string detail =
      survey.skipped.empty()
          ? "your inventory holds no device for it"
          : "none of your devices can take part: " +
                std::string(
                    std::string_view(survey.skipped[0].get_object().at("reason").get_string())) +
                (survey.skipped_count > 1
                     ? " (and " + std::to_string(survey.skipped_count - 1) + " more)"
                     : "");
  return problem({409,
                  "INT-2002",
                  "No device is left to apply for",
                  detail,
                  {{"devices", std::move(survey.skipped)}}});
}

// Names that nothing is known of are a mistake in a dry run, too; what does not apply is listed.
Result<HttpAnswer> try_out(const Scope& scope, const HttpRequest& request, const Wanted& wanted) {
  const auto page = page_of(request);
  if (!page) return fail(page.error());
  Survey unknown;
  for (const auto& device_id : wanted.devices) {
    if (!page->after.empty()) break;  // told with the first page
    const auto device = scope.platform.device(scope.customer, device_id);
    if (!device) return fail(device.error());
    if (!*device) unknown.mistakes.push_back(not_held(device_id));
  }
  if (!unknown.mistakes.empty()) return mistakes(std::move(unknown));
  return dry_run(scope, wanted, *page);
}

}  // namespace

Result<HttpAnswer> apply(const Scope& scope, const HttpRequest& request) {
  auto wanted = wanted_of(scope, request);
  if (!wanted) return fail(wanted.error());
  const auto dry = request.query("dry_run");
  if (dry == "true") return try_out(scope, request, *wanted);
  if (!dry.empty() && dry != "false") {
    return fail(INTRAY_E_INVALID, "'dry_run' is true or false");
  }
  Error last{INTRAY_E_CONFLICT, ""};
  for (int tries = 0; tries < kTriesMax; ++tries) {
    for (auto& criterion : wanted->criteria) {
      auto id = new_application_id(scope);
      if (!id) return fail(id.error());
      criterion.application = std::move(*id);
    }
    auto found = survey(scope, *wanted);
    if (!found) return fail(found.error());
    if (!found->mistakes.empty()) return mistakes(std::move(*found));
    if (found->pairs.empty()) return none_left(std::move(*found));
    if (!found->large()) {
      auto answer = apply_small(scope, *wanted, *found);
      if (answer && *answer) return std::move(**answer);
      if (!answer && !is_stale(answer.error())) return fail(answer.error());
      if (!answer) {
        last = answer.error();
        continue;
      }
    }
    auto answer = apply_large(scope, *wanted, *found);
    if (answer || !is_stale(answer.error())) return answer;
    last = answer.error();
  }
  return fail(INTRAY_E_BUSY,
              "other changes came first each time: try again (" + last.message + ")");
}

}  // namespace intray::registration
