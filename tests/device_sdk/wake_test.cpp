// What a device does when a wake command comes in: api/wake_command.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/device_sdk/wake_world.hpp"

namespace intray::testing_support {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kNow = WakeWorld::kNow;

security::WakeOrder for_this_device() { return {.targets = {the_device()}}; }

class DeviceWake : public testing::Test {
 protected:
  void SetUp() override { world_.settle(); }
  WakeWorld world_;
};

TEST_F(DeviceWake, PollsAtOnceForBothSpellingsOfThePatent) {
  const auto both = {std::string("/doPolling?t="), std::string("/doPolling/?pollreq=10.0.0.2&t=")};
  int polls = 1;
  for (const auto& spelling : both) {
    EXPECT_EQ(world_.hear(spelling + world_.mint(for_this_device())), 200);
    EXPECT_EQ(world_.polls(), ++polls);
    world_.run_for(20'000);
  }
}

TEST_F(DeviceWake, RegistersWithinASecondOfTheWake) {
  world_.host.post_registration(7, "service-x", "c0de");
  EXPECT_EQ(world_.wake(world_.mint(for_this_device())), 200);
  world_.run_for(1000);
  EXPECT_EQ(world_.host.effects["service-x"], 1);
}

TEST_F(DeviceWake, LeavesOtherPathsToTheFirmware) {
  for (const char* target : {"/", "/doPollin", "/doPollingX", "/doPolling//", "/dopolling",
                             "/doPolling/x?t=a", "/x/doPolling", "doPolling", ""}) {
    EXPECT_FALSE(
        world_.device.wake(target, Device::Milliseconds(world_.now_ms), std::chrono::seconds(kNow)))
        << target;
  }
}

TEST_F(DeviceWake, PollsAtTheTimeThatTheCommandNames) {
  auto order = for_this_device();
  order.at_s = 30;
  EXPECT_EQ(world_.wake(world_.mint(order)), 202);
  world_.run_for(29'999);
  EXPECT_EQ(world_.polls(), 1);
  world_.run_for(2);
  EXPECT_EQ(world_.polls(), 2);

  world_.run_for(20'000);
  order.at_is_unix = true;
  order.at_s = kNow + 3600;
  EXPECT_EQ(world_.wake(world_.mint(order)), 202);
  world_.run_for(3'600'100);
  EXPECT_EQ(world_.polls(), 3);

  world_.run_for(20'000);
  order.at_s = kNow - 5;
  EXPECT_EQ(world_.wake(world_.mint(order)), 200);
}

TEST_F(DeviceWake, ManyCommandsShareOnePollIn10Seconds) {
  EXPECT_EQ(world_.wake(world_.mint(for_this_device())), 200);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(world_.wake(world_.mint(for_this_device())), 202);
  world_.run_for(9'900);
  EXPECT_EQ(world_.polls(), 2);
  world_.run_for(200);
  EXPECT_EQ(world_.polls(), 3);
  world_.run_for(60'000);
  EXPECT_EQ(world_.polls(), 3);
}

TEST_F(DeviceWake, ReplayingACommandAThousandTimesCausesNothing) {
  const auto command = world_.mint(order_with_children(3));
  EXPECT_EQ(world_.wake(command), 200);
  world_.run_for(1000);
  const auto writes = world_.storage.writes;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(world_.wake(command), 200);
  world_.run_for(60'000);
  EXPECT_EQ(world_.polls(), 2);
  EXPECT_EQ(world_.lan.calls.size(), 3U);
  EXPECT_EQ(world_.storage.writes, writes);
}

TEST_F(DeviceWake, RemembersItsCommandsOverARestart) {
  const auto command = world_.mint(for_this_device());
  EXPECT_EQ(world_.wake(command), 200);
  world_.run_for(1000);

  ASSERT_TRUE(world_.start());
  EXPECT_EQ(world_.wake(command), 200);
  world_.run_for(20'000);
  EXPECT_EQ(world_.polls(), 2);
}

TEST_F(DeviceWake, MakesAPollGoodThatAPowerCutHasPrevented) {
  auto order = for_this_device();
  order.at_s = 60;
  EXPECT_EQ(world_.wake(world_.mint(order)), 202);

  ASSERT_TRUE(world_.start());
  world_.run_for(20'000);
  EXPECT_EQ(world_.polls(), 2);

  ASSERT_TRUE(world_.start());
  world_.run_for(20'000);
  EXPECT_EQ(world_.polls(), 2);
}

TEST_F(DeviceWake, WhereverThePowerIsCutTheCommandIsObeyedOnceOrComesAgain) {
  for (int cut = 0; cut < 3; ++cut) {
    for (const bool after : {false, true}) {
      WakeWorld world;
      world.settle();
      const auto command = world.mint(for_this_device());
      world.storage.cut_at = world.storage.writes + cut;
      world.storage.cut_after = after;
      const auto first = world.wake(command);
      world.run_for(1000);
      ASSERT_TRUE(world.start());
      const auto second = world.wake(command);
      world.run_for(60'000);
      EXPECT_EQ(second, 200);
      EXPECT_EQ(first, cut == 0 ? 429 : 200);
      // The second write says that the poll is done: cut before it, the poll is made once more.
      EXPECT_EQ(world.polls(), cut == 1 && !after ? 3 : 2) << cut << after;
    }
  }
}

TEST_F(DeviceWake, RefusesWhatItCannotRemember) {
  world_.storage.refuses = true;
  const auto command = world_.mint(for_this_device());
  EXPECT_EQ(world_.wake(command), 429);
  EXPECT_EQ(world_.polls(), 1);
  world_.storage.refuses = false;
  EXPECT_EQ(world_.wake(command), 200);
}

TEST_F(DeviceWake, ItsMemoryFillsUntilCommandsExpire) {
  for (unsigned i = 0; i < INTRAY_DEVICE_WAKE_IDS_MAX; ++i) {
    EXPECT_NE(world_.wake(world_.mint(for_this_device())), 429);
  }
  EXPECT_EQ(world_.wake(world_.mint(for_this_device())), 429);
  EXPECT_NE(world_.wake(world_.mint(for_this_device(), "C001", kNow + 601), kNow + 601), 429);
}

TEST_F(DeviceWake, ADamagedMemoryIsStartedAnew) {
  EXPECT_EQ(world_.wake(world_.mint(for_this_device())), 200);
  world_.storage.values["wake"][5] ^= 1;
  ASSERT_TRUE(world_.start());
  EXPECT_THAT(world_.device.last_error(), testing::HasSubstr("damaged"));
  EXPECT_EQ(world_.wake(world_.mint(for_this_device())), 200);
}

TEST_F(DeviceWake, AnUnsignedWakeIsHeardOnlyWhereItIsAllowed) {
  EXPECT_EQ(world_.hear("/doPolling"), 403);
  EXPECT_EQ(world_.polls(), 1);

  world_.options.allow_plain_wake = true;
  ASSERT_TRUE(world_.start());
  world_.run_for(1000);
  EXPECT_EQ(world_.hear("/doPolling/"), 200);
  EXPECT_EQ(world_.polls(), 2);
  EXPECT_EQ(world_.hear("/doPolling"), 429);
  world_.run_for(INTRAY_DEVICE_WAKE_PLAIN_MS);
  EXPECT_EQ(world_.hear("/doPolling?pollreq=10.0.0.2"), 403);
  EXPECT_EQ(world_.polls(), 2);
  EXPECT_EQ(world_.hear("/doPolling"), 200);
  EXPECT_TRUE(world_.lan.calls.empty());
}

TEST_F(DeviceWake, WithoutAVerifierAClockOrAProvisioningNothingIsAccepted) {
  const auto command = world_.mint(for_this_device());
  EXPECT_EQ(world_.wake(command, 0), 403);
  EXPECT_EQ(world_.wake(command, -1), 403);
  world_.options.verifier.ed25519 = nullptr;
  ASSERT_TRUE(world_.start());
  EXPECT_EQ(world_.wake(command), 403);

  WakeWorld fresh;
  fresh.options.allow_plain_wake = true;
  ASSERT_TRUE(fresh.device.init(fresh.options));
  EXPECT_EQ(fresh.wake(command), 403);
  EXPECT_EQ(fresh.hear("/doPolling"), 403);
}

TEST_F(DeviceWake, AllowsItsClockAMinuteAndNoMore) {
  auto order = for_this_device();
  order.ttl_s = 100;
  EXPECT_EQ(world_.wake(world_.mint(order), kNow - 61), 403);
  EXPECT_EQ(world_.wake(world_.mint(order), kNow + 101), 403);
  EXPECT_NE(world_.wake(world_.mint(order), kNow - 60), 403);
  EXPECT_NE(world_.wake(world_.mint(order), kNow + 100), 403);
}

TEST_F(DeviceWake, ClocksThatGoBackPlanAnew) {
  auto order = for_this_device();
  order.at_s = 500;
  EXPECT_EQ(world_.wake(world_.mint(order)), 202);
  world_.now_ms = 5;
  world_.run_for(1000);
  EXPECT_EQ(world_.polls(), 2);
}

}  // namespace
}  // namespace intray::testing_support
