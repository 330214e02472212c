// One test for each claim of the patent that the use-start flow serves: 1, 2, 3, 6 to 13.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ClaimsTest : public testing::Test {
 protected:
  ClaimsTest() { daemon_.import(fig9_inventory()); }

  Reply apply(const std::string& body, const std::string& customer = "C001") {
    return daemon_.as_administrator(customer, "POST", "/v1/applications", body);
  }
  std::vector<Instruction> waiting(const std::string& device) {
    auto& token = tokens_[device];
    if (token.empty()) token = daemon_.provision(device);
    return instructions_of(daemon_.poll(token));
  }
  int register_device(const std::string& device, const std::string& service,
                      const std::string& code) {
    return daemon_
        .as_device(tokens_[device], "POST", "/v1/services/" + service + "/register",
                   R"({"code":")" + code + "\"}")
        .status;
  }
  std::vector<std::string> entitled(const std::string& service) {
    return column(daemon_.as_administrator("C001", "GET", "/v1/entitlements?service=" + service),
                  "device_id");
  }
  // Payloads of the log's rows of one topic.
  std::vector<std::string> events(const std::string& topic) {
    std::vector<std::string> found;
    const auto reply = daemon_.as_administrator("C001", "GET", "/v1/events?since=0");
    for (const auto& row : cli::items_of(reply.json)) {
      if (text(row, "topic") == topic) found.push_back(text(row, "payload"));
    }
    return found;
  }

  Daemon daemon_;
  std::map<std::string, std::string> tokens_;
};

TEST_F(ClaimsTest, Claim1AnApplicationFillsTheMailboxOfEachHeldDeviceAndRegistrationEntitlesIt) {
  ASSERT_EQ(apply(R"({"service":"service-x"})").status, 201);

  const auto first = waiting("D10010101");
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(waiting("D10020102").size(), 1U);
  EXPECT_EQ(waiting("D10020103").size(), 1U);
  EXPECT_THAT(waiting("D10010201"), IsEmpty()) << "another customer's device";

  EXPECT_EQ(register_device("D10010101", "service-x", first[0].code), 200);
  EXPECT_THAT(entitled("service-x"), ElementsAre("D10010101"));
}

TEST_F(ClaimsTest, Claim2TheAdministratorIsToldThatInstructionsWait) {
  daemon_.as_operator("PATCH", "/v1/operator/customers/C001", R"({"notice":"none"})");

  ASSERT_EQ(apply(R"({"service":"service-x"})").status, 201);

  const auto notices = events("application.waiting");
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0], testing::Not(HasSubstr("D10010101")));
}

TEST_F(ClaimsTest, Claim3TheNoticeCarriesTheListOfDevices) {
  ASSERT_EQ(apply(R"({"service":"service-x"})").status, 201);

  const auto notices = events("application.waiting");
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0], HasSubstr("D10010101"));
  EXPECT_THAT(notices[0], HasSubstr("D10020103"));
}

TEST_F(ClaimsTest, Claim6OnlyDevicesOfTheAppliedModelsAreExtracted) {
  ASSERT_EQ(apply(R"({"service":"service-y"})").status, 201);

  EXPECT_THAT(waiting("D10010101"), IsEmpty());
  EXPECT_EQ(waiting("D10020102").size(), 1U);
  EXPECT_EQ(waiting("D10020103").size(), 1U);
}

TEST_F(ClaimsTest, Claim7AnApplicationThatNamesModelsReachesOnlyDevicesOfThoseModels) {
  ASSERT_EQ(apply(R"({"service":"service-x","models":["M1001"]})").status, 201);

  EXPECT_EQ(waiting("D10010101").size(), 1U);
  EXPECT_THAT(waiting("D10020102"), IsEmpty());
}

TEST_F(ClaimsTest, Claim8TheHeldDevicesAreListedAndOnlySelectedOnesGetInstructions) {
  const auto listed = daemon_.as_administrator("C001", "GET", "/v1/devices");
  ASSERT_THAT(column(listed, "device_id"), Contains("D10020103"));

  ASSERT_EQ(apply(R"({"service":"service-x","devices":["D10020103"]})").status, 201);

  EXPECT_EQ(waiting("D10020103").size(), 1U);
  EXPECT_THAT(waiting("D10010101"), IsEmpty());
}

TEST_F(ClaimsTest, Claim9TheListOfAppliedModelsIsPresentedAndSelectedFrom) {
  const auto listed = daemon_.as_administrator("C001", "POST", "/v1/applications?dry_run=true",
                                               R"({"service":"service-y"})");
  ASSERT_EQ(cli::items_of(listed.json).size(), 3U) << "every held device, will or will not";

  ASSERT_EQ(apply(R"({"service":"service-y","devices":["D10020102"]})").status, 201);

  EXPECT_EQ(waiting("D10020102").size(), 1U);
  EXPECT_THAT(waiting("D10020103"), IsEmpty());
}

TEST_F(ClaimsTest, Claim10TheListOfNamedModelsIsPresentedAndSelectedFrom) {
  const auto listed = daemon_.as_administrator("C001", "GET", "/v1/devices?model=M1002");
  ASSERT_THAT(column(listed, "device_id"), ElementsAre("D10020102", "D10020103"));

  ASSERT_EQ(apply(R"({"service":"service-x","devices":["D10020103"]})").status, 201);

  EXPECT_EQ(waiting("D10020103").size(), 1U);
  EXPECT_THAT(waiting("D10020102"), IsEmpty());
}

TEST_F(ClaimsTest, Claim11TheWholeSystemEndsInEntitlementsTheAdministratorSees) {
  ASSERT_EQ(apply(R"({"service":"service-x"})").status, 201);
  for (const auto* device : {"D10010101", "D10020102", "D10020103"}) {
    const auto instruction = waiting(device);
    ASSERT_EQ(instruction.size(), 1U);
    EXPECT_EQ(register_device(device, "service-x", instruction[0].code), 200);
    EXPECT_THAT(waiting(device), IsEmpty()) << "registration takes the instruction off";
  }

  EXPECT_THAT(entitled("service-x"), ElementsAre("D10010101", "D10020102", "D10020103"));
  EXPECT_TRUE(
      testing_support::eventually([&] { return events("application.completed").size() == 1; }));
  EXPECT_EQ(events("enrolment.registered").size(), 3U);
  EXPECT_TRUE(daemon_.check().empty());
}

TEST_F(ClaimsTest, Claim12OnlyADeviceThatNamesItsOwnCodeIsRegistered) {
  ASSERT_EQ(apply(R"({"service":"service-x"})").status, 201);
  const auto mine = waiting("D10010101");
  const auto other = waiting("D10020102");
  ASSERT_EQ(mine.size(), 1U);
  ASSERT_EQ(other.size(), 1U);

  EXPECT_EQ(register_device("D10010101", "service-x", other[0].code), 403);
  EXPECT_THAT(entitled("service-x"), IsEmpty());
  EXPECT_EQ(register_device("D10010101", "service-x", mine[0].code), 200);
  EXPECT_THAT(entitled("service-x"), ElementsAre("D10010101"));
}

TEST_F(ClaimsTest, Claim13TheProgramRestartedBetweenTheStepsGoesOnWhereItWas) {
  ASSERT_EQ(apply(R"({"service":"service-x"})").status, 201);
  const auto before = waiting("D10010101");
  ASSERT_EQ(before.size(), 1U);

  EXPECT_EQ(daemon_.stop(), 0);
  daemon_.start();

  const auto after = waiting("D10010101");
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].code, before[0].code);
  EXPECT_EQ(register_device("D10010101", "service-x", before[0].code), 200);
  EXPECT_THAT(entitled("service-x"), ElementsAre("D10010101"));
}

}  // namespace
}  // namespace intray::e2e
