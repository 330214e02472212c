#include "host/store/round.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace intray::store {
namespace {

struct Counting final : Sleeper {
  void wake() override { ++times; }
  int times = 0;
};

TEST(Rounds, WakeEachSleeperOnceAtTheirEnd) {
  const auto first = std::make_shared<Counting>();
  const auto second = std::make_shared<Counting>();
  {
    Round round;
    for (int i = 0; i < 3; ++i) Round::wake_at_end(first);
    Round::wake_at_end(second);
    EXPECT_EQ(first->times + second->times, 0);
  }
  EXPECT_EQ(first->times, 1);
  EXPECT_EQ(second->times, 1);
}

TEST(Rounds, ThatAreNotThereWakeAtOnce) {
  const auto sleeper = std::make_shared<Counting>();
  Round::wake_at_end(sleeper);
  { Round over; }
  Round::wake_at_end(sleeper);
  EXPECT_EQ(sleeper->times, 2);
}

TEST(Rounds, FollowOneAnother) {
  const auto sleeper = std::make_shared<Counting>();
  Round round;
  for (int i = 1; i <= 3; ++i) {
    Round::wake_at_end(sleeper);
    EXPECT_EQ(sleeper->times, i - 1);
    round.end();
    EXPECT_EQ(sleeper->times, i);
  }
}

TEST(Rounds, OfAnotherThreadAreNotWaitedFor) {
  const auto sleeper = std::make_shared<Counting>();
  Round round;
  std::thread([&] { Round::wake_at_end(sleeper); }).join();
  EXPECT_EQ(sleeper->times, 1);
}

}  // namespace
}  // namespace intray::store
