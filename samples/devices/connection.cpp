#include "connection.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace devices {
namespace {

// A signal handler can reach nothing else.
volatile std::sig_atomic_t stop = 0;

}  // namespace

void Connection::add_flags(CLI::App& app) {
  app.add_option("--server", server, "The host's devices listener, https://HOST[:PORT]")
      ->required();
  app.add_option("--ca", ca, "PEM file of the authorities to trust, instead of the system's")
      ->check(CLI::ExistingFile);
  app.add_option("--lan-ca", lan_ca,
                 "PEM file of the authorities whose certificate a neighbour must show; without it, "
                 "any will do")
      ->check(CLI::ExistingFile);
  app.add_option("--connect-to", connect_to,
                 "HOST:PORT:ADDRESS:PORT, where to connect to for HOST (repeatable)")
      ->allow_extra_args(false);
  app.add_option("--poll-seconds", poll_s_max,
                 "Poll at least this often, whatever the host says (0 = as the host says)")
      ->check(CLI::Range(0U, INTRAY_DEVICE_POLL_S_MAX));
  app.add_flag("--allow-loopback", allow_loopback,
               "Wake neighbours at 127.0.0.0/8, too: for tests and demonstrations");
}

Curl Connection::open(std::uint32_t connections_max) {
  for (const auto& rule : connect_to) connect_to_texts_.push_back(rule.c_str());
  intray_curl_options options{};
  options.ca_file = ca.empty() ? nullptr : ca.c_str();
  options.lan_ca_file = lan_ca.empty() ? nullptr : lan_ca.c_str();
  options.connect_to = connect_to_texts_.data();
  options.connect_to_count = connect_to_texts_.size();
  options.connections_max = connections_max;
  Curl curl(intray_curl_create(&options));
  if (curl != nullptr) return curl;
  std::fputs("cannot set up libcurl: out of memory\n", stderr);
  std::exit(1);
}

std::int64_t unix_seconds() { return std::time(nullptr); }

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = 1; };
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

bool stop_requested() { return stop != 0; }

}  // namespace devices
