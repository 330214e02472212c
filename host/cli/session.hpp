// What every command shares: where the host is, how to print, and how to walk a paged list.
#pragma once

#include <boost/json/array.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/client.hpp"
#include "host/cli/output.hpp"

namespace CLI {
class App;
}

namespace intray::cli {

struct Session {
  Connection connection;
  Style style;
  /// What the parsed command line asks for; set by the command, run by main.
  std::function<Exit()> chosen;
};

/// All rows of a paged list, or why not: then the error was printed already.
struct Listing {
  Exit exit = kOk;
  boost::json::array items;
};
Listing fetch_all(const Session& session, const std::string& path, bool on_socket);

/// fetch_all and print: as {"items":[...]} or as a table of these members.
Exit print_all(const Session& session, const std::string& path, bool on_socket,
               const std::vector<std::string>& header, const std::vector<std::string_view>& members,
               std::string_view empty);

/// Sends one call; explains it when it fails; otherwise hands the reply to `show` (with --json:
/// prints the body and does not).
Exit run(const Session& session, const Call& call, const std::function<Exit(const Reply&)>& show);

/// "?a=b&c=d" of the fields that are not empty, escaped.
std::string query(const std::vector<std::pair<std::string, std::string>>& fields);

// Each adds its commands to the app. `session` outlives the app.
void add_inventory_commands(CLI::App& app, Session& session);
void add_customer_commands(CLI::App& app, Session& session);
void add_apply_command(CLI::App& app, Session& session);
void add_wake_command(CLI::App& app, Session& session);
void add_watch_command(CLI::App& app, Session& session);
void add_operator_commands(CLI::App& app, Session& session);

/// Follows an application until nothing is open or `timeout_s` is over (0 = never). kPartial when
/// devices ended otherwise than registered, or the time was over.
Exit watch(const Session& session, const std::string& application, long timeout_s);

}  // namespace intray::cli
