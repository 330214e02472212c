// Whose turn is when, and how many polls that makes due.
#include "plugins/registration/wake_pace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "tests/plugins/registration_wake/fleet.hpp"

namespace intray::registration {
namespace {

// The most that are due in any window as long as a slot.
std::size_t busiest_slot(const WakePlan& plan) {
  std::vector<std::uint64_t> turns;
  for (const auto& node : plan.nodes) turns.push_back(std::uint64_t{node.step} * plan.step_ms);
  std::sort(turns.begin(), turns.end());
  std::size_t most = 0;
  std::deque<std::uint64_t> due;
  for (const auto turn : turns) {
    due.push_back(turn);
    while (due.front() + kWakeSlotMs <= due.back()) due.pop_front();
    most = std::max(most, due.size());
  }
  return most;
}

TEST(WakePlan, NeverPutsMorePollsIntoOneSlotThanTheHostAllows) {
  for (const std::size_t polls_max : {1U, 7U, 31U, 100U, 499U, 500U, 501U}) {
    for (const auto mode : {WakeMode::kEach, WakeMode::kTree}) {
      const auto plan = planned(fleet(500), {.mode = mode, .polls_max = polls_max});
      EXPECT_LE(busiest_slot(plan), polls_max);
      EXPECT_EQ(plan.step_ms == 0, polls_max >= 500) << "nobody waits without need";
    }
  }
}

TEST(WakePlan, LeavesTwoInFiveOfASlotToThoseWhoComeLateBelowOthers) {
  EXPECT_LE(busiest_slot(planned(fleet(500), {.polls_max = 100})), 60U);
  EXPECT_GT(busiest_slot(planned(fleet(500), {.polls_max = 100})), 50U);
  EXPECT_GT(busiest_slot(planned(fleet(500), {.mode = WakeMode::kEach, .polls_max = 100})), 90U);
}

// Of each of the root's subtrees a layer has a block of nodes; those behind each other in time are
// of different blocks.
TEST(WakePlan, TakesTurnsBetweenTheSubtreesOfALayer) {
  const auto plan = planned(fleet(5000), {.polls_max = 100});
  std::map<std::uint32_t, std::set<std::size_t>> blocks_at;  // by step, in the deepest layer
  const auto deepest = plan.nodes.back().depth;
  for (std::size_t place = plan.nodes.size(); place-- > 0;) {
    if (plan.nodes[place].depth < deepest) break;
    auto block = place;
    while (plan.nodes[block].depth > 1) block = plan.nodes[block].parent;
    blocks_at[plan.nodes[place].step / 8].insert(block);
  }
  for (const auto& [step, blocks] : blocks_at) {
    if (step == blocks_at.rbegin()->first || step == blocks_at.begin()->first) continue;
    EXPECT_EQ(blocks.size(), plan.nodes.front().children) << "around step " << step * 8;
  }
}

TEST(WakePlan, GivesEachDeviceOfAUrlItsOwnTurn) {
  for (const std::size_t devices : {14U, 64U}) {
    const auto plan = planned(fleet(devices), {.interval_ms = 1000});
    std::set<std::uint32_t> steps;
    const auto urls = wake_urls(plan);
    for (const auto& entry : urls.at(0).entries) steps.insert(entry.step);
    EXPECT_EQ(steps.size(), devices);
  }
}

TEST(WakePlan, SpacesDevicesByTheIntervalButNeverCloserThanTheHostAllows) {
  const auto wide = wake_urls(planned(c001(), {.mode = WakeMode::kEach, .interval_ms = 200}));
  EXPECT_EQ(wide[1].wait_ms, 200U);
  EXPECT_EQ(wide[2].wait_ms, 400U);
  const auto close =
      wake_urls(planned(c001(), {.mode = WakeMode::kEach, .interval_ms = 10, .polls_max = 2}));
  EXPECT_EQ(close[2].wait_ms, 1000U);
  const auto few =
      wake_urls(planned(c001(), {.mode = WakeMode::kEach, .interval_ms = 10, .polls_max = 3}));
  EXPECT_EQ(few[2].wait_ms, 20U) << "all three may poll within a second";
}

TEST(WakePlan, RefusesWhatWouldOutliveItsCommands) {
  EXPECT_TRUE(plan_wake(fleet(541), {.interval_ms = 1000}));
  const auto slow = plan_wake(fleet(542), {.interval_ms = 1000});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().status, INTRAY_E_INVALID);
  EXPECT_FALSE(plan_wake(fleet(100'000), {.polls_max = 100}));
  EXPECT_FALSE(plan_wake(fleet(70'000), {.interval_ms = 1, .polls_max = 1000}));
}

TEST(WakePlan, AsksForNoMorePollsThanItUsesAndNoFewerThanItNeeds) {
  const auto most = [](std::size_t devices, WakeRequest request) {
    request.mode = WakeMode::kEach;
    return polls_needed(devices, request).value().most;
  };
  EXPECT_EQ(most(1, {}), 1U);
  EXPECT_EQ(most(499, {}), 499U);
  EXPECT_EQ(most(501, {}), 500U);
  EXPECT_EQ(most(499, {.interval_ms = 1000}), 1U);
  EXPECT_EQ(most(499, {.interval_ms = 999}), 2U);
  EXPECT_EQ(most(499, {.interval_ms = 1}), 499U);
  EXPECT_EQ(polls_needed(541, {.mode = WakeMode::kEach}).value().least, 1U);
  EXPECT_EQ(polls_needed(542, {.mode = WakeMode::kEach}).value().least, 2U);
  EXPECT_FALSE(polls_needed(100'000, {.polls_max = 100}));
  EXPECT_FALSE(polls_needed(542, {.interval_ms = 1000}));
  EXPECT_FALSE(polls_needed(1, {.polls_max = 0}));
}

TEST(WakePlan, AsksForMoreThanItPlansWhereLayersMayComeLate) {
  EXPECT_EQ(polls_needed(499, {.interval_ms = 1000}).value().most, 2U);
  EXPECT_EQ(polls_needed(499, {.interval_ms = 100}).value().most, 17U) << "ten in three fifths";
  EXPECT_EQ(polls_needed(499, {}).value().most, 499U) << "all may come at once";
  EXPECT_EQ(polls_needed(541, {}).value().least, 1U);
  EXPECT_EQ(polls_needed(542, {}).value().least, 4U) << "two in three fifths";
}

TEST(WakePlan, FitsWithEveryShareBetweenWhatItNeedsAndWhatItUses) {
  for (const std::uint32_t interval_ms : {0U, 5U, 9U}) {
    for (const std::size_t devices : {1U, 540U, 541U, 542U, 9'999U, 50'001U}) {
      const auto needed = polls_needed(devices, {.interval_ms = interval_ms});
      if (!needed) continue;
      const auto last = std::min(needed->least + 40, needed->most);
      for (auto polls = needed->least; polls <= last; polls += 13) {
        const auto plan =
            plan_wake(fleet(devices), {.interval_ms = interval_ms, .polls_max = polls});
        EXPECT_TRUE(plan) << devices << " devices, " << polls << " polls";
      }
      if (needed->least == 1) continue;
      EXPECT_FALSE(
          plan_wake(fleet(devices), {.interval_ms = interval_ms, .polls_max = needed->least - 1}))
          << devices;
    }
  }
}

}  // namespace
}  // namespace intray::registration
