#include "plugins/registration/cancel.hpp"

#include "plugins/registration/application.hpp"
#include "plugins/registration/chunks.hpp"
#include "plugins/registration/wake_run.hpp"

namespace intray::registration {
namespace {

constexpr std::int64_t kCanceledAtOnce = 150;  // open devices

HttpAnswer answer_of(const Application& application) {
  return json_answer(200, {{"id", application.id},
                           {"service", application.service},
                           {"state", name_of(application.phase)}});
}

// with_devices: their rows in the same batch, unless others kept changing them first.
Result<HttpAnswer> cancel_now(const Scope& scope, Application application, bool with_devices) {
  const auto counts = counts_of(scope, application.id);
  if (!counts) return fail(counts.error());
  Changes changes(scope.now());
  application.phase = Phase::kCanceling;
  application.cursor.clear();
  application.why.clear();
  if (with_devices && counts->total() <= kCanceledAtOnce) {
    const auto canceled = cancel_page(scope, application, changes);
    if (!canceled) return fail(canceled.error());
  }
  auto& batch = changes.batch();
  put(batch, application);
  batch.put(canceled_key(application.id), "{}", Batch::kMustNotExist);
  batch.timer(application_key(application.id),
              application.phase == Phase::kCanceling ? scope.now() : 0);
  batch.event(
      "application.canceled", "ok", application.id,
      boost::json::serialize(boost::json::object{{"application", application.id},
                                                 {"service", application.service},
                                                 {"open", counts->open()},
                                                 {"registered", counts->of(State::kRegistered)},
                                                 {"step", "S206"}}));
  if (auto ended = end_wake_soon(scope, application.id, batch); !ended) {
    return fail(ended.error());
  }
  auto answer = answer_of(application);
  batch.reply(answer.status, "", answer.body);
  const auto done = scope.commit(changes.take());
  return done ? Result<HttpAnswer>(std::move(answer)) : fail(done.error());
}

}  // namespace

Result<HttpAnswer> cancel(const Scope& scope, std::string_view id) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto application = find_application(scope, id);
    if (!application) return fail(application.error());
    if (!*application) {
      return fail(INTRAY_E_NOT_FOUND, "no application '" + std::string(id) + "'");
    }
    if (is_canceled((*application)->phase)) return answer_of(**application);
    if ((*application)->phase == Phase::kCompleted) {
      return fail(INTRAY_E_BAD_STATE,
                  "application " + (*application)->id +
                      " is completed, nothing waits: stop its entitlements one by one instead");
    }
    auto answer = cancel_now(scope, **application, tries == 0);
    if (answer || !is_stale(answer.error())) return answer;
  }
  return fail(INTRAY_E_BUSY, "the application kept changing: try again");
}

}  // namespace intray::registration
