// intray apply: choose a service and devices on a terminal, or say them in flags.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>
#include <set>

#include "host/cli/selection.hpp"
#include "host/cli/session.hpp"

namespace intray::cli {
namespace {

struct Wanted {
  std::vector<std::string> services, devices, models;
  bool all = false;
  bool dry_run = false;
  bool reissue = false;
  bool watch = false;
  std::string idempotency_key;
};

bool on_terminal() { return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1; }

boost::json::array texts(const std::vector<std::string>& from) {
  boost::json::array list;
  for (const auto& text : from) list.emplace_back(text);
  return list;
}

boost::json::object body_of(const Wanted& wanted) {
  boost::json::object body;
  if (wanted.services.size() == 1) body["service"] = wanted.services.front();
  if (wanted.services.size() > 1) body["services"] = texts(wanted.services);
  if (!wanted.devices.empty()) body["devices"] = texts(wanted.devices);
  if (!wanted.models.empty()) body["models"] = texts(wanted.models);
  if (wanted.reissue) body["reissue"] = true;
  return body;
}

// Asks until the answer is a selection; an empty answer or end of input takes nothing.
std::vector<std::size_t> ask(const std::string& question, std::size_t count) {
  for (;;) {
    std::cout << question << std::flush;
    std::string line;
    if (!std::getline(std::cin, line) || line.empty()) return {};
    const auto chosen = parse_selection(line, count);
    if (chosen) return *chosen;
    std::cout << chosen.error().message << '\n';
  }
}

Exit choose_service(const Session& session, Wanted& wanted) {
  // Those in use, too: they may be wanted on further devices.
  const auto listing = fetch_all(session, "/v1/services", false);
  if (listing.exit != kOk) return listing.exit;
  if (listing.items.size() < 2) return kOk;  // the host knows which one is meant
  std::vector<std::vector<std::string>> rows;
  for (const auto& service : listing.items) {
    rows.push_back({std::to_string(rows.size() + 1), text_of(service, "service"),
                    text_of(service, "name"), text_of(service, "in_use")});
  }
  print_table({"NO", "SERVICE", "NAME", "IN USE"}, rows, "");
  for (const auto index : ask("which services? (such as 1 or 1,3) ", rows.size())) {
    wanted.services.push_back(rows[index][1]);
  }
  if (!wanted.services.empty()) return kOk;
  std::cerr << "intray: no service chosen, nothing was applied for\n";
  return kFailed;
}

// The dry run's list: every held device, will or will not, because.
struct Preview {
  Exit exit = kOk;
  boost::json::array rows;
};

Preview preview(const Session& session, const Wanted& wanted) {
  Preview shown;
  std::string after;
  do {
    Call call;
    call.method = "POST";
    call.path = "/v1/applications" + query({{"dry_run", "true"}, {"after", after}});
    call.body = boost::json::serialize(body_of(wanted));
    const auto reply = send(session.connection, call);
    if (!reply) {
      shown.exit = explain(session.style, reply.error());
      return shown;
    }
    if (!reply->ok()) {
      shown.exit = explain(session.style, *reply);
      return shown;
    }
    for (const auto& row : items_of(reply->json)) shown.rows.push_back(row);
    after = text_of(reply->json, "next");
  } while (!after.empty());
  return shown;
}

Exit print_preview(const Session& session, const Wanted& wanted) {
  auto shown = preview(session, wanted);
  if (shown.exit != kOk) return shown.exit;
  const boost::json::value list = boost::json::object{{"items", std::move(shown.rows)}};
  if (session.style.json) {
    std::cout << boost::json::serialize(list) << '\n';
    return kOk;
  }
  print_table({"DEVICE", "MODEL", "SERVICE", "WILL", "BECAUSE"},
              rows_of(list, {"device_id", "model", "service", "will", "reason"}),
              "your inventory holds no device");
  hint(session.style, "nothing was written: leave out --dry-run to apply");
  return kOk;
}

Exit choose_devices(const Session& session, Wanted& wanted) {
  auto shown = preview(session, wanted);
  if (shown.exit != kOk) return shown.exit;
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : shown.rows) {
    if (text_of(row, "will") != "yes") continue;
    rows.push_back({std::to_string(rows.size() + 1), text_of(row, "device_id"),
                    text_of(row, "model"), text_of(row, "service")});
  }
  print_table({"NO", "DEVICE", "MODEL", "SERVICE"}, rows,
              "no device can be applied for; see --dry-run");
  if (rows.empty()) return kConflict;
  std::set<std::string> chosen;
  for (const auto index : ask("which devices? (all, or such as 1,3-5) ", rows.size())) {
    chosen.insert(rows[index][1]);
  }
  wanted.devices.assign(chosen.begin(), chosen.end());
  if (!wanted.devices.empty()) return kOk;
  std::cerr << "intray: no device chosen, nothing was applied for\n";
  return kFailed;
}

Exit submit(const Session& session, const Wanted& wanted) {
  Call call;
  call.method = "POST";
  call.path = "/v1/applications";
  call.body = boost::json::serialize(body_of(wanted));
  call.idempotency_key =
      wanted.idempotency_key.empty() ? new_idempotency_key() : wanted.idempotency_key;
  const auto reply = send(session.connection, call);
  if (!reply) return explain(session.style, reply.error());
  if (!reply->ok()) return explain(session.style, *reply);
  std::vector<std::vector<std::string>> rows;
  for (const auto& application : items_of(reply->json, "applications")) {
    rows.push_back({text_of(application, "id"), text_of(application, "service"),
                    text_of(application, "state"), text_of(application, "devices")});
  }
  if (!session.style.json) {
    print_table({"APPLICATION", "SERVICE", "STATE", "DEVICES"}, rows, "no application was made");
  } else if (!wanted.watch) {
    std::cout << reply->body << '\n';
  }
  if (rows.empty()) return kOk;
  if (!wanted.watch) {
    hint(session.style, "follow it: intray watch " + rows.front().front());
    return kOk;
  }
  auto worst = kOk;
  for (const auto& row : rows) worst = std::max(worst, watch(session, row.front(), 0));
  return worst;
}

Exit apply(const Session& session, Wanted wanted) {
  const bool ask_person = on_terminal() && !session.style.json;
  if (wanted.services.empty() && ask_person) {
    const auto exit = choose_service(session, wanted);
    if (exit != kOk) return exit;
  }
  if (wanted.dry_run) return print_preview(session, wanted);
  const bool narrowed = wanted.all || !wanted.devices.empty() || !wanted.models.empty();
  if (!narrowed && ask_person) {
    const auto exit = choose_devices(session, wanted);
    if (exit != kOk) return exit;
  }
  return submit(session, wanted);
}

}  // namespace

void add_apply_command(CLI::App& app, Session& session) {
  auto* command = app.add_subcommand("apply", "apply for a service on your devices (S311)");
  auto wanted = std::make_shared<Wanted>();
  command->add_option("--service,-s", wanted->services,
                      "service id; repeat for several; left out when only one is offered");
  auto* devices =
      command->add_option("--device,-d", wanted->devices, "only this device; repeatable");
  auto* models = command->add_option("--model,-m", wanted->models, "only this model; repeatable");
  command->add_flag("--all,-a", wanted->all, "all applicable devices, without asking")
      ->excludes(devices)
      ->excludes(models);
  command->add_flag("--dry-run", wanted->dry_run,
                    "list what would happen to each device, write nothing");
  command->add_flag("--reissue", wanted->reissue,
                    "supersede what waits or is registered with new codes");
  command->add_flag(
      "--watch,-w", wanted->watch,
      "follow it until every device is done; --json prints its end, a line for each service");
  command->add_option("--idempotency-key", wanted->idempotency_key,
                      "name this call, so that a script may repeat it safely within 24 h");
  command->callback([&session, wanted] {
    session.chosen = [&session, wanted] { return apply(session, *wanted); };
  });
}

}  // namespace intray::cli
