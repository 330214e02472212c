// The journal's promise: cut the power at every write of a whole registration, lose or double what
// is sent meanwhile, and the device still ends registered exactly once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device_sdk/world.hpp"

namespace intray::testing_support {
namespace {

/// Longer than the longest wait: a device that has never polled comes within the default interval.
constexpr std::uint64_t kLongMs = (INTRAY_DEVICE_POLL_S_DEFAULT + 3600) * 1000ULL;

using Fault = std::function<void(MemoryTransport&)>;

void prepare(World& world) {
  world.host.post_registration(7, "service-x", "CODE-OF-SERVICE-X");
  world.host.post_registration(8, "service-y", "CODE-OF-SERVICE-Y");
}

/// The writes of a run in which nothing happens.
int writes_of_a_whole_run() {
  World world;
  prepare(world);
  EXPECT_TRUE(world.start());
  world.run_for(kLongMs);
  EXPECT_FALSE(world.device.busy());
  return world.storage.writes;
}

/// Switches on again after each cut, until the device has had its time with power.
void run_to_the_end(World& world) {
  for (int starts = 0; starts < 10; ++starts) {
    const bool up = world.start();
    if (up) world.run_for(kLongMs);
    if (up && world.power.on) return;
  }
  FAIL() << "the device never stayed on";
}

void expect_registered_once(const World& world) {
  EXPECT_EQ(world.host.effects.at("service-x"), 1);
  EXPECT_EQ(world.host.effects.at("service-y"), 1);
  EXPECT_TRUE(world.host.mailbox.empty());
  EXPECT_FALSE(world.device.busy());
  EXPECT_EQ(world.panel.parameters.at("service-x"), R"({"folder":"/scans"})");
  EXPECT_EQ(world.panel.parameters.at("service-y"), R"({"folder":"/scans"})");
  EXPECT_STREQ(world.device.last_error(), "");
}

void cut_everywhere(const Fault& fault) {
  const int writes = writes_of_a_whole_run();
  for (int cut = 0; cut < writes + 2; ++cut) {
    for (const bool after : {false, true}) {
      SCOPED_TRACE("cut at write " + std::to_string(cut) + (after ? ", after it" : ", before it"));
      World world;
      prepare(world);
      world.storage.cut_at = cut;
      world.storage.cut_after = after;
      fault(world.transport);
      run_to_the_end(world);
      expect_registered_once(world);
    }
  }
}

TEST(DevicePowerTest, AWholeRegistrationTakesAFewWrites) {
  // identity twice, the interval, and four for each of the two instructions
  EXPECT_EQ(writes_of_a_whole_run(), 2 + 1 + 2 * 4);
}

TEST(DevicePowerTest, EndsRegisteredOnceWhereverThePowerIsCut) {
  cut_everywhere([](MemoryTransport&) {});
}

TEST(DevicePowerTest, EndsRegisteredOnceWhenAnyReplyIsLostToo) {
  for (int lost = 0; lost < 8; ++lost) {
    cut_everywhere([&](MemoryTransport& transport) { transport.lost_replies = {lost}; });
  }
}

TEST(DevicePowerTest, EndsRegisteredOnceWhenAnyRequestIsLostToo) {
  for (int lost = 0; lost < 8; ++lost) {
    cut_everywhere([&](MemoryTransport& transport) { transport.lost_requests = {lost}; });
  }
}

TEST(DevicePowerTest, EndsRegisteredOnceWhenEveryRequestIsDoubled) {
  cut_everywhere([](MemoryTransport& transport) {
    for (int number = 0; number < 100; ++number) transport.doubled.insert(number);
  });
}

TEST(DevicePowerTest, SurvivesTwoCutsInARow) {
  const int writes = writes_of_a_whole_run();
  for (int first = 0; first < writes; ++first) {
    for (int second = 0; second < writes; ++second) {
      World world;
      prepare(world);
      world.storage.cut_at = first;
      if (world.start()) world.run_for(kLongMs);
      world.storage.cut_at = world.storage.writes + second;
      run_to_the_end(world);
      expect_registered_once(world);
    }
  }
}

TEST(DevicePowerTest, GoesOnWhenStorageRefusesForAWhile) {
  World world;
  prepare(world);
  ASSERT_TRUE(world.start());
  world.run_for(200);
  world.storage.refuses = true;
  world.run_for(kLongMs);
  EXPECT_THAT(world.device.last_error(), testing::HasSubstr("storage refuses"));

  world.storage.refuses = false;
  world.run_for(kLongMs);

  expect_registered_once(world);
}

TEST(DevicePowerTest, ADamagedEntryIsFetchedAgain) {
  for (const char* damaged : {"entry-0", "entry-1"}) {
    World world;
    prepare(world);
    ASSERT_TRUE(world.start());
    world.host.instead["/v1/services/service-x/register"] = {503};
    world.host.instead["/v1/services/service-y/register"] = {503};
    world.run_for(5000);
    world.storage.values[damaged][10] ^= 1;
    world.host.instead.clear();

    ASSERT_TRUE(world.start());
    world.run_for(kLongMs);

    expect_registered_once(world);
  }
}

}  // namespace
}  // namespace intray::testing_support
