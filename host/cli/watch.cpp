// intray watch: follows an application until every device is registered or ended otherwise.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <iostream>
#include <thread>

#include "host/cli/session.hpp"

namespace intray::cli {
namespace {

using Seconds = std::chrono::seconds;
constexpr std::size_t kBarColumns = 40;

struct Counts {
  std::int64_t total = 0, registered = 0, open = 0;
};

std::int64_t number_at(const boost::json::value& object, std::string_view member) {
  const auto* fields = object.if_object();
  const auto* value = fields == nullptr ? nullptr : fields->if_contains(member);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->get_int64();
  return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : 0;
}

Counts counts_of(const boost::json::value& application) {
  Counts counts;
  const auto* fields = application.if_object();
  const auto* by_state = fields == nullptr ? nullptr : fields->if_contains("counts");
  if (by_state == nullptr) return counts;
  counts.total = number_at(application, "devices");
  counts.registered = number_at(*by_state, "registered");
  counts.open = number_at(*by_state, "posted") + number_at(*by_state, "deferred");
  return counts;
}

std::string bar_of(const Counts& counts) {
  const auto total = std::max<std::int64_t>(counts.total, 1);
  const auto filled =
      static_cast<std::size_t>(counts.registered) * kBarColumns / static_cast<std::size_t>(total);
  std::string bar = "[";
  bar.append(std::min(filled, kBarColumns), '#')
      .append(kBarColumns - std::min(filled, kBarColumns), '.');
  return bar + "] " + std::to_string(counts.registered) + "/" + std::to_string(counts.total) +
         " registered, " + std::to_string(counts.open) + " waiting";
}

bool finished(const std::string& state) { return state == "completed" || state == "canceled"; }

Exit conclude(const Session& session, const Reply& reply, const Counts& counts) {
  if (session.style.json) std::cout << reply.body << '\n';
  if (counts.registered == counts.total) return kOk;
  hint(session.style, std::to_string(counts.total - counts.registered - counts.open) +
                          " ended otherwise; see intray application " + text_of(reply.json, "id"));
  return kPartial;
}

}  // namespace

Exit watch(const Session& session, const std::string& application, long timeout_s) {
  const bool live = isatty(STDOUT_FILENO) == 1 && !session.style.json;
  const auto started = std::chrono::steady_clock::now();
  std::string shown;
  for (;;) {
    Call call;
    call.path = "/v1/applications/" + url_escape(application);
    const auto reply = send(session.connection, call);
    if (!reply) return explain(session.style, reply.error());
    if (!reply->ok()) return explain(session.style, *reply);
    const auto counts = counts_of(reply->json);
    const auto line = bar_of(counts) + "  " + text_of(reply->json, "state");
    if (!session.style.json && line != shown) {
      std::cout << (live ? "\r\x1b[K" : "") << line << (live ? "" : "\n") << std::flush;
      shown = line;
    }
    if (finished(text_of(reply->json, "state"))) {
      if (live) std::cout << '\n';
      return conclude(session, *reply, counts);
    }
    if (timeout_s > 0 && std::chrono::steady_clock::now() - started >= Seconds(timeout_s)) {
      if (live) std::cout << '\n';
      hint(session.style, "still waiting after " + std::to_string(timeout_s) + " s");
      if (session.style.json) std::cout << reply->body << '\n';
      return kPartial;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
}

void add_watch_command(CLI::App& app, Session& session) {
  struct Options {
    std::string application;
    long timeout_s = 0;
  };
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("watch", "follow an application until every device is done (S209)");
  command->add_option("application", options->application, "its id")->required();
  command->add_option("--timeout", options->timeout_s, "give up after so many seconds; 0 = never")
      ->check(CLI::Range(0L, 604800L));
  command->callback([&session, options] {
    session.chosen = [&session, options] {
      return watch(session, options->application, options->timeout_s);
    };
  });
}

}  // namespace intray::cli
