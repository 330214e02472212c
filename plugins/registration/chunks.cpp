#include "plugins/registration/chunks.hpp"

#include <algorithm>

#include "plugins/registration/format.hpp"
#include "plugins/registration/row.hpp"
#include "plugins/registration/selection.hpp"
#include "plugins/registration/wake_run.hpp"

namespace intray::registration {
namespace {

constexpr std::uint32_t kChunkDevices = 120;   // 12 operations each at most, and the application's
constexpr std::uint32_t kCancelDevices = 200;  // 6 each, and the names left
constexpr int kChunksAtOnce = 16;              // before other timers get their turn
constexpr std::int64_t kHeldUpNs = 60 * kSecondNs;

enum class Step { kMore, kDone, kHeldUp };

// The devices that the next chunk looks at.
struct Chunk {
  std::vector<DeviceRow> devices;
  bool last = false;
  std::optional<StoredRow> names;  // the row they were named in, when they were
  std::vector<std::string> rest;   // names of that row beyond this chunk
  std::int64_t gone = 0;           // named, but no longer held
};

std::string encode_names(const std::vector<std::string>& device_ids) {
  return boost::json::serialize(
      boost::json::object{{"v", 1}, {"devices", boost::json::value_from(device_ids)}});
}

Result<Chunk> named_chunk(const Scope& scope, const Application& application, std::uint32_t size) {
  const auto rows = scope.walk(names_of(application.id), "", 1);
  if (!rows) return fail(rows.error());
  Chunk chunk;
  chunk.last = rows->empty();
  if (rows->empty()) return chunk;
  chunk.names = rows->front();
  Row fields(*chunk.names);
  std::uint32_t taken = 0;
  for (const auto& name : fields.array("devices")) {
    if (!name.is_string()) return fields.unreadable();
    const std::string device_id(std::string_view(name.get_string()));
    if (++taken > size) {
      chunk.rest.push_back(device_id);
      continue;
    }
    auto device = scope.platform.device(scope.customer, device_id);
    if (!device) return fail(device.error());
    if (*device) chunk.devices.push_back(std::move(**device));
    if (!*device) ++chunk.gone;
  }
  if (!fields.readable()) return fields.unreadable();
  return chunk;
}

Result<Chunk> next_chunk(const Scope& scope, const Application& application, std::uint32_t size) {
  if (application.named) return named_chunk(scope, application, size);
  auto devices = scope.platform.devices(scope.customer, application.cursor, size);
  if (!devices) return fail(devices.error());
  Chunk chunk;
  chunk.last = devices->size() < size;
  chunk.devices = std::move(*devices);
  return chunk;
}

// Forgets the names that this chunk issues.
void consume(Batch& batch, const Chunk& chunk) {
  if (!chunk.names) return;
  if (chunk.rest.empty()) {
    batch.erase(chunk.names->key, chunk.names->revision);
  } else {
    batch.put(chunk.names->key, encode_names(chunk.rest), chunk.names->revision);
  }
}

Result<Criterion> criterion_of(const Scope& scope, const Application& application) {
  const auto offered = scope.platform.services();
  if (!offered) return fail(offered.error());
  for (const auto& service : *offered) {
    if (service.service_id != application.service) continue;
    return Criterion{
        service, application.models, application.reissue, application.by, application.id,
        "",      application.created};
  }
  return fail(INTRAY_E_UNAVAILABLE, "service " + application.service + " is not offered now");
}

// The last chunk starts the run, and tells the administrator.
Result<void> finish_issuing(const Scope& scope, Application& application, Changes& changes,
                            const Criterion& criterion, const std::vector<std::string>& posted) {
  const auto counts = counts_of(scope, application.id);
  if (!counts) return fail(counts.error());
  const auto members = scope.walk(members_of(application.id), "", kNoticeDevicesMax);
  if (!members) return fail(members.error());
  std::vector<std::string> devices;
  for (const auto& row : *members) devices.push_back(Row(row).key_part(2));
  devices.insert(devices.end(), posted.begin(), posted.end());
  const auto total = counts->total() + static_cast<std::int64_t>(posted.size());
  application.phase = Phase::kRunning;
  application.expected = total;
  return add_notice(scope, changes.batch(), criterion, total, std::move(devices));
}

// With size 1, skip_refused leaves out a device whose mailbox takes nothing more.
Result<void> issue_chunk(const Scope& scope, Application& application, std::uint32_t size,
                         bool skip_refused) {
  const auto criterion = criterion_of(scope, application);
  if (!criterion) return fail(criterion.error());
  const auto chunk = next_chunk(scope, application, size);
  if (!chunk) return fail(chunk.error());
  Selector selector(scope, *criterion);
  Changes changes(scope.now());
  std::vector<std::string> posted;
  for (const auto& device : chunk->devices) {
    auto choice = selector.choose(device);
    if (!choice) return fail(choice.error());
    application.cursor = device.device_id;
    if (!choice->will || skip_refused) {
      application.skipped += choice->applicable ? 1 : 0;
      continue;
    }
    const auto posting = new_posting(scope, *criterion);
    if (!posting) return fail(posting.error());
    auto issued = issue(changes, std::move(*choice), *posting, scope.now());
    if (!issued) return issued;
    posted.push_back(device.device_id);
  }
  application.skipped += chunk->gone;
  application.why.clear();
  consume(changes.batch(), *chunk);
  if (chunk->last) {
    auto finished = finish_issuing(scope, application, changes, *criterion, posted);
    if (!finished) return finished;
  }
  put(changes.batch(), application);
  return scope.commit(changes.take());
}

// Says what holds the application up; the reserve of the store takes a batch without instructions.
Result<Step> hold_up(const Scope& scope, Application application, const Error& error) {
  const auto why = error.status == INTRAY_E_FULL
                       ? "the store is full: it goes on by itself when there is room again"
                       : error.message;
  if (application.why != why) {
    application.why = why;
    Batch batch;
    put(batch, application);
    const auto told = scope.commit(batch);
    if (!told && !is_stale(told.error())) return fail(told.error());
  }
  return Step::kHeldUp;
}

Result<Step> issue_next(const Scope& scope, const std::string& id) {
  auto size = kChunkDevices;
  bool skip_refused = false;
  for (int tries = 0; tries < kTriesMax;) {
    const auto found = find_application(scope, id);
    if (!found) return fail(found.error());
    if (!*found || (*found)->phase != Phase::kIssuing) return Step::kDone;
    auto application = **found;
    const auto issued = issue_chunk(scope, application, size, skip_refused);
    if (issued) return application.phase == Phase::kIssuing ? Step::kMore : Step::kDone;
    const auto& error = issued.error();
    if (error.status == INTRAY_E_TOO_LARGE) {
      skip_refused = size == 1;
      size = std::max(size / 2, 1U);
    } else if (is_stale(error)) {
      ++tries;
    } else if (error.status == INTRAY_E_FULL || error.status == INTRAY_E_UNAVAILABLE) {
      return hold_up(scope, **found, error);
    } else {
      return fail(error);
    }
  }
  return Step::kMore;
}

Result<Step> cancel_next(const Scope& scope, const std::string& id) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    auto application = find_application(scope, id);
    if (!application) return fail(application.error());
    if (!*application || (*application)->phase != Phase::kCanceling) return Step::kDone;
    Changes changes(scope.now());
    const auto canceled = cancel_page(scope, **application, changes);
    if (!canceled) return fail(canceled.error());
    put(changes.batch(), **application);
    const auto done = scope.commit(changes.take());
    if (done) return (*application)->phase == Phase::kCanceling ? Step::kMore : Step::kDone;
    if (!is_stale(done.error())) return fail(done.error());
  }
  return Step::kMore;
}

}  // namespace

void add_names(Batch& batch, const std::string& application,
               const std::vector<std::string>& device_ids) {
  for (std::size_t from = 0; from < device_ids.size(); from += kChunkDevices) {
    const auto to = std::min<std::size_t>(from + kChunkDevices, device_ids.size());
    const std::vector<std::string> part(device_ids.begin() + static_cast<std::ptrdiff_t>(from),
                                        device_ids.begin() + static_cast<std::ptrdiff_t>(to));
    batch.put(name_key(application, from / kChunkDevices), encode_names(part),
              Batch::kMustNotExist);
  }
}

Result<void> cancel_page(const Scope& scope, Application& application, Changes& changes) {
  const auto after =
      application.cursor.empty() ? std::string() : member_key(application.id, application.cursor);
  const auto rows = scope.walk(members_of(application.id), after, kCancelDevices);
  if (!rows) return fail(rows.error());
  for (const auto& row : *rows) {
    const auto member = decode_member(row);
    if (!member) return fail(member.error());
    application.cursor = member->device_id;
    if (!is_open(member->state)) continue;
    auto enrolment = find_enrolment(scope, member->device_id, application.service);
    if (!enrolment) return fail(enrolment.error());
    if (enrolment->generation != member->generation || !is_open(enrolment->state)) continue;
    const auto fired =
        changes.fire(*enrolment, State::kCanceled, kAdministrator, {"application canceled"});
    if (!fired) return fired;
    changes.put(*enrolment);
  }
  if (rows->size() == kCancelDevices) return {};
  const auto names = scope.walk(names_of(application.id), "", INTRAY_PAGE_ROWS_MAX);
  if (!names) return fail(names.error());
  for (const auto& row : *names) changes.batch().erase(row.key, row.revision);
  application.phase = Phase::kCanceled;
  application.finished = scope.now();
  return {};
}

Result<void> application_due(const Scope& scope, const std::string& id,
                             const intray_batch_sink& sink) {
  auto step = Result<Step>(Step::kMore);
  for (int chunks = 0; step && *step == Step::kMore && chunks < kChunksAtOnce; ++chunks) {
    if (scope.call.is_cancelled(&scope.call) != 0) break;  // the host wants its thread back
    const auto application = find_application(scope, id);
    if (!application) return fail(application.error());
    if (!*application) return {};
    const auto phase = (*application)->phase;
    if (phase != Phase::kIssuing && phase != Phase::kCanceling) break;
    step = phase == Phase::kIssuing ? issue_next(scope, id) : cancel_next(scope, id);
  }
  if (!step) return fail(step.error());
  const auto application = find_application(scope, id);
  if (!application) return fail(application.error());
  if (!*application || is_finished((*application)->phase)) return {};
  Batch batch;
  const auto now = scope.now();
  if ((*application)->phase != Phase::kRunning) {
    batch.timer(application_key(id), *step == Step::kHeldUp ? now + kHeldUpNs : now);
    return batch.into(sink);
  }
  const auto counts = counts_of(scope, id);
  if (!counts) return fail(counts.error());
  if (counts->open() == 0) {
    add_completion(batch, **application, *counts, now);
    if (auto ended = end_wake_soon(scope, id, batch); !ended) return ended;
  } else {
    batch.timer(application_key(id), next_look(**application, now));
  }
  return batch.into(sink);
}

}  // namespace intray::registration
