#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device_sdk/world.hpp"

namespace intray::testing_support {
namespace {

using testing::HasSubstr;

/// A device that is provisioned and has polled once.
struct PolledWorld : World {
  PolledWorld() {
    EXPECT_TRUE(start());
    run_for(200);
    EXPECT_EQ(sent("/v1/mailbox"), 1);
  }
  int polls_in(std::uint64_t ms) {
    const int before = sent("/v1/mailbox");
    run_for(ms);
    return sent("/v1/mailbox") - before;
  }
};

TEST(DevicePollTest, FollowsTheIntervalOfTheHost) {
  PolledWorld world;  // "Intray-Next-Poll: 60"
  EXPECT_EQ(world.polls_in(600'000), 10);
}

TEST(DevicePollTest, KeepsTheIntervalOverRestarts) {
  PolledWorld world;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.polls_in(600'000), 10);
}

TEST(DevicePollTest, StaysWithinItsOwnBounds) {
  PolledWorld world;
  world.options.poll_s_max = 10;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.polls_in(100'000), 10);

  world.options.poll_s_min = 200;
  world.options.poll_s_max = 0;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.polls_in(2'000'000), 10);
}

TEST(DevicePollTest, PollsAtTheSamePhaseEveryTime) {
  PolledWorld world;
  const auto phase = world.next_ms % 60'000;
  for (int i = 0; i < 5; ++i) {
    world.run_for(60'000);
    EXPECT_EQ(world.next_ms % 60'000, phase);
  }
}

TEST(DevicePollTest, TheFirstPollComesWithinTheSpread) {
  PolledWorld world;
  world.options.poll_s_min = 86'400;
  world.options.start_spread_s = 3600;
  ASSERT_TRUE(world.start());
  EXPECT_EQ(world.polls_in(3'600'000), 1);
}

TEST(DevicePollTest, SendsTheETagBack) {
  PolledWorld world;
  world.run_for(60'000);
  EXPECT_EQ(world.transport.requests.back().if_none_match, "\"empty\"");
  EXPECT_EQ(world.transport.requests.back().method, "GET");
}

TEST(DevicePollTest, ComesBackNoEarlierThanRetryAfterSays) {
  for (const int status : {429, 503}) {
    PolledWorld world;
    world.host.instead["/v1/mailbox"] = {status, "", "", "", "600"};
    EXPECT_EQ(world.polls_in(601'000), 1) << status;
    EXPECT_THAT(world.device.last_error(), HasSubstr(std::to_string(status)));
  }
}

TEST(DevicePollTest, WaitsLongerAndLongerAndRecovers) {
  PolledWorld world;
  world.options.poll_s_min = 86'400;
  ASSERT_TRUE(world.start());
  world.device.poll_now();
  for (int i = 0; i < 1000; ++i) world.transport.lost_requests.insert(i);
  const int polls = world.polls_in(3'600'000);
  EXPECT_GE(polls, 12);
  EXPECT_LE(polls, 100);
  EXPECT_STREQ(world.device.last_error(), "cannot poll the mailbox: connection reset");

  world.transport.lost_requests.clear();
  world.run_for(INTRAY_DEVICE_BACKOFF_MS_MAX);

  EXPECT_STREQ(world.device.last_error(), "");
}

TEST(DevicePollTest, GivesUpARequestThatNeverEnds) {
  PolledWorld world;
  world.transport.silent = true;
  world.run_for(60'000 + INTRAY_DEVICE_REQUEST_MS_MAX);
  EXPECT_GE(world.transport.canceled, 1);
  EXPECT_THAT(world.device.last_error(), HasSubstr("no reply came in time"));
}

TEST(DevicePollTest, RepliesThatAreNoRepliesAreFailures) {
  const std::string huge = R"({"instructions":[],"x":")" + std::string(20'000, 'x') + "\"}";
  for (const auto& reply :
       {HttpReply{200, "<html>"}, HttpReply{200, ""}, HttpReply{200, "[]"}, HttpReply{200, huge},
        HttpReply{301, ""}, HttpReply{500, ""}, HttpReply{-7, ""}, HttpReply{404, ""}}) {
    PolledWorld world;
    world.host.instead["/v1/mailbox"] = reply;
    world.run_for(60'000);
    EXPECT_THAT(world.device.last_error(), HasSubstr("cannot poll the mailbox")) << reply.status;
    world.host.instead.clear();
    world.run_for(120'000);
    EXPECT_STREQ(world.device.last_error(), "");
  }
}

TEST(DevicePollTest, SaysThatItsTokenIsUnknown) {
  PolledWorld world;
  world.host.token = "revoked";
  world.run_for(60'000);
  EXPECT_THAT(world.device.last_error(), HasSubstr("provision it with a new code"));
}

TEST(DevicePollTest, AClockThatGoesBackStopsNothing) {
  PolledWorld world;
  world.run_for(100 * 86'400'000ULL);
  world.now_ms = 5;
  EXPECT_EQ(world.polls_in(600'000), 10);
}

TEST(DevicePollTest, PollsNowWhenToldSo) {
  PolledWorld world;
  world.device.poll_now();
  EXPECT_EQ(world.polls_in(100), 1);
}

}  // namespace
}  // namespace intray::testing_support
