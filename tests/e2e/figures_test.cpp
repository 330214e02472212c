// The patent's figures, row by row, on the real daemon with the real plugins.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <set>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::string contents(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return std::move(text).str();
}

class FiguresTest : public testing::Test {
 protected:
  Daemon daemon_;
};

// Registers every device whose mailbox holds a register-device instruction; how many did.
int register_all(Daemon& daemon, const std::vector<std::string>& devices) {
  int registered = 0;
  for (const auto& device : devices) {
    const auto token = daemon.provision(device);
    for (const auto& instruction : instructions_of(daemon.poll(token))) {
      if (instruction.type != "register-device") continue;
      const auto path = instruction.url.substr(instruction.url.find("/v1/"));
      const auto reply =
          daemon.as_device(token, "POST", path, R"({"code":")" + instruction.code + "\"}");
      registered += reply.status == 200 ? 1 : 0;
    }
  }
  return registered;
}

TEST_F(FiguresTest, Figure2EachCustomerSeesItsOwnInventoryRowByRow) {
  daemon_.import(fig9_inventory());

  const auto held = daemon_.as_administrator("C001", "GET", "/v1/devices");
  const auto foreign = daemon_.as_administrator("C002", "GET", "/v1/devices");

  EXPECT_THAT(column(held, "device_id"), ElementsAre("D10010101", "D10020102", "D10020103"));
  EXPECT_THAT(column(held, "model"), ElementsAre("M1001", "M1002", "M1002"));
  EXPECT_THAT(column(foreign, "device_id"), ElementsAre("D10010201"));
}

TEST_F(FiguresTest, Figure3TheCatalogueListsEachServiceWithItsAppliedModels) {
  daemon_.import(
      "customer,model,device,address\n"
      "C009,M1005,D5,10.0.0.5\nC009,M1008,D8,10.0.0.8\nC009,M1011,D11,10.0.0.11\n");

  const auto applicable = [&](const std::string& service) {
    std::vector<std::string> devices;
    const auto reply = daemon_.as_administrator("C009", "GET", "/v1/devices?service=" + service);
    for (const auto& row : cli::items_of(reply.json)) {
      if (text(row, "applicable") == "yes") devices.push_back(text(row, "model"));
    }
    return devices;
  };

  EXPECT_THAT(applicable("service-x"), ElementsAre("M1005"));
  EXPECT_THAT(applicable("service-y"), ElementsAre("M1011"));
  EXPECT_THAT(applicable("service-z"), ElementsAre("M1008"));
}

TEST_F(FiguresTest, Figure4TheEntitlementsAfterTheRunAreTheThreeDevicesOfServiceX) {
  daemon_.import(fig9_inventory());
  const auto applied =
      daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
  ASSERT_EQ(applied.status, 201) << applied.body;

  EXPECT_EQ(register_all(daemon_, {"D10010101", "D10020102", "D10020103"}), 3);

  const auto used = daemon_.as_administrator("C001", "GET", "/v1/entitlements?service=service-x");
  EXPECT_THAT(column(used, "device_id"), ElementsAre("D10010101", "D10020102", "D10020103"));
  EXPECT_TRUE(daemon_.check().empty());
}

TEST_F(FiguresTest, Figure6AMailboxHoldsTypeUrlAndADistinctCodeForEachDevice) {
  daemon_.import(fig9_inventory());
  ASSERT_EQ(
      daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})")
          .status,
      201);

  std::set<std::string> codes;
  for (const auto* device : {"D10010101", "D10020102", "D10020103"}) {
    const auto waiting = instructions_of(daemon_.poll(daemon_.provision(device)));
    ASSERT_EQ(waiting.size(), 1U) << device;
    EXPECT_EQ(waiting[0].type, "register-device");
    EXPECT_THAT(waiting[0].url, HasSubstr("/v1/services/service-x/register"));
    EXPECT_EQ(waiting[0].code.size(), 26U);
    codes.insert(waiting[0].code);
  }
  EXPECT_EQ(codes.size(), 3U);
  const auto mailboxes = daemon_.as_operator("GET", "/v1/operator/mailboxes?customer=C001");
  EXPECT_THAT(column(mailboxes, "device_id"), ElementsAre("D10010101", "D10020102", "D10020103"));
  for (const auto& code : codes) EXPECT_THAT(mailboxes.body, testing::Not(HasSubstr(code)));
}

TEST(FiguresWithOwnUrlTest, Figure6TheServicesOwnRegistrationUrlComesOutLiterallyAndRegisters) {
  const Settings own_url = {
      {"plugin:com.example.scan-to-cloud:registration_url", "https://service-x.a.com/regist"}};
  Daemon daemon(own_url);
  daemon.import(fig9_inventory());
  ASSERT_EQ(
      daemon.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})")
          .status,
      201);
  const auto token = daemon.provision("D10010101");

  const auto waiting = instructions_of(daemon.poll(token));

  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].url, "https://service-x.a.com/regist");
}

TEST_F(FiguresTest, Figure9InvalidAddressesAreRefusedRowByRowInWordsAndNothingIsWritten) {
  const auto csv = contents(std::string(INTRAY_SOURCE_DIR) + "/samples/inventory/fig9.csv");
  ASSERT_FALSE(csv.empty());

  const auto reply = daemon_.as_operator("POST", "/v1/operator/inventory", csv, "text/csv");

  EXPECT_EQ(reply.status, 422) << reply.body;
  const auto& rejected = cli::items_of(reply.json, "rejected");
  ASSERT_EQ(rejected.size(), 4U) << reply.body;
  const char* addresses[] = {"123.456.789.1", "135.246.791.1", "135.246.791.2", "135.246.791.3"};
  const char* lines[] = {"5", "8", "9", "10"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_THAT(text(rejected[i], "reason"), HasSubstr(addresses[i]));
    EXPECT_EQ(text(rejected[i], "line"), lines[i]);
  }
  EXPECT_TRUE(column(daemon_.as_operator("GET", "/v1/operator/customers"), "customer").empty());
}

TEST_F(FiguresTest, Figure9TheValidInventoryLoadsForAllFourCustomers) {
  daemon_.import(contents(std::string(INTRAY_SOURCE_DIR) + "/samples/inventory/fig9_valid.csv"));

  const auto customers = daemon_.as_operator("GET", "/v1/operator/customers");
  EXPECT_THAT(column(customers, "customer"), ElementsAre("C001", "C002", "C003", "C004"));
  EXPECT_THAT(column(daemon_.as_administrator("C002", "GET", "/v1/devices"), "address"),
              ElementsAre("123.45.67.1"));
  EXPECT_THAT(column(daemon_.as_administrator("C004", "GET", "/v1/devices"), "address"),
              UnorderedElementsAre("135.246.79.1", "135.246.79.2", "135.246.79.3"));
}

TEST_F(FiguresTest, ServiceYListsOnlyTheM1002DevicesOfC001AndSaysWhyNotTheOther) {
  daemon_.import(fig9_inventory());

  const auto reply = daemon_.as_administrator("C001", "POST", "/v1/applications?dry_run=true",
                                              R"({"service":"service-y"})");

  ASSERT_EQ(reply.status, 200) << reply.body;
  std::vector<std::string> will;
  std::string because;
  for (const auto& row : cli::items_of(reply.json)) {
    if (text(row, "will") == "yes") will.push_back(text(row, "device_id"));
    if (text(row, "device_id") == "D10010101") because = text(row, "reason");
  }
  EXPECT_THAT(will, ElementsAre("D10020102", "D10020103"));
  EXPECT_THAT(because, HasSubstr("M1001"));
}

}  // namespace
}  // namespace intray::e2e
