#include "plugins/registration/wake.hpp"

#include <intray/wake.h>

#include <algorithm>

#include "plugins/registration/application.hpp"
#include "plugins/registration/wake_polls.hpp"
#include "plugins/registration/wake_request.hpp"
#include "plugins/registration/wake_run.hpp"
#include "plugins/registration/wake_urls.hpp"

namespace intray::registration {
namespace {

constexpr std::size_t kRowsAtOnce = 50;  // of nodes, in one batch
constexpr std::int64_t kUnansweredNs = 30 * kSecondNs;
constexpr std::int64_t kTimerNs = 10 * kSecondNs;

// ---- planning ---------------------------------------------------------------------------------

struct Waiting {
  std::vector<WakeDevice> devices;  // in the order of the inventory
  std::size_t left_out = 0;         // without an address
};

Result<Waiting> waiting_in(const Scope& scope, const Application& application) {
  Waiting waiting;
  std::string after;
  for (;;) {
    const auto rows = scope.walk(members_of(application.id), after, INTRAY_PAGE_ROWS_MAX);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      const auto member = decode_member(row);
      if (!member) return fail(member.error());
      if (!is_open(member->state)) continue;
      const auto device = scope.platform.device(scope.customer, member->device_id);
      if (!device) return fail(device.error());
      if (*device && is_wakeable((*device)->address)) {
        waiting.devices.push_back({member->device_id, (*device)->address, (*device)->performance});
      } else {
        ++waiting.left_out;
      }
    }
    if (rows->size() < INTRAY_PAGE_ROWS_MAX) return waiting;
    after = rows->back().key;
  }
}

Result<Wake> new_wake(const Scope& scope, const Application& application, const WakeAsked& asked,
                      const WakePlan& plan, std::uint32_t polls) {
  const auto random = scope.platform.new_nonce();
  if (!random) return fail(random.error());
  const std::string_view id(reinterpret_cast<const char*>(random->data()), 6);
  Wake wake;
  wake.application = application.id;
  wake.plan = hex(id);
  wake.service = application.service;
  wake.asked = asked.text;
  wake.mode = asked.mode;
  wake.devices = plan.nodes.size();
  wake.relays = relay_wakes(plan, application.service).size();
  wake.roots = plan.roots;
  wake.fanout = plan.fanout;
  wake.depth = plan.nodes.back().depth;
  wake.step_ms = plan.step_ms;
  wake.polls = polls;
  wake.scheme = plan.scheme;
  wake.port = plan.port;
  wake.made = scope.now();
  return wake;
}

void add_planned(Batch& batch, const Wake& wake) {
  batch.event("wake.planned", "ok", wake.application,
              boost::json::serialize(boost::json::object{{"application", wake.application},
                                                         {"service", wake.service},
                                                         {"mode", wake.mode},
                                                         {"devices", wake.devices},
                                                         {"relays", wake.relays},
                                                         {"step", "S131"}}));
}

// The first batch makes it this application's wake, the last one complete. A process that dies in
// between leaves it to its timer, which ends it.
Result<void> write_plan(const Scope& scope, Wake wake, const WakePlan& plan) {
  const auto rows = node_rows(plan);
  for (std::size_t row = 0; row < rows; row += kRowsAtOnce) {
    Batch batch;
    const auto to = std::min(row + kRowsAtOnce, rows);
    for (auto next = row; next < to; ++next) put_nodes(batch, wake, plan, next);
    if (row == 0) batch.timer(wake_key(wake.application), scope.now() + kTimerNs);
    if (to == rows) {
      wake.state = wake.relays > 0 ? WakeState::kSending : WakeState::kReady;
      wake.ready = wake.relays > 0 ? 0 : scope.now();
      add_planned(batch, wake);
    }
    put(batch, wake);
    const auto done = scope.commit(batch);
    if (!done) return done;
    if (to == rows) break;
    const auto written = find_wake(scope, wake.application);
    if (!written) return fail(written.error());
    if (!*written || (*written)->plan != wake.plan) {
      return fail(INTRAY_E_CONFLICT, "another request took the place of this wake");
    }
    wake.revision = (*written)->revision;
  }
  return {};
}

// The share of the host's polls comes first: it says how fast the plan is.
Result<void> make_plan(const Scope& scope, const Application& application, const WakeAsked& asked,
                       NoRoom& no_room) {
  auto waiting = waiting_in(scope, application);
  if (!waiting) return fail(waiting.error());
  if (waiting->devices.empty()) {
    return fail(INTRAY_E_BAD_STATE,
                waiting->left_out == 0
                    ? "no device of application " + application.id + " waits any more"
                    : "none of the devices that wait has an address in the inventory");
  }
  if (waiting->devices.size() > kWakeDevicesMax) {
    return fail(INTRAY_E_INVALID, "a wake is of at most " + std::to_string(kWakeDevicesMax) +
                                      " devices: apply for fewer models at a time");
  }
  const auto polls =
      reserve_polls(scope, application.id, waiting->devices.size(), asked.request, no_room);
  if (!polls) return fail(polls.error());
  auto request = asked.request;
  request.polls_max = *polls;
  const auto plan = plan_wake(std::move(waiting->devices), request);
  if (!plan) return fail(plan.error());
  auto wake = new_wake(scope, application, asked, *plan, *polls);
  if (!wake) return fail(wake.error());
  wake->left_out = waiting->left_out;
  if (auto held = hold_polls(scope, *wake, no_room); !held) return held;
  return write_plan(scope, std::move(*wake), *plan);
}

// ---- the plan that is there -------------------------------------------------------------------

// A further page, and a repeat of what was answered 202, need the very same plan. So does a repeat
// while nobody has registered meanwhile; afterwards the others are planned anew.
Result<bool> serves(const Scope& scope, const Wake& wake, const WakeAsked& asked,
                    const Page& page) {
  if (wake.asked != asked.text || wake.state == WakeState::kEnding) return false;
  const auto now = scope.now();
  if (now >= wake.made + kWakePlanFreshNs) return false;
  if (!page.after.empty() || wake.state != WakeState::kReady) return true;
  if (wake.relays > 0 && now < wake.ready + kUnansweredNs) return true;
  const auto counts = counts_of(scope, wake.application);
  if (!counts) return fail(counts.error());
  return counts->open() == static_cast<std::int64_t>(wake.devices + wake.left_out);
}

// The wake that answers this request, as far as it has come; a new one when there is none.
Result<Wake> current_wake(const Scope& scope, const Application& application,
                          const WakeAsked& asked, const Page& page, NoRoom& no_room) {
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto found = find_wake(scope, application.id);
    if (!found) return fail(found.error());
    Result<void> done;
    if (!*found) {
      done = make_plan(scope, application, asked, no_room);
    } else {
      const auto good = serves(scope, **found, asked, page);
      if (!good) return fail(good.error());
      if (*good && (*found)->state == WakeState::kReady) return **found;
      if (!*good) done = begin_wake_end(scope, **found);
    }
    if (!done && !is_stale(done.error())) return fail(done.error());
    const auto step = advance_wake(scope, application.id);
    if (!step) return fail(step.error());
    if (*step == WakeStep::kRests) continue;
    const auto left = find_wake(scope, application.id);
    if (!left) return fail(left.error());
    if (*left) return **left;
  }
  return fail(INTRAY_E_BUSY, "the wake of this application kept changing: try again");
}

// ---- the answer -------------------------------------------------------------------------------

HttpAnswer not_yet(std::string_view mode, std::size_t devices, std::size_t relays,
                   std::size_t sent) {
  auto answer =
      json_answer(202, {{"mode", mode}, {"devices", devices}, {"relays", relays}, {"sent", sent}});
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

Result<Platform::WakeCommand> mint(const Scope& scope, const WakePlan& plan, const WakeUrl& url) {
  std::vector<intray_wake_target> targets;
  for (const auto& entry : url.entries) {
    intray_wake_target target{};
    target.struct_size = sizeof target;
    target.children = entry.children;
    target.step = entry.step;
    target.device_id = str(entry.device_id);
    targets.push_back(target);
  }
  std::vector<const intray_wake_target*> pointers;
  for (const auto& target : targets) pointers.push_back(&target);
  intray_wake_order order{};
  order.struct_size = sizeof order;
  order.step_ms = plan.step_ms;
  order.target_count = static_cast<std::uint32_t>(pointers.size());
  order.targets = pointers.data();
  return scope.platform.mint_wake(scope.call, order);
}

Result<HttpAnswer> answer_of(const Scope& scope, const Wake& wake, const Page& page,
                             NoRoom& no_room) {
  const auto plan = load_plan(scope, wake);
  if (!plan) return fail(plan.error());
  const auto all = wake_urls(*plan);
  auto from = all.begin();
  if (!page.after.empty()) {
    from =
        std::find_if(from, all.end(), [&](const auto& url) { return url.device_id == page.after; });
    if (from == all.end()) return fail(INTRAY_E_INVALID, "'after' is what a page gave as 'next'");
    ++from;
  }
  if (const auto held = hold_polls(scope, wake, no_room); !held) return fail(held.error());
  const auto left = static_cast<std::size_t>(all.end() - from);
  const auto to = from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(left, page.limit));
  boost::json::array urls;
  for (; from != to; ++from) {
    const auto command = mint(scope, *plan, *from);
    if (!command && command.error().status == INTRAY_E_NOT_FOUND) {
      const auto begun = begin_wake_end(scope, wake);
      if (!begun && !is_stale(begun.error())) return fail(begun.error());
      return fail(INTRAY_E_BUSY, "the inventory changed since this wake was planned: ask again");
    }
    if (!command) return fail(command.error());
    urls.push_back(boost::json::object{{"device_id", from->device_id},
                                       {"url", with_command(from->url, command->text)},
                                       {"wait_ms", from->wait_ms},
                                       {"expires", rfc3339(command->expires_unix_s * kSecondNs)}});
  }
  boost::json::object body{{"mode", wake.mode},     {"devices", wake.devices},
                           {"relays", wake.relays}, {"depth", wake.depth},
                           {"next", nullptr},       {"left_out", wake.left_out},
                           {"polls", wake.polls}};
  if (to != all.end()) body["next"] = (to - 1)->device_id;
  body["urls"] = std::move(urls);
  return json_answer(200, body);
}

}  // namespace

Result<HttpAnswer> wake(const Scope& scope, const HttpRequest& request) {
  const auto application = the_application(scope, request.param("id"));
  if (!application) return fail(application.error());
  const auto page = page_of(request);
  if (!page) return fail(page.error());
  const auto asked = wake_asked(scope, request);
  if (!asked) return fail(asked.error());
  if (is_canceled(application->phase) || is_finished(application->phase)) {
    return fail(INTRAY_E_BAD_STATE, "application " + application->id + " is " +
                                        std::string(name_of(application->phase)) +
                                        ": none of its devices waits");
  }
  if (application->phase == Phase::kIssuing) {
    return not_yet(asked->mode, static_cast<std::size_t>(application->expected), 0, 0);
  }
  NoRoom no_room;
  const auto refused = [&](const Error& error) -> Result<HttpAnswer> {
    if (no_room.room_at > 0) return no_room_answer(scope, error, no_room);
    return fail(error);
  };
  const auto wake = current_wake(scope, *application, *asked, *page, no_room);
  if (!wake) return refused(wake.error());
  if (wake->state == WakeState::kReady) {
    auto answer = answer_of(scope, *wake, *page, no_room);
    return answer ? std::move(answer) : refused(answer.error());
  }
  return not_yet(wake->mode, wake->devices, wake->relays, wake->sent);
}

}  // namespace intray::registration
