#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ApplyTest : public RegistrationTest {
 protected:
  std::string reason_in_dry_run(const std::string& body, const std::string& device) {
    const auto list = json(post("/v1/applications?dry_run=true", body));
    for (const auto& row : list.at("items").as_array()) {
      if (text(row, "device_id") == device) return text(row, "reason");
    }
    return "no row";
  }
};

TEST_F(ApplyTest, WritesAnInstructionForEachApplicableDeviceAndAnswersWhenAllIsDurable) {
  const auto reply = apply(R"({"service":"service-x"})");

  ASSERT_EQ(reply.status, 201U) << reply.body;
  const auto made = json(reply).at("applications").at(0);
  EXPECT_EQ(text(made, "state"), "running");
  EXPECT_EQ(text(made, "devices"), "3");
  EXPECT_EQ(reply.header("Location"), "/v1/applications/" + text(made, "id"));
  EXPECT_EQ(host_.commits, 1);
  EXPECT_EQ(host_.store.mail.size(), 3U);
  EXPECT_EQ(events("enrolment.posted"), 3U);
  EXPECT_EQ(events("application.waiting"), 1U);
  EXPECT_EQ(count(text(made, "id"), "posted"), "3");
}

TEST_F(ApplyTest, AnInstructionCarriesServiceGenerationNonceUrlAndExpiry) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");

  const auto payload = boost::json::parse(host_.store.mail.begin()->second.payload);
  EXPECT_EQ(text(payload, "service"), "service-x");
  EXPECT_EQ(text(payload, "generation"), "1");
  EXPECT_EQ(text(payload, "nonce").size(), 32U);
  EXPECT_EQ(text(payload, "url"), "https://host.example/register");
  EXPECT_THAT(text(payload, "expires"), testing::EndsWith("Z"));
}

TEST_F(ApplyTest, TheNoticeListsTheDevicesOnlyWhenTheCustomerWantsIt) {
  applied(R"({"service":"service-x"})");
  host_.settings[INTRAY_SETTING_NOTICE] = "none";
  applied(R"({"service":"service-y"})");

  const auto notices = host_.log("application.waiting");
  ASSERT_EQ(notices.size(), 2U);
  EXPECT_THAT(notices[0].payload, HasSubstr("D10020103"));
  EXPECT_THAT(notices[1].payload, Not(HasSubstr("D10020103")));
}

TEST_F(ApplyTest, TheOnlyServiceOfferedNeedsNoName) {
  host_.services.resize(1);

  EXPECT_EQ(apply("").status, 201U);
}

TEST_F(ApplyTest, AmongSeveralServicesOneMustBeNamedAndTheyAreListed) {
  const auto reply = apply("{}");

  EXPECT_EQ(reply.status, 400U);
  EXPECT_THAT(reply.body, HasSubstr("service-x, service-y, service-z"));
}

TEST_F(ApplyTest, AnUnknownServiceIsNotFound) {
  EXPECT_EQ(apply(R"({"service":"nothing"})").status, 404U);
}

TEST_F(ApplyTest, WhatIsMalformedIsRefusedInWords) {
  EXPECT_THAT(apply(R"({"service":"service-x","colour":1})").body, HasSubstr("'colour'"));
  for (const std::string body :
       {"[]", "{", R"({"service":1})", R"({"service":"service-x","services":["service-y"]})",
        R"({"services":[]})", R"({"service":"service-x","devices":[]})",
        R"({"service":"service-x","devices":["a"],"models":["b"]})",
        R"({"service":"service-x","reissue":"yes"})", R"({"service":"service-x","devices":[7]})"}) {
    EXPECT_EQ(apply(body).status, 400U) << body;
  }
  EXPECT_EQ(post("/v1/applications?dry_run=maybe", R"({"service":"service-x"})").status, 400U);
  EXPECT_EQ(host_.commits, 0);
}

TEST_F(ApplyTest, SeveralServicesGetOneApplicationEachInOneBatch) {
  const auto reply = apply(R"({"services":["service-x","service-y"]})");

  ASSERT_EQ(reply.status, 201U) << reply.body;
  EXPECT_THAT(column(json(reply), "service", "applications"),
              ElementsAre("service-x", "service-y"));
  EXPECT_THAT(column(json(reply), "devices", "applications"), ElementsAre("3", "2"));
  EXPECT_EQ(reply.header("Location"), "");
  EXPECT_EQ(host_.commits, 1);
  EXPECT_EQ(host_.mailbox("C001", "D10020102").size(), 2U);
}

TEST_F(ApplyTest, NamedDevicesThatCannotTakePartAreEachNamedAndNothingIsWritten) {
  const auto reply =
      apply(R"({"service":"service-y","devices":["D10010101","D10010201","D10020102","nowhere"]})");

  EXPECT_EQ(reply.status, 422U);
  EXPECT_THAT(column(json(reply), "device_id", "devices"),
              ElementsAre("D10010101", "D10010201", "nowhere"));
  const auto reasons = column(json(reply), "reason", "devices");
  EXPECT_THAT(reasons[0], HasSubstr("M1001"));
  EXPECT_EQ(reasons[1], reasons[2]) << "a foreign device must look like an unknown one";
  EXPECT_EQ(text(json(reply), "code"), "INT-2001");
  EXPECT_EQ(host_.commits, 0);
}

TEST_F(ApplyTest, ModelsNarrowTheSelection) {
  applied(R"({"service":"service-x","models":["M1001"]})");

  EXPECT_EQ(host_.mailbox("C001", "D10010101").size(), 1U);
  EXPECT_THAT(host_.mailbox("C001", "D10020102"), IsEmpty());
}

TEST_F(ApplyTest, WaitingAndRegisteredDevicesAreSkippedWithTheReason) {
  applied(R"({"service":"service-x","devices":["D10010101","D10020102"]})");
  ASSERT_EQ(register_device("D10010101"), 200U);

  const auto reply = apply(R"({"service":"service-x"})");

  ASSERT_EQ(reply.status, 201U);
  EXPECT_EQ(text(json(reply).at("applications").at(0), "devices"), "1");
  EXPECT_THAT(column(json(reply), "device_id", "skipped_devices"),
              ElementsAre("D10010101", "D10020102"));
  const auto reasons = column(json(reply), "reason", "skipped_devices");
  EXPECT_THAT(reasons[0], HasSubstr("registered already"));
  EXPECT_THAT(reasons[1], HasSubstr("waits already"));
}

TEST_F(ApplyTest, WithNoDeviceLeftItConflictsAndSaysWhy) {
  applied(R"({"service":"service-x"})");

  const auto reply = apply(R"({"service":"service-x"})");

  EXPECT_EQ(reply.status, 409U);
  EXPECT_THAT(text(json(reply), "detail"), HasSubstr("waits already"));
  EXPECT_EQ(apply(R"({"service":"service-x","models":["M9"]})").status, 409U);
}

TEST_F(ApplyTest, ReissueSupersedesWhatWaitsAndItsOldCodeIsOver) {
  const auto first = applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto old = code("D10010101");

  const auto second = applied(R"({"service":"service-x","devices":["D10010101"],"reissue":true})");

  EXPECT_EQ(host_.mailbox("C001", "D10010101").size(), 1U);
  EXPECT_EQ(count(first, "superseded"), "1");
  EXPECT_EQ(send_code("D10010101", "service-x", old).status, 410U);
  EXPECT_EQ(register_device("D10010101"), 200U);
  EXPECT_EQ(count(second, "registered"), "1");
  pass(kHour);
  EXPECT_EQ(state(first), "completed");
}

TEST_F(ApplyTest, ReissueOfARegisteredDeviceStopsItUntilItRegistersAgain) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  ASSERT_EQ(register_device("D10010101"), 200U);

  applied(R"({"service":"service-x","devices":["D10010101"],"reissue":true})");

  EXPECT_FALSE(entitled("D10010101"));
  EXPECT_EQ(register_device("D10010101"), 200U);
  EXPECT_TRUE(entitled("D10010101"));
}

TEST_F(ApplyTest, AServicesObjectionLeavesTheDeviceOutWithItsReason) {
  host_.services[0].objection = [](const intray_application& app) -> std::string {
    const bool asked = app.device != nullptr && view(app.device->device_id) == "D10010101";
    return asked ? "its contract ended" : "";
  };

  EXPECT_EQ(apply(R"({"service":"service-x","devices":["D10010101"]})").status, 422U);
  const auto reply = apply(R"({"service":"service-x"})");

  ASSERT_EQ(reply.status, 201U);
  EXPECT_EQ(text(json(reply).at("applications").at(0), "devices"), "2");
  EXPECT_THAT(reason_in_dry_run(R"({"service":"service-x"})", "D10010101"),
              HasSubstr("its contract ended"));
}

TEST_F(ApplyTest, AnObjectionToTheWholeApplicationIsShown) {
  host_.services[0].objection = [](const intray_application& app) -> std::string {
    return app.device == nullptr ? "sold out" : "";
  };

  const auto reply = apply(R"({"service":"service-x"})");

  EXPECT_EQ(reply.status, 409U);
  EXPECT_THAT(reply.body, HasSubstr("sold out"));
}

TEST_F(ApplyTest, AServiceWhosePluginIsDownIsAskedLater) {
  host_.services[0].up = false;

  EXPECT_EQ(apply(R"({"service":"service-x"})").status, 503U);
  EXPECT_EQ(host_.commits, 0);
}

TEST_F(ApplyTest, TheDryRunListsEveryHeldDeviceAndWritesNothing) {
  const auto reply = post("/v1/applications?dry_run=true", R"({"service":"service-y"})");

  ASSERT_EQ(reply.status, 200U);
  EXPECT_THAT(column(json(reply), "device_id"), ElementsAre("D10010101", "D10020102", "D10020103"));
  EXPECT_THAT(column(json(reply), "will"), ElementsAre("false", "true", "true"));
  EXPECT_THAT(column(json(reply), "model"), ElementsAre("M1001", "M1002", "M1002"));
  EXPECT_THAT(column(json(reply), "reason")[0], HasSubstr("M1001"));
  EXPECT_EQ(host_.commits, 0);
}

TEST_F(ApplyTest, TheDryRunOfNamedDevicesListsTheOthersAsLeftOutAndRefusesUnknownOnes) {
  const auto reply =
      post("/v1/applications?dry_run=true", R"({"service":"service-x","devices":["D10020102"]})");
  EXPECT_THAT(column(json(reply), "will"), ElementsAre("false", "true", "false"));

  EXPECT_EQ(
      post("/v1/applications?dry_run=true", R"({"service":"service-x","devices":["D10010201"]})")
          .status,
      422U);
}

TEST_F(ApplyTest, TheDryRunComesInPages) {
  std::vector<std::string> devices;
  std::string after;
  do {
    const auto reply =
        post("/v1/applications?dry_run=true&limit=2&after=" + after, R"({"service":"service-x"})");
    for (const auto& device : column(json(reply), "device_id")) devices.push_back(device);
    after = text(json(reply), "next");
  } while (!after.empty());

  EXPECT_THAT(devices, ElementsAre("D10010101", "D10020102", "D10020103"));
}

TEST_F(ApplyTest, AConflictIsTriedAgainWithFreshRows) {
  host_.before_commit = [this](const auto&) {
    host_.before_commit = nullptr;
    applied(R"({"service":"service-x","devices":["D10010101"]})");  // comes first
    return INTRAY_OK;
  };

  const auto reply = apply(R"({"service":"service-x"})");

  ASSERT_EQ(reply.status, 201U) << reply.body;
  EXPECT_EQ(text(json(reply).at("applications").at(0), "devices"), "2");
  EXPECT_EQ(host_.mailbox("C001", "D10010101").size(), 1U);
}

TEST_F(ApplyTest, TryingAgainHasAnEnd) {
  int tries = 0;
  host_.before_commit = [&](const auto&) {
    ++tries;
    return INTRAY_E_CONFLICT;
  };

  EXPECT_EQ(apply(R"({"service":"service-x"})").status, 503U);
  EXPECT_EQ(tries, 5);
}

TEST_F(ApplyTest, AFullStoreRefusesCleanly) {
  host_.store.full = true;

  EXPECT_EQ(apply(R"({"service":"service-x"})").status, 507U);
  EXPECT_THAT(host_.store.own, IsEmpty());
}

TEST_F(ApplyTest, TheSameKeyGetsTheSameAnswerOnce) {
  const FakeRequest request{
      "POST", "/v1/applications", R"({"service":"service-x"})", "token:admin", "C001", "key-1"};

  const auto first = host_.request(request);
  const auto second = host_.request(request);

  EXPECT_EQ(first.status, 201U);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("Location"), first.header("Location"));
  EXPECT_EQ(host_.store.mail.size(), 3U);
}

TEST_F(ApplyTest, OnlyACustomersOwnDevicesAreReached) {
  applied(R"({"service":"service-x"})");

  EXPECT_THAT(host_.mailbox("C002", "D10010201"), IsEmpty());
  EXPECT_EQ(host_.request({"POST", "/v1/applications", "{}", "operator", ""}).status, 403U);
}

}  // namespace
}  // namespace intray::registration
