// A real intrayd of a test: its own store, keys and ports; restarted, killed and asked over real
// HTTP.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/cli/client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::e2e {

using Reply = cli::Reply;
using Settings = std::vector<std::pair<std::string, std::string>>;

/// FIG. 9 with valid addresses in place of the patent's four impossible ones.
std::string fig9_inventory();

class Daemon {
 public:
  /// Starts it and waits until it is ready. `settings` are --set key=value pairs.
  explicit Daemon(Settings settings = {});

  void start();
  /// From the next start() on; a later value of a key holds.
  void configure(const Settings& more) {
    settings_.insert(settings_.end(), more.begin(), more.end());
  }
  void kill9() { process_.kill9(); }
  /// SIGTERM; the exit code.
  int stop();
  pid_t pid() const { return process_.pid(); }
  std::string output() const { return process_.output(); }
  const std::filesystem::path& directory() const { return dir_.path(); }
  std::vector<std::string> command_line() const;

  const std::string& administrator_url() const { return administrator_url_; }
  const std::string& device_url() const { return device_url_; }
  const std::string& metrics_url() const { return metrics_url_; }
  std::string socket_path() const;

  // ---- the operator, over the Unix socket ----
  Reply as_operator(const std::string& method, const std::string& path,
                    const std::string& body = "",
                    const std::string& content_type = "application/json") const;
  void import(const std::string& csv) const;
  /// A device token for the device, provisioned for real.
  std::string provision(const std::string& device_id) const;
  /// Broken invariants, one sentence each.
  std::vector<std::string> check() const;

  // ---- a customer's administrator; the token is made on first use ----
  Reply as_administrator(const std::string& customer, const std::string& method,
                         const std::string& path, const std::string& body = "",
                         const std::string& idempotency_key = "");
  std::string administrator_token(const std::string& customer);

  // ---- a device ----
  Reply as_device(const std::string& token, const std::string& method, const std::string& path,
                  const std::string& body = "") const;
  Reply poll(const std::string& token) const { return as_device(token, "GET", "/v1/mailbox"); }

 private:
  testing_support::TempDir dir_;
  Settings settings_;
  testing_support::Process process_;
  std::string administrator_url_;
  std::string device_url_;
  std::string metrics_url_;
  std::map<std::string, std::string> administrator_tokens_;
};

/// What is asked of an instruction that waits: empty strings when there is none.
struct Instruction {
  std::uint64_t sequence = 0;
  std::string type, url, code;
};
std::vector<Instruction> instructions_of(const Reply& poll);

/// The member of a JSON object as text; "" when absent.
std::string text(const boost::json::value& object, std::string_view member);
/// Member `name` of every item of {"items": [...]}.
std::vector<std::string> column(const Reply& reply, std::string_view name);
std::int64_t number(const boost::json::value& object, std::string_view member);

/// The path of a program of this build.
std::string program(std::string_view name);

}  // namespace intray::e2e
