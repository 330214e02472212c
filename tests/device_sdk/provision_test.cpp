#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device_sdk/world.hpp"

namespace intray::testing_support {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DeviceProvisionTest, StoresItsTokenBeforeItSendsIt) {
  World world;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.storage.writes, 1);
  EXPECT_TRUE(world.transport.requests.empty());

  world.run_for(100);

  const auto& request = world.transport.requests.at(0);
  EXPECT_EQ(request.url, "https://host.example:8443/v1/provision");
  EXPECT_EQ(request.token, "") << "not known to the host yet";
  EXPECT_THAT(request.body, HasSubstr(R"("device":"D10010101","code":"PROVISION-1","token":")"));
  EXPECT_EQ(world.host.token.size(), 43U);
  EXPECT_TRUE(world.device.provisioned());
  EXPECT_EQ(world.panel.details.at(0), "C001");
}

TEST(DeviceProvisionTest, PollsAtOnceWhenItIsProvisioned) {
  World world;
  ASSERT_TRUE(world.start());
  world.run_for(200);
  EXPECT_EQ(world.sent("/v1/mailbox"), 1);
}

TEST(DeviceProvisionTest, TheSameCodeAgainChangesNothing) {
  World world;
  ASSERT_TRUE(world.start());
  world.run_for(200);
  const auto token = world.host.token;

  ASSERT_TRUE(world.start());
  world.run_for(200'000);

  EXPECT_EQ(world.sent("/v1/provision"), 1);
  EXPECT_EQ(world.transport.requests.back().token, token);
}

TEST(DeviceProvisionTest, GoesOnByItselfAfterAPowerCut) {
  World world;
  world.transport.lost_replies = {0};
  ASSERT_TRUE(world.start());
  world.run_for(100);
  EXPECT_FALSE(world.device.provisioned());

  ASSERT_TRUE(world.device.init(world.options));
  world.run_for(100);

  EXPECT_TRUE(world.device.provisioned());
  EXPECT_EQ(world.transport.requests.at(0).body, world.transport.requests.at(1).body);
}

TEST(DeviceProvisionTest, AnotherCodeMakesAnotherToken) {
  World world;
  ASSERT_TRUE(world.start());
  world.run_for(100);
  const auto first = world.host.token;
  world.host.token.clear();
  world.host.provisioning_code = "PROVISION-2";

  ASSERT_TRUE(world.device.provision("PROVISION-2"));
  EXPECT_FALSE(world.device.provisioned());
  world.run_for(5000);

  EXPECT_TRUE(world.device.provisioned());
  EXPECT_NE(world.host.token, first);
}

TEST(DeviceProvisionTest, ARefusedCodeIsTriedRarelyAndSaysWhy) {
  World world;
  world.host.provisioning_code = "ANOTHER";
  ASSERT_TRUE(world.device.init(world.options));
  ASSERT_TRUE(world.device.provision("PROVISION-1"));
  world.run_for(3'600'000);

  EXPECT_LE(world.sent("/v1/provision"), 13);
  EXPECT_STREQ(world.device.last_error(), "cannot provision: the host refuses the code");
  EXPECT_THAT(world.device.last_error(), Not(HasSubstr("PROVISION")));
}

TEST(DeviceProvisionTest, TakesATokenThatTheHostKnows) {
  World world;
  world.host.token = std::string(43, 'T');
  ASSERT_TRUE(world.device.init(world.options));
  EXPECT_FALSE(world.device.adopt_token("too short"));
  ASSERT_TRUE(world.device.adopt_token(world.host.token.c_str()));
  world.device.poll_now();
  world.run_for(100);

  EXPECT_EQ(world.sent("/v1/mailbox"), 1);
  EXPECT_STREQ(world.device.last_error(), "");
}

TEST(DeviceProvisionTest, KeepsNoAnswerThatItCannotKeepWhole) {
  World world;
  std::string origins;
  for (int i = 0; i < 60; ++i)
    origins += R"("https://service-)" + std::to_string(i) + R"(.example",)";
  origins.pop_back();
  world.host.instead["/v1/provision"] = {
      200, R"({"customer":"C001","origins":[)" + origins + R"(],"wake_keys":[]})"};
  ASSERT_TRUE(world.start());
  world.run_for(1000);

  EXPECT_FALSE(world.device.provisioned());
  EXPECT_THAT(world.device.last_error(), HasSubstr("more origins"));
}

TEST(DeviceProvisionTest, RefusesOptionsThatCannotWork) {
  for (const char* server : {"", "host.example", "https://host.example/path", "ftp://h"}) {
    World world;
    world.options.server = server;
    EXPECT_FALSE(world.device.init(world.options)) << server;
    EXPECT_THAT(world.device.last_error(), HasSubstr("server"));
  }
  World world;
  world.options.device_id = nullptr;
  EXPECT_FALSE(world.device.init(world.options));
}

TEST(DeviceProvisionTest, ADamagedIdentityIsSaidAndNeedsANewCode) {
  World world;
  ASSERT_TRUE(world.start());
  world.run_for(100);
  world.storage.values["identity"][30] ^= 1;

  ASSERT_TRUE(world.device.init(world.options));

  EXPECT_FALSE(world.device.provisioned());
  EXPECT_THAT(world.device.last_error(), HasSubstr("provision the device with a new code"));
}

}  // namespace
}  // namespace intray::testing_support
