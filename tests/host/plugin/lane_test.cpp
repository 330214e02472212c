#include "host/plugin/lane.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace intray::plugin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

Lane::Deadline in(milliseconds time) { return steady_clock::now() + time; }

TEST(LaneTest, AnswersWhatTheJobReturned) {
  Lane lane(2);
  EXPECT_TRUE(lane.run([] { return Result<void>(); }, in(milliseconds(5000))));
  const auto failed =
      lane.run([]() -> Result<void> { return fail(INTRAY_E_BUSY, "no"); }, in(milliseconds(5000)));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().status, INTRAY_E_BUSY);
}

TEST(LaneTest, LeavesALateJobAndRefusesUntilItIsBack) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  Lane lane(1);
  const auto hang = [released] {
    released.wait();
    return Result<void>();
  };
  EXPECT_EQ(lane.run(hang, in(milliseconds(20))).error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(lane.late(), 1U);
  const auto begun = steady_clock::now();
  EXPECT_FALSE(lane.run([] { return Result<void>(); }, in(milliseconds(5000))));
  EXPECT_LT(steady_clock::now() - begun, milliseconds(1000)) << "refused at once";
  release.set_value();
  while (lane.late() > 0) std::this_thread::yield();
  EXPECT_TRUE(lane.run([] { return Result<void>(); }, in(milliseconds(5000))));
}

TEST(LaneTest, AJobThatDidNotBeginInTimeNeverRuns) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  std::atomic<bool> ran{false};
  Lane lane(1);
  const auto first = lane.start([released] {
    released.wait();
    return Result<void>();
  });
  const auto second = lane.start([&ran] {
    ran = true;
    return Result<void>();
  });
  EXPECT_FALSE(lane.wait(second, in(milliseconds(10))));
  release.set_value();
  EXPECT_TRUE(lane.wait(first, in(milliseconds(5000))));
  EXPECT_TRUE(lane.close(in(milliseconds(5000))));
  EXPECT_FALSE(ran);
}

TEST(LaneTest, CloseWakesWhoWaitsAndTellsOfAHang) {
  std::promise<void> release;
  const auto released = release.get_future().share();
  auto lane = std::make_unique<Lane>(1);
  std::thread waiter([&] {
    EXPECT_FALSE(lane->run(
        [released] {
          released.wait();
          return Result<void>();
        },
        in(milliseconds(60'000))));
  });
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_FALSE(lane->close(in(milliseconds(20))));
  waiter.join();
  release.set_value();
  EXPECT_TRUE(lane->close(in(milliseconds(5000))));
}

}  // namespace
}  // namespace intray::plugin
