#include "plugins/registration/application.hpp"

#include <algorithm>
#include <numeric>

#include "plugins/registration/format.hpp"
#include "plugins/registration/row.hpp"
#include "plugins/registration/wake_run.hpp"

namespace intray::registration {
namespace {

constexpr std::array<std::string_view, 5> kPhases = {"issuing", "running", "canceling", "completed",
                                                     "canceled"};
constexpr std::int64_t kSoonestLookNs = 5 * kSecondNs;
constexpr std::int64_t kLatestLookNs = 600 * kSecondNs;
constexpr std::int64_t kFewOpen = 64;

std::optional<Phase> phase_named(std::string_view name) {
  for (std::size_t i = 0; i < kPhases.size(); ++i) {
    if (kPhases[i] == name) return static_cast<Phase>(i);
  }
  return std::nullopt;
}

std::string keyed(std::string_view table, std::string_view id) {
  return std::string(table).append(" ").append(id);
}

boost::json::object to_json(const Counts& counts) {
  boost::json::object by_name;
  for (std::size_t i = 0; i < kStates; ++i) {
    by_name[name_of(static_cast<State>(i))] = counts.by_state[i];
  }
  return by_name;
}

boost::json::value time_or_null(std::int64_t unix_ns) {
  if (unix_ns == 0) return nullptr;
  return boost::json::string(rfc3339(unix_ns));
}

// Every device polls within one interval, so that is when most are done.
Result<boost::json::value> expected_finish(const Scope& scope, const Application& application) {
  if (is_finished(application.phase)) return boost::json::value(nullptr);
  const auto interval =
      scope.platform.number_setting(scope.customer, INTRAY_SETTING_POLL_INTERVAL_S);
  if (!interval) return fail(interval.error());
  const auto life = scope.platform.number_setting(scope.customer, INTRAY_SETTING_CODE_LIFE_S);
  if (!life) return fail(life.error());
  const auto polled = application.created + *interval * kSecondNs;
  const auto latest = application.created + *life * kSecondNs;
  return time_or_null(scope.now() <= polled ? std::min(polled, latest) : latest);
}

}  // namespace

std::string_view name_of(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

std::int64_t Counts::total() const {
  return std::accumulate(by_state.begin(), by_state.end(), std::int64_t{0});
}

Result<std::string> new_application_id(const Scope& scope) {
  const auto random = scope.platform.new_nonce();
  if (!random) return fail(random.error());
  const auto ms = static_cast<std::uint64_t>(scope.now() / 1'000'000);
  std::string bytes;
  for (int shift = 40; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(ms >> static_cast<unsigned>(shift) & 0xFFU);
  }
  const std::string_view tail(reinterpret_cast<const char*>(random->data()), 3);
  return "a" + hex(bytes) + "-" + hex(tail);
}

std::string application_key(std::string_view id) { return keyed("application", id); }
std::string canceled_key(std::string_view id) { return keyed("canceled", id); }
std::string names_of(std::string_view id) { return keyed("named", id) + ' '; }
std::string count_key(std::string_view id, State state) {
  return keyed("count", id) + ' ' + std::string(name_of(state));
}
std::string name_key(std::string_view id, std::size_t number) {
  auto digits = std::to_string(number);
  digits.insert(0, 6 - std::min<std::size_t>(digits.size(), 6), '0');
  return names_of(id) + digits;
}

std::string encode(const Application& application) {
  return boost::json::serialize(
      boost::json::object{{"v", 1},
                          {"service", application.service},
                          {"state", name_of(application.phase)},
                          {"created", application.created},
                          {"by", application.by},
                          {"models", boost::json::value_from(application.models)},
                          {"named", application.named},
                          {"reissue", application.reissue},
                          {"cursor", application.cursor},
                          {"expected", application.expected},
                          {"skipped", application.skipped},
                          {"why", application.why},
                          {"finished", application.finished}});
}

Result<Application> decode_application(const StoredRow& row) {
  Row fields(row);
  Application application;
  application.id = fields.key_part(1);
  fields.expect_key(application_key(application.id));
  application.service = fields.text("service");
  application.models = fields.texts("models");
  application.created = fields.time("created");
  application.by = fields.text("by");
  application.named = fields.flag("named");
  application.reissue = fields.flag("reissue");
  application.cursor = fields.text("cursor");
  application.expected = static_cast<std::int64_t>(fields.number("expected"));
  application.skipped = static_cast<std::int64_t>(fields.number("skipped"));
  application.why = fields.text("why");
  application.finished = fields.time("finished");
  const auto phase = phase_named(fields.text("state"));
  if (!fields.readable() || !phase) return fields.unreadable();
  application.phase = *phase;
  application.revision = row.revision;
  return application;
}

Result<std::optional<Application>> find_application(const Scope& scope, std::string_view id,
                                                    std::uint64_t snapshot) {
  const auto row = scope.get(application_key(id), snapshot);
  if (!row) return fail(row.error());
  if (!*row) return std::optional<Application>();
  auto application = decode_application(**row);
  if (!application) return fail(application.error());
  return std::optional<Application>(std::move(*application));
}

Result<Application> the_application(const Scope& scope, std::string_view id) {
  auto application = find_application(scope, id);
  if (!application) return fail(application.error());
  if (*application) return std::move(**application);
  return fail(INTRAY_E_NOT_FOUND, "no application '" + printable(id) + "'");
}

Result<Counts> counts_of(const Scope& scope, std::string_view id, std::uint64_t snapshot) {
  const auto prefix = keyed("count", id) + ' ';
  const auto rows = scope.walk(prefix, "", INTRAY_PAGE_ROWS_MAX, snapshot);
  if (!rows) return fail(rows.error());
  Counts counts;
  for (const auto& row : *rows) {
    if (const auto state = state_named(std::string_view(row.key).substr(prefix.size()))) {
      counts.by_state[static_cast<std::size_t>(*state)] = counter_of(row.value);
    }
  }
  return counts;
}

Result<bool> was_canceled(const Scope& scope, std::string_view id) {
  const auto row = scope.get(canceled_key(id));
  if (!row) return fail(row.error());
  return row->has_value();
}

void put(Batch& batch, const Application& application) {
  batch.put(application_key(application.id), encode(application), application.revision);
}

std::int64_t next_look(const Application& application, std::int64_t now) {
  return now + std::clamp((now - application.created) / 4, kSoonestLookNs, kLatestLookNs);
}

void add_completion(Batch& batch, Application application, const Counts& counts, std::int64_t now) {
  application.phase = Phase::kCompleted;
  application.finished = now;
  put(batch, application);
  batch.event("application.completed", "ok", application.id,
              boost::json::serialize(boost::json::object{{"application", application.id},
                                                         {"service", application.service},
                                                         {"devices", counts.total()},
                                                         {"counts", to_json(counts)},
                                                         {"step", "S209"}}));
}

Result<void> complete_if_done(const Scope& scope, const std::string& id) {
  const auto counts = counts_of(scope, id);
  if (!counts) return fail(counts.error());
  if (counts->open() > 0) return {};
  const auto application = find_application(scope, id);
  if (!application) return fail(application.error());
  if (!*application || (*application)->phase != Phase::kRunning) return {};
  Batch batch;
  add_completion(batch, **application, *counts, scope.now());
  batch.timer(application_key(id), 0);
  if (auto ended = end_wake_soon(scope, id, batch); !ended) return ended;
  auto done = scope.commit(batch);
  if (!done && done.error().status == INTRAY_E_CONFLICT) return {};
  return done;
}

Result<void> look_soon(const Scope& scope, const std::string& id, Batch& batch) {
  const auto counts = counts_of(scope, id);
  if (!counts) return fail(counts.error());
  if (counts->open() > kFewOpen) return {};
  const auto application = find_application(scope, id);
  if (!application) return fail(application.error());
  if (*application && (*application)->phase == Phase::kRunning) {
    batch.timer(application_key(id), scope.now());
  }
  return {};
}

Result<boost::json::object> shown(const Scope& scope, const Application& application) {
  const auto counts = counts_of(scope, application.id);
  if (!counts) return fail(counts.error());
  auto finish = expected_finish(scope, application);
  if (!finish) return fail(finish.error());
  const auto devices = application.phase == Phase::kIssuing
                           ? std::max(application.expected, counts->total())
                           : counts->total();
  boost::json::object object{{"id", application.id},
                             {"service", application.service},
                             {"state", name_of(application.phase)},
                             {"devices", devices},
                             {"counts", to_json(*counts)},
                             {"skipped", application.skipped},
                             {"created", rfc3339(application.created)},
                             {"by", application.by},
                             {"finished", time_or_null(application.finished)},
                             {"expected_finish", std::move(*finish)}};
  if (!application.why.empty()) object["why"] = application.why;
  return object;
}

}  // namespace intray::registration
