// The contract, from the route table itself: openapi.yaml names exactly these routes, and each of
// them lets in exactly whom its permission names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <sstream>

#include "host/daemon.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_client.hpp"

namespace intray::e2e {
namespace {

using http::Listener;
using security::Role;
using testing_support::RawClient;
using testing_support::status_of;

// "GET /v1/mailbox" -> permission
using Contract = std::map<std::string, std::string>;

Contract contract_of_openapi() {
  const std::string source = INTRAY_SOURCE_DIR;
  const auto printed = testing_support::run(
      {source + "/.ci/check-openapi", "--routes", source + "/api/openapi.yaml"});
  EXPECT_EQ(printed.exit_code, 0) << printed.output;
  std::istringstream lines(printed.output);
  Contract contract;
  for (std::string method, path, permission; lines >> method >> path >> permission;) {
    contract[method + " " + path] = permission;
  }
  return contract;
}

// The daemon inside this process, so that its route table can be read.
class ContractTest : public testing::Test {
 protected:
  ContractTest() {
    config_.store_directory = dir_.path() / "store";
    config_.store_map_bytes = 1ULL << 28U;
    config_.keys_directory = dir_.path() / "keys";
    config_.devices.listen = "127.0.0.1:0";
    config_.administrators.listen = "127.0.0.1:0";
    config_.metrics_listen = "";
    config_.operator_socket = dir_.path() / "operator.sock";
    config_.plugins_directory = std::string(INTRAY_BUILD_DIR) + "/plugins";
    config_.log_level = "error";
    auto started = intray::Daemon::start(config_);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    if (!started) return;
    daemon_ = std::move(*started);
    ready_ = boost::json::parse(daemon_->ready_line());
  }

  std::string address(Listener listener) const {
    if (listener == Listener::kOperator) return "unix:" + config_.operator_socket.string();
    const auto url =
        text(ready_, listener == Listener::kDevice ? "device_url" : "administrator_url");
    return url.substr(std::string("http://").size());
  }

  std::string ask(Listener listener, const std::string& method, const std::string& path,
                  const std::string& token, const std::string& body = "",
                  const std::string& type = "application/json") const {
    RawClient client(address(listener));
    const auto bearer = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
    client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + bearer +
                "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    return client.receive();
  }
  boost::json::value as_operator(const std::string& method, const std::string& path,
                                 const std::string& body = "",
                                 const std::string& type = "application/json") const {
    const auto answer = ask(Listener::kOperator, method, path, "", body, type);
    EXPECT_EQ(status_of(answer) / 100, 2) << path << "\n" << answer;
    boost::json::error_code error;
    return boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4), error);
  }

  std::string token(const std::string& role, const std::string& customer) const {
    boost::json::object body{{"role", role}};
    if (!customer.empty()) body["customer"] = customer;
    return text(as_operator("POST", "/v1/operator/tokens", boost::json::serialize(body)), "token");
  }
  std::string device_token(const std::string& device) const {
    const auto made = as_operator("POST", "/v1/operator/devices/" + device + "/provisioning-code");
    const std::string secret(43, device.back());
    const boost::json::object body{
        {"device", device}, {"code", text(made, "code")}, {"token", secret}};
    const auto answer =
        ask(Listener::kDevice, "POST", "/v1/provision", "", boost::json::serialize(body));
    EXPECT_EQ(status_of(answer), 200) << answer;
    return secret;
  }

  testing_support::TempDir dir_;
  config::Config config_;
  std::unique_ptr<intray::Daemon> daemon_;
  boost::json::value ready_;
};

// Every parameter of a template replaced by `value`.
std::string filled(std::string path, const std::string& value) {
  for (auto open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}', open) - open + 1, value);
  }
  return path;
}

std::string without(std::string text, const std::string& id) {
  for (auto at = text.find(id); at != std::string::npos; at = text.find(id)) {
    text.replace(at, id.size(), "*");
  }
  return text;
}

TEST_F(ContractTest, OpenapiNamesExactlyTheRoutesThatAreBuiltWithTheirPermissions) {
  ASSERT_NE(daemon_, nullptr);
  Contract built;
  for (const auto& route : daemon_->router().routes()) {
    // /metrics is on two listeners; the contract names the one that needs no token.
    if (route->path == "/metrics" && route->permission != "metrics.open") continue;
    built[route->method + " " + route->path] = route->permission;
  }

  EXPECT_EQ(contract_of_openapi(), built);
}

TEST_F(ContractTest, EachRouteLetsInExactlyTheRolesThatHoldItsPermission) {
  ASSERT_NE(daemon_, nullptr);
  as_operator("POST", "/v1/operator/inventory", fig9_inventory(), "text/csv");
  const std::map<Role, std::string> tokens = {
      {Role::kNobody, ""},
      {Role::kDevice, device_token("D10010101")},
      {Role::kViewer, token("viewer", "C001")},
      {Role::kAdministrator, token("administrator", "C001")},
      {Role::kOperator, token("operator", "")}};
  int asked = 0;
  for (const auto& route : daemon_->router().routes()) {
    const auto named = http::listener_of(route->permission);
    ASSERT_TRUE(named);
    const auto listener = named->value_or(Listener::kDevice);
    if (listener == Listener::kMetrics) continue;
    for (const auto& [role, bearer] : tokens) {
      // On its own socket the operator needs no token.
      if (listener == Listener::kOperator && role == Role::kNobody) continue;
      const auto answer = ask(listener, route->method, filled(route->path, "unknown"), bearer);
      const auto status = status_of(answer);
      const bool turned_away =
          status == 401 || answer.find("may not do this: it needs") != std::string::npos;
      EXPECT_EQ(turned_away, !security::permits(role, route->permission))
          << route->method << " " << route->path << " as " << security::role_name(role) << "\n"
          << answer;
      ++asked;
    }
  }
  EXPECT_GT(asked, 100);
}

TEST_F(ContractTest, APartOfAQueryThatARouteDoesNotKnowIsRefusedAndNothingIsDone) {
  ASSERT_NE(daemon_, nullptr);
  as_operator("POST", "/v1/operator/inventory", fig9_inventory(), "text/csv");
  const std::map<Listener, std::string> tokens = {
      {Listener::kDevice, device_token("D10010101")},
      {Listener::kCustomer, token("administrator", "C001")},
      {Listener::kOperator, ""}};
  for (const auto& route : daemon_->router().routes()) {
    const auto listener = (*http::listener_of(route->permission)).value_or(Listener::kDevice);
    if (listener == Listener::kMetrics) continue;
    const auto path = filled(route->path, "unknown") + "?dryrun=true";
    const auto body = route->method == "POST" ? R"({"service":"service-x"})" : "";
    const auto answer = ask(listener, route->method, path, tokens.at(listener), body);
    EXPECT_EQ(status_of(answer), 400) << route->method << " " << path << "\n" << answer;
    EXPECT_THAT(answer, testing::HasSubstr("'dryrun' is not known here")) << path;
  }
  const auto made =
      ask(Listener::kCustomer, "GET", "/v1/applications", tokens.at(Listener::kCustomer));
  EXPECT_THAT(made, testing::HasSubstr("\"items\":[]"));
}

TEST_F(ContractTest, WhatBelongsToAnotherCustomerIsAnsweredAsWhatDoesNotExist) {
  ASSERT_NE(daemon_, nullptr);
  as_operator("POST", "/v1/operator/inventory", fig9_inventory(), "text/csv");
  const auto foreigner = token("administrator", "C002");
  const auto applied =
      ask(Listener::kCustomer, "POST", "/v1/applications", foreigner, R"({"service":"service-x"})");
  ASSERT_EQ(status_of(applied), 201) << applied;
  const auto body = boost::json::parse(applied.substr(applied.find("\r\n\r\n") + 4));
  const auto application = text(body.at("applications").at(0), "id");
  const auto administrator = token("administrator", "C001");
  const std::pair<std::string, std::string> foreign_and_unknown[] = {
      {"D10010201", "D99999999"}, {application, std::string(application.size(), 'a')}};
  for (const auto& route : daemon_->router().routes()) {
    if (route->permission.rfind("customer.", 0) != 0) continue;
    if (route->path.find('{') == std::string::npos) continue;
    for (const auto& [foreign, unknown] : foreign_and_unknown) {
      const auto answered = [&](const std::string& id) {
        return without(
            ask(Listener::kCustomer, route->method, filled(route->path, id), administrator), id);
      };
      const auto about_foreign = answered(foreign);
      EXPECT_EQ(about_foreign, answered(unknown)) << route->method << " " << route->path;
      EXPECT_EQ(status_of(about_foreign), 404) << route->method << " " << route->path;
    }
  }
}

}  // namespace
}  // namespace intray::e2e
