#include "tests/e2e/daemon.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <fstream>

#include "host/cli/output.hpp"

namespace intray::e2e {
namespace {

using std::chrono::seconds;

Reply must(Result<Reply> reply, const std::string& what) {
  if (reply) return *reply;
  ADD_FAILURE() << what << ": " << reply.error().message;
  return {};
}

// A daemon that comes back listens where it did: its devices know no other address.
std::string listen_again(const std::string& url) {
  return url.empty() ? "127.0.0.1:0" : url.substr(url.find("://") + 3);
}

}  // namespace

std::string fig9_inventory() {
  return "customer,model,device,address\n"
         "C001,M1001,D10010101,111.222.111.1\n"
         "C001,M1002,D10020102,111.222.111.2\n"
         "C001,M1002,D10020103,111.222.111.3\n"
         "C002,M1001,D10010201,123.45.67.1\n"
         "C003,M1004,D10040301,dev1.aaa.bbb.com\n"
         "C003,M1004,D10040302,dev2.aaa.bbb.com\n"
         "C004,M1001,D10040401,135.246.79.1\n"
         "C004,M1002,D10020402,135.246.79.2\n"
         "C004,M1003,D10030403,135.246.79.3\n";
}

std::string program(std::string_view name) {
  return std::string(INTRAY_BUILD_DIR) + "/bin/" + std::string(name);
}

Daemon::Daemon(Settings settings) : settings_(std::move(settings)) { start(); }

std::string Daemon::socket_path() const { return (dir_.path() / "operator.sock").string(); }

std::vector<std::string> Daemon::command_line() const {
  std::vector<std::string> words{program("intrayd")};
  Settings all{{"store.directory", (dir_.path() / "store").string()},
               {"store.map_bytes", "1073741824"},
               {"keys.directory", (dir_.path() / "keys").string()},
               {"devices.listen", listen_again(device_url_)},
               {"administrators.listen", listen_again(administrator_url_)},
               {"operator.socket", socket_path()},
               {"plugins.directory", std::string(INTRAY_BUILD_DIR) + "/plugins"},
               {"log.level", "info"}};
  all.insert(all.end(), settings_.begin(), settings_.end());
  for (const auto& [key, value] : all) {
    words.emplace_back("--set");
    words.push_back(key + "=" + value);
  }
  return words;
}

void Daemon::start() {
  const auto ready = dir_.path() / "ready.json";
  std::filesystem::remove(ready);
  auto words = command_line();
  words.insert(words.end(), {"--ready-file", ready.string()});
  process_ = testing_support::Process(words, dir_.path() / "output");
  const bool up = testing_support::eventually(
      [&] { return std::filesystem::exists(ready) || !process_.running(); }, seconds(60));
  if (!up || !std::filesystem::exists(ready)) {
    GTEST_FAIL() << "intrayd did not start:\n" << process_.output();
  }
  std::ifstream in(ready);
  std::string line;
  std::getline(in, line);
  const auto json = boost::json::parse(line);
  administrator_url_ = text(json, "administrator_url");
  device_url_ = text(json, "device_url");
  metrics_url_ = text(json, "metrics_url");
}

int Daemon::stop() {
  process_.signal(SIGTERM);
  return process_.wait(seconds(30));
}

Reply Daemon::as_operator(const std::string& method, const std::string& path,
                          const std::string& body, const std::string& content_type) const {
  cli::Connection connection;
  connection.socket = socket_path();
  cli::Call call;
  call.method = method;
  call.path = path;
  call.body = body;
  call.content_type = content_type;
  call.on_socket = true;
  return must(cli::send(connection, call), method + " " + path);
}

void Daemon::import(const std::string& csv) const {
  const auto reply = as_operator("POST", "/v1/operator/inventory", csv, "text/csv");
  ASSERT_TRUE(reply.ok()) << reply.body;
  if (reply.status != 202) return;
  const auto job = "/v1/operator/inventory/" + text(reply.json, "job");
  ASSERT_TRUE(testing_support::eventually(
      [&] { return text(as_operator("GET", job).json, "state") == "done"; }, seconds(120)));
}

std::string Daemon::provision(const std::string& device_id) const {
  const auto made = as_operator("POST", "/v1/operator/devices/" + device_id + "/provisioning-code");
  EXPECT_TRUE(made.ok()) << made.body;
  auto token = cli::new_idempotency_key() + cli::new_idempotency_key();
  token.resize(43);
  const boost::json::object body{
      {"device", device_id}, {"code", text(made.json, "code")}, {"token", token}};
  const auto reply = as_device("", "POST", "/v1/provision", boost::json::serialize(body));
  EXPECT_EQ(reply.status, 200) << reply.body;
  return token;
}

std::vector<std::string> Daemon::check() const {
  const auto reply = as_operator("GET", "/v1/operator/store/check");
  std::vector<std::string> broken;
  if (!reply.ok()) broken.push_back("the check itself failed: " + reply.body);
  for (const auto& sentence : cli::items_of(reply.json, "broken")) {
    broken.emplace_back(sentence.as_string());
  }
  return broken;
}

std::string Daemon::administrator_token(const std::string& customer) {
  auto& token = administrator_tokens_[customer];
  if (token.empty()) {
    const boost::json::object body{{"role", "administrator"}, {"customer", customer}};
    const auto reply = as_operator("POST", "/v1/operator/tokens", boost::json::serialize(body));
    EXPECT_TRUE(reply.ok()) << reply.body;
    token = text(reply.json, "token");
  }
  return token;
}

Reply Daemon::as_administrator(const std::string& customer, const std::string& method,
                               const std::string& path, const std::string& body,
                               const std::string& idempotency_key) {
  cli::Connection connection;
  connection.url = administrator_url_;
  connection.token = administrator_token(customer);
  cli::Call call;
  call.method = method;
  call.path = path;
  call.body = body;
  call.idempotency_key = idempotency_key;
  return must(cli::send(connection, call), method + " " + path);
}

Reply Daemon::as_device(const std::string& token, const std::string& method,
                        const std::string& path, const std::string& body) const {
  cli::Connection connection;
  connection.url = device_url_;
  connection.token = token;
  cli::Call call;
  call.method = method;
  call.path = path;
  call.body = body;
  return must(cli::send(connection, call), method + " " + path);
}

std::vector<Instruction> instructions_of(const Reply& poll) {
  std::vector<Instruction> list;
  for (const auto& item : cli::items_of(poll.json, "instructions")) {
    list.push_back({static_cast<std::uint64_t>(number(item, "sequence")), text(item, "type"),
                    text(item, "url"), text(item, "code")});
  }
  return list;
}

std::string text(const boost::json::value& object, std::string_view member) {
  return cli::text_of(object, member);
}

std::int64_t number(const boost::json::value& object, std::string_view member) {
  const auto* fields = object.if_object();
  const auto* value = fields == nullptr ? nullptr : fields->if_contains(member);
  return value == nullptr ? -1 : value->to_number<std::int64_t>();
}

std::vector<std::string> column(const Reply& reply, std::string_view name) {
  std::vector<std::string> texts;
  for (const auto& item : cli::items_of(reply.json)) texts.push_back(text(item, name));
  return texts;
}

}  // namespace intray::e2e
