// intray wake: starts the devices of an application now, from this machine on their network.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iostream>
#include <map>
#include <thread>

#include "host/cli/lan.hpp"
#include "host/cli/links.hpp"
#include "host/cli/session.hpp"

namespace intray::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct WakeOptions {
  std::string application;
  std::vector<std::string> devices;  // only these; empty = all that wait
  bool each = false, relay = false, tree = false;
  std::string interval;
  std::string root_by;
  int roots = 0, fanout = 0;
  bool links = false, qr = false;
  std::string script;
  long timeout_s = 30;
};

// Single devices are called from here: a relay would call others, too.
std::string mode_of(const WakeOptions& options) {
  if (options.each || !options.devices.empty()) return "each";
  return options.relay ? "relay" : "tree";
}

std::string number_or_nothing(int number) { return number == 0 ? "" : std::to_string(number); }

// "200ms" or "2s" as milliseconds; "" stays "".
Result<std::string> milliseconds_of(const std::string& text) {
  if (text.empty()) return std::string();
  const auto digits = text.find_first_not_of("0123456789");
  const auto unit = digits == std::string::npos ? "" : text.substr(digits);
  const auto number = text.substr(0, digits);
  if (number.empty() || number.size() > 6 || (unit != "ms" && unit != "s")) {
    return fail(INTRAY_E_INVALID, "--interval " + text + ": write it 200ms or 2s");
  }
  return unit == "s" ? number + "000" : number;
}

bool is_wanted(const WakeOptions& options, const std::string& device) {
  const auto& devices = options.devices;
  return devices.empty() || std::find(devices.begin(), devices.end(), device) != devices.end();
}

struct Plan {
  Exit exit = kOk;
  std::vector<WakeCall> calls;
};

// The plan's URLs, page by page; a large tree is answered once its instructions are sent.
Plan fetch_plan(const Session& session, const WakeOptions& options) {
  Plan plan;
  const auto interval = milliseconds_of(options.interval);
  if (!interval) {
    plan.exit = explain(session.style, interval.error());
    return plan;
  }
  std::string after;
  do {
    Call call;
    call.path = "/v1/applications/" + url_escape(options.application) + "/wake" +
                query({{"mode", mode_of(options)},
                       {"interval_ms", *interval},
                       {"roots", number_or_nothing(options.roots)},
                       {"fanout", number_or_nothing(options.fanout)},
                       {"root_by", options.root_by},
                       {"limit", "500"},
                       {"after", after}});
    const auto reply = send(session.connection, call);
    if (!reply || !reply->ok()) {
      plan.exit = reply ? explain(session.style, *reply) : explain(session.style, reply.error());
      return plan;
    }
    constexpr int kNotYet = 202;
    if (reply->status == kNotYet) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      continue;
    }
    for (const auto& url : items_of(reply->json, "urls")) {
      if (!is_wanted(options, text_of(url, "device_id"))) continue;
      const auto wait = text_of(url, "wait_ms");
      plan.calls.push_back({text_of(url, "device_id"), text_of(url, "url"),
                            milliseconds(wait.empty() ? 0 : std::stoll(wait))});
    }
    after = text_of(reply->json, "next");
    if (after.empty()) return plan;
  } while (true);
}

Exit print_links(const Session& session, const Plan& plan, const WakeOptions& options) {
  if (!options.script.empty()) {
    std::cout << script_of(plan.calls);
    return kOk;
  }
  if (session.style.json) {
    boost::json::array urls;
    for (const auto& call : plan.calls) {
      urls.push_back(boost::json::object{
          {"device_id", call.device_id}, {"url", call.url}, {"wait_ms", call.wait.count()}});
    }
    std::cout << boost::json::serialize(boost::json::object{{"urls", std::move(urls)}}) << '\n';
    return kOk;
  }
  for (const auto& call : plan.calls) {
    std::cout << call.device_id << "  " << call.url << '\n';
    if (!options.qr) continue;
    const auto code = qr_of(call.url);
    if (!code) return explain(session.style, code.error());
    std::cout << *code;
  }
  hint(session.style, "open them on the devices' network within 10 minutes; each works once");
  return kOk;
}

struct Seen {
  std::string state;
  std::string refused_by;  // the relay that was to wake it
};

// Where each device of the application stands now.
std::map<std::string, Seen> states_of(const Session& session, const WakeOptions& options) {
  std::map<std::string, Seen> states;
  const auto path = "/v1/applications/" + url_escape(options.application) + "/devices";
  const auto listing = fetch_all(session, path, false);
  for (const auto& row : listing.items) {
    if (!is_wanted(options, text_of(row, "device_id"))) continue;
    const auto state = text_of(row, "state");
    const bool came = state == "posted" && !text_of(row, "fetched").empty();
    states[text_of(row, "device_id")] = {came ? "fetched" : state, text_of(row, "refused_by")};
  }
  return states;
}

// Until nobody waits any more, or the time is over: what the host saw of each device.
std::map<std::string, Seen> follow(const Session& session, const WakeOptions& options) {
  const auto until = steady_clock::now() + std::chrono::seconds(options.timeout_s);
  for (;;) {
    auto states = states_of(session, options);
    const bool open = std::any_of(states.begin(), states.end(), [](const auto& seen) {
      return seen.second.state == "posted" || seen.second.state == "fetched";
    });
    if (!open || steady_clock::now() >= until) return states;
    std::this_thread::sleep_for(milliseconds(250));
  }
}

// How a device was woken, or why it was not.
std::string how_of(const std::map<std::string, std::string>& reached, const std::string& device,
                   const Seen& seen) {
  const auto called = reached.find(device);
  if (called != reached.end()) return called->second;
  return seen.refused_by.empty() ? "by a relay" : "no: " + seen.refused_by + " refused";
}

Exit report(const Session& session, const WakeOptions& options,
            const std::map<std::string, Seen>& states,
            const std::map<std::string, std::string>& reached) {
  std::vector<std::vector<std::string>> rows;
  boost::json::array list;
  bool all = true, refused = false;
  for (const auto& [device, seen] : states) {
    const auto how = how_of(reached, device, seen);
    rows.push_back({device, how, seen.state});
    list.push_back(
        boost::json::object{{"device_id", device}, {"wake", how}, {"state", seen.state}});
    all &= seen.state == "registered";
    refused |= !seen.refused_by.empty();
  }
  if (session.style.json) {
    std::cout << boost::json::serialize(boost::json::object{{"items", std::move(list)}}) << '\n';
  } else {
    print_table({"DEVICE", "WOKEN", "THE HOST SAW"}, rows, "no device waits any more");
  }
  if (refused) {
    hint(session.style, "call those below a relay that refused from here: intray wake " +
                            options.application + " --each");
  }
  return all ? kOk : kPartial;
}

Exit wake(const Session& session, const WakeOptions& options) {
  const auto plan = fetch_plan(session, options);
  if (plan.exit != kOk) return plan.exit;
  if (options.links || options.qr || !options.script.empty()) {
    return print_links(session, plan, options);
  }
  std::map<std::string, std::string> reached;
  const auto done = wake_all(plan.calls, [&](const WakeCall& call, Reached how) {
    reached[call.device_id] = word_of(how);
    if (session.style.json || session.style.quiet) return;
    std::cerr << call.device_id << ": " << word_of(how) << '\n';
  });
  if (!done) return explain(session.style, done.error());
  return report(session, options, follow(session, options), reached);
}

}  // namespace

void add_wake_command(CLI::App& app, Session& session) {
  auto options = std::make_shared<WakeOptions>();
  auto* command = app.add_subcommand(
      "wake", "start an application's devices now, from this machine on their network (S314)");
  command->add_option("application", options->application, "its id")->required();
  auto* devices = command->add_option("--device,-d", options->devices,
                                      "only this device, called from here; repeatable");
  auto* each = command->add_flag("--each", options->each, "call every device from here");
  auto* relay = command->add_flag("--relay", options->relay, "call one, which calls the others");
  auto* tree = command->add_flag("--tree", options->tree,
                                 "call one, which calls some, which call others (default)");
  each->excludes(relay)->excludes(tree);
  relay->excludes(tree);
  devices->excludes(relay)->excludes(tree);
  command->add_option("--interval", options->interval, "between any two devices: 200ms, 2s");
  command->add_option("--roots", options->roots, "how many are called from here")
      ->check(CLI::Range(1, 64));
  command->add_option("--fanout", options->fanout, "how many each relay calls at most")
      ->check(CLI::Range(2, 8));
  command->add_option("--root-by", options->root_by, "first in the inventory, or performance")
      ->check(CLI::IsMember({"first", "performance"}));
  command->add_flag("--links", options->links, "print the URLs, call nobody");
  command->add_flag("--qr", options->qr, "print them as QR codes, call nobody");
  command->add_option("--script", options->script, "print a script that calls them: sh")
      ->check(CLI::IsMember({"sh"}));
  command->add_option("--timeout", options->timeout_s, "seconds to wait for registrations")
      ->check(CLI::Range(0L, 3600L));
  command->callback([&session, options] {
    session.chosen = [&session, options] { return wake(session, *options); };
  });
}

}  // namespace intray::cli
