// intray: the command of administrators (over the network) and operators (over the host's Unix
// socket).
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "host/cli/session.hpp"

namespace {

using namespace intray::cli;

constexpr const char* kFooter =
    "Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict, 5 denied, 6 unreachable, 7 "
    "partial.\n"
    "The token is read from INTRAY_TOKEN or --token-file, never from the command line.";

// Only a file or the environment: a command line is visible to every user of the machine.
bool read_token(const std::string& file, std::string& token) {
  if (file.empty()) {
    if (const char* from_environment = std::getenv("INTRAY_TOKEN")) token = from_environment;
    return true;
  }
  std::ifstream in(file);
  if (in && std::getline(in, token)) return true;
  std::cerr << "intray: cannot read a token from " << file << '\n';
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Intray switches printer fleets on to services", "intray"};
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();

  Session session;
  std::string token_file;
  session.connection.socket = "/run/intray/operator.sock";
  app.add_option("--url", session.connection.url, "the administrators' address of the host")
      ->envname("INTRAY_URL");
  app.add_option("--socket", session.connection.socket, "the operator's Unix socket")
      ->envname("INTRAY_SOCKET");
  app.add_option("--token-file", token_file, "file that holds the token");
  app.add_option("--ca", session.connection.ca_file, "certificate authority of the host")
      ->envname("INTRAY_CA")
      ->check(CLI::ExistingFile);
  app.add_flag("--json", session.style.json, "print one JSON document, for scripts");
  app.add_flag("--quiet,-q", session.style.quiet, "no hints");

  add_inventory_commands(app, session);
  add_apply_command(app, session);
  add_wake_command(app, session);
  add_watch_command(app, session);
  add_customer_commands(app, session);
  add_operator_commands(app, session);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kOk : kUsage;
  }
  if (!read_token(token_file, session.connection.token)) return kUsage;
  return session.chosen();
}
