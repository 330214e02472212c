#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device_sdk/world.hpp"

namespace intray::testing_support {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kMinuteMs = 60'000;

class DeviceInstructionTest : public testing::Test {
 protected:
  void run() {
    ASSERT_TRUE(world_.start());
    world_.run_for(5 * kMinuteMs);
  }
  std::string body_of(const std::string& url_part) const {
    for (const auto& request : world_.transport.requests) {
      if (request.url.find(url_part) != std::string::npos) return request.body;
    }
    return "(not sent)";
  }
  World world_;
};

TEST_F(DeviceInstructionTest, RegistersAndHandsTheParametersOn) {
  world_.host.post_registration(7, "service-x", "CODE");
  run();
  EXPECT_EQ(world_.host.effects["service-x"], 1);
  EXPECT_EQ(world_.panel.parameters["service-x"], R"({"folder":"/scans"})");
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 done"));
  EXPECT_THAT(world_.panel.asked, ElementsAre("7 register-device"));
}

TEST_F(DeviceInstructionTest, CarriesOutTheOldestFirst) {
  world_.host.post_registration(9, "service-z", "Z");
  world_.host.post_registration(7, "service-x", "X");
  run();
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 done", "9 done"));
}

TEST_F(DeviceInstructionTest, TwelveInstructionsPassThroughEightPlaces) {
  for (std::uint64_t i = 1; i <= 12; ++i) {
    world_.host.post_registration(i, "service-" + std::to_string(i), "CODE" + std::to_string(i));
  }
  run();
  EXPECT_EQ(world_.host.effects.size(), 12U);
  EXPECT_EQ(world_.host.acknowledged.size(), 12U);
}

TEST_F(DeviceInstructionTest, NeverSendsItsTokenToAnotherOrigin) {
  world_.transport.answer = [&](const HttpRequest& request) {
    if (request.url != world_.host.origin + "/v1/mailbox" || !world_.host.acknowledged.empty()) {
      return world_.host.answer(request);
    }
    return HttpReply{200, R"({"instructions":[{"sequence":7,"type":"register-device",)"
                          R"("url":"https://host.example.evil:8443/register","code":"CODE"}]})"};
  };
  run();
  EXPECT_EQ(world_.sent("evil"), 0);
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 refused"));
  EXPECT_THAT(body_of("acknowledge"), HasSubstr("origin"));
  EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_REFUSED), 1);
}

TEST_F(DeviceInstructionTest, RegistersAtAnotherOriginThatCameWithProvisioning) {
  world_.transport.answer = [&](const HttpRequest& request) {
    if (request.url == "https://service-x.a.com/regist") {
      return HttpReply{200, R"({"service":"service-x","parameters":{"a":1}})"};
    }
    auto reply = world_.host.answer(request);
    if (request.url.find("/v1/provision") != std::string::npos) {
      reply.body = R"({"customer":"C001","origins":["https://service-x.a.com"],"wake_keys":[]})";
    } else if (request.method == "GET" && world_.host.acknowledged.empty()) {
      reply = {200, R"({"instructions":[{"sequence":7,"type":"register-device",)"
                    R"("url":"https://service-x.a.com/regist","code":"163abc45"}]})"};
    }
    return reply;
  };
  run();
  EXPECT_EQ(body_of("/regist"), R"({"code":"163abc45"})");
  EXPECT_EQ(world_.panel.parameters["service-x"], R"({"a":1})");
}

TEST_F(DeviceInstructionTest, DropsWhatTheHostRefusesAndPollsWithoutAcknowledging) {
  for (const int status : {403, 410}) {
    World world;
    world.host.post_registration(7, "service-x", "CODE");
    world.host.instead["/v1/services/service-x/register"] = {status};
    ASSERT_TRUE(world.start());
    world.run_for(1000);

    EXPECT_EQ(world.panel.count(INTRAY_DEVICE_DROPPED), 1) << status;
    EXPECT_EQ(world.sent("/acknowledge"), 0);
    EXPECT_EQ(world.sent("/v1/mailbox"), 2) << "once more, at once";
    EXPECT_FALSE(world.device.busy());

    world.run_for(60 * kMinuteMs);
    EXPECT_LE(world.sent("/register"), 13) << "a host that insists cannot make the device spin";

    world.host.instead.clear();
    world.run_for(10 * kMinuteMs);
    EXPECT_EQ(world.host.effects["service-x"], 1) << "a passing refusal does no lasting harm";
  }
}

TEST_F(DeviceInstructionTest, ABusyServiceDelaysOnlyItself) {
  world_.host.post_registration(7, "service-x", "X");
  world_.host.post_registration(8, "service-y", "Y");
  world_.host.instead["/v1/services/service-x/register"] = {503, "", "", "", "600"};
  ASSERT_TRUE(world_.start());
  world_.run_for(kMinuteMs);
  EXPECT_EQ(world_.host.effects["service-y"], 1);
  EXPECT_THAT(world_.device.last_error(), HasSubstr("busy"));

  world_.host.instead.clear();
  world_.run_for(8 * kMinuteMs);
  EXPECT_EQ(world_.host.effects["service-x"], 0) << "Retry-After is respected";
  world_.run_for(3 * kMinuteMs);
  EXPECT_EQ(world_.host.effects["service-x"], 1);
  EXPECT_STREQ(world_.device.last_error(), "");
}

TEST_F(DeviceInstructionTest, TheSameSequenceWithAnotherCodeIsANewInstruction) {
  world_.host.post_registration(7, "service-x", "OLD");
  run();
  world_.host.post_registration(7, "service-x", "NEW");
  world_.run_for(2 * kMinuteMs);
  EXPECT_EQ(world_.host.effects["service-x"], 2);
  EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_REGISTERED), 2);
}

TEST_F(DeviceInstructionTest, AnOldReplyOnlyRepeatsTheAcknowledgement) {
  world_.host.post_registration(7, "service-x", "CODE");
  const auto waiting = world_.host.mailbox;
  run();
  world_.host.mailbox = waiting;
  world_.run_for(kMinuteMs);
  EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_REGISTERED), 1);
  EXPECT_THAT(world_.host.acknowledged, testing::Each("7 done"));
  EXPECT_EQ(world_.sent("/register"), 1);
}

TEST_F(DeviceInstructionTest, TellsThatAServiceWasStopped) {
  world_.host.mailbox.push_back({7, "stop-service", "service-x", ""});
  run();
  EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_STOPPED), 1);
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 done"));
}

TEST_F(DeviceInstructionTest, ReportsWhatItDoesNotKnow) {
  world_.host.mailbox.push_back({7, "make-coffee", "kitchen", ""});
  world_.host.mailbox.push_back({8, std::string(60, 'x'), "kitchen", ""});
  world_.host.post_registration(9, "service-x", "CODE");
  run();
  EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_UNSUPPORTED), 2);
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 unsupported", "8 unsupported", "9 done"));
}

TEST_F(DeviceInstructionTest, TheFirmwareMaySayLater) {
  world_.host.post_registration(7, "service-x", "CODE");
  bool busy = true;
  world_.panel.decide = [&](const intray_device_instruction&) -> intray_device_decision {
    if (busy) return {INTRAY_DEVICE_LATER, 3600, "printing"};
    return {INTRAY_DEVICE_ACCEPT, 0, nullptr};
  };
  run();
  EXPECT_EQ(body_of("acknowledge"),
            R"({"result":"later","retry_after_s":3600,"reason":"printing"})");
  EXPECT_EQ(world_.host.effects["service-x"], 0);

  busy = false;
  world_.host.post_registration(7, "service-x", "CODE");  // offered again, as it was
  world_.run_for(kMinuteMs);
  EXPECT_EQ(world_.host.effects["service-x"], 1);
}

TEST_F(DeviceInstructionTest, TheFirmwareMayRefuse) {
  world_.host.post_registration(7, "service-x", "CODE");
  world_.panel.decide = [](const intray_device_instruction&) -> intray_device_decision {
    return {INTRAY_DEVICE_REFUSE, 0, "the \"panel\"\nsaid no"};
  };
  run();
  EXPECT_EQ(body_of("acknowledge"), R"({"result":"refused","reason":"the \"panel\" said no"})");
  EXPECT_EQ(world_.sent("/register"), 0);
}

TEST_F(DeviceInstructionTest, RefusesWhatIsTooLongOrIncomplete) {
  world_.host.post_registration(7, "service-" + std::string(600, 'x'), "CODE");
  world_.host.post_registration(8, "service-y", std::string(200, 'c'));
  world_.host.post_registration(9, "service-x", "CODE");
  run();
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 refused", "8 refused", "9 done"));
}

TEST_F(DeviceInstructionTest, AHostThatAlwaysHasMoreCannotMakeItSpin) {
  world_.transport.answer = [&](const HttpRequest& request) {
    if (request.method != "GET") return world_.host.answer(request);
    return HttpReply{200, R"({"instructions":[{"sequence":7,"type":"x"}],"more":true})", "", "60"};
  };
  run();
  EXPECT_LE(world_.sent("/v1/mailbox"), 20);
}

TEST_F(DeviceInstructionTest, RepeatsALostAcknowledgement) {
  world_.host.post_registration(7, "service-x", "CODE");
  world_.transport.lost_replies = {3};
  run();
  EXPECT_THAT(world_.host.acknowledged, ElementsAre("7 done", "7 done"));
  EXPECT_FALSE(world_.device.busy());
}

TEST_F(DeviceInstructionTest, NeverShowsACodeOrTokenInAnError) {
  world_.host.post_registration(7, "service-x", "SECRETCODE");
  world_.host.instead["/v1/services/service-x/register"] = {500};
  run();
  for (const auto& detail : world_.panel.details) {
    EXPECT_EQ(detail.find("SECRETCODE"), std::string::npos) << detail;
    EXPECT_EQ(detail.find(world_.host.token), std::string::npos) << detail;
  }
}

}  // namespace
}  // namespace intray::testing_support
