#include "plugins/registration/wake_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <random>
#include <set>

#include "plugins/registration/wake_pace.hpp"

namespace intray::registration {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// FIG. 9, customer C001.
std::vector<WakeDevice> c001() {
  return {{"D10010101", "111.222.111.1", 10},
          {"D10020102", "111.222.111.2", 30},
          {"D10020103", "111.222.111.3", 20}};
}

std::vector<WakeDevice> fleet(std::size_t count, std::size_t id_bytes = 9) {
  std::vector<WakeDevice> devices;
  for (std::size_t i = 0; i < count; ++i) {
    auto id = std::to_string(i);
    id.insert(0, id_bytes - std::min(id_bytes, id.size()), 'D');
    devices.push_back({id, "10." + std::to_string(i >> 16U) + "." + std::to_string(i >> 8U & 255U) +
                               "." + std::to_string(i & 255U)});
  }
  return devices;
}

WakePlan planned(std::vector<WakeDevice> devices, const WakeRequest& request) {
  auto plan = plan_wake(std::move(devices), request);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

std::vector<std::string> urls_of(const WakePlan& plan) {
  std::vector<std::string> urls;
  for (const auto& url : wake_urls(plan)) urls.push_back(url.url);
  return urls;
}

std::vector<std::size_t> children_of(const WakePlan& plan) {
  std::vector<std::size_t> counts;
  for (const auto& node : plan.nodes) counts.push_back(node.children);
  return counts;
}

// ---- the patent's own ---------------------------------------------------------------------------

TEST(WakeUrls, AreThePatentsOwnForEachDeviceOfC001) {
  EXPECT_THAT(urls_of(planned(c001(), {.mode = WakeMode::kEach})),
              ElementsAre("https://111.222.111.1/doPolling", "https://111.222.111.2/doPolling",
                          "https://111.222.111.3/doPolling"));
}

TEST(WakeUrls, AreThePatentsOwnForTheRelayOfC001) {
  const auto plan = planned(c001(), {.mode = WakeMode::kRelay});
  ASSERT_THAT(urls_of(plan),
              ElementsAre("https://111.222.111.1/doPolling/?pollreq=111.222.111.2,111.222.111.3"));
  EXPECT_EQ(wake_urls(plan)[0].device_id, "D10010101");
  EXPECT_EQ(wake_urls(plan)[0].entries[0].children, 2U);
  EXPECT_THAT(relay_wakes(plan, "service-x"), IsEmpty());
}

TEST(WakeUrls, MakeTheRootTheFirstOrTheOneOfHighestPerformance) {
  EXPECT_THAT(
      urls_of(planned(c001(), {.mode = WakeMode::kRelay, .root_by = WakeRootBy::kPerformance})),
      ElementsAre("https://111.222.111.2/doPolling/?pollreq=111.222.111.3,111.222.111.1"));
}

TEST(WakePlan, MakesThePatentsOwnTreeOfFourteen) {
  const auto plan = planned(fleet(14), {});
  EXPECT_THAT(children_of(plan), ElementsAre(3, 4, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  ASSERT_THAT(wake_urls(plan), SizeIs(1));
  EXPECT_THAT(wake_urls(plan)[0].entries, SizeIs(14));
}

// ---- spelling -----------------------------------------------------------------------------------

TEST(WakeUrls, TakeTheCommandAtTheirEnd) {
  EXPECT_EQ(with_command("https://a/doPolling", "xyz"), "https://a/doPolling?t=xyz");
  EXPECT_EQ(with_command("https://a/doPolling/?pollreq=b", "xyz"),
            "https://a/doPolling/?pollreq=b&t=xyz");
}

TEST(WakeUrls, NameSchemeAndPortAndPutIpv6IntoBrackets) {
  const std::vector<WakeDevice> devices = {{"D1", "2001:db8::1"}, {"D2", "dev1.aaa.bbb.com"}};
  EXPECT_THAT(
      urls_of(planned(devices, {.mode = WakeMode::kEach, .scheme = "http", .port = 8631})),
      ElementsAre("http://[2001:db8::1]:8631/doPolling", "http://dev1.aaa.bbb.com:8631/doPolling"));
}

TEST(WakeUrls, GiveEachRootItsOwnPart) {
  const auto urls = wake_urls(planned(fleet(5), {.roots = 2}));
  ASSERT_THAT(urls, SizeIs(2));
  EXPECT_EQ(urls[0].url, "https://10.0.0.0/doPolling/?pollreq=10.0.0.2,10.0.0.3");
  EXPECT_EQ(urls[1].url, "https://10.0.0.1/doPolling/?pollreq=10.0.0.4");
}

TEST(WakeUrls, NameTheRootAloneWhenTheTreeDoesNotFit) {
  EXPECT_THAT(urls_of(planned(fleet(65), {})), ElementsAre("https://10.0.0.0/doPolling"));
  auto devices = fleet(64);
  EXPECT_THAT(wake_urls(planned(devices, {}))[0].entries, SizeIs(64));
  for (auto& device : devices) device.address = std::string(60, 'a') + "." + device.device_id;
  const auto named = planned(devices, {});
  EXPECT_THAT(wake_urls(named)[0].entries, SizeIs(1));
  EXPECT_EQ(wake_urls(named)[0].entries[0].children, 0U);
  EXPECT_THAT(relay_wakes(named, "service-x"), Not(IsEmpty()));
}

TEST(WakeUrls, LetARelayWakeAllItselfAsLongAsOneUrlCarriesThem) {
  EXPECT_EQ(planned(fleet(64), {.mode = WakeMode::kRelay}).nodes[0].children, 63U);
  EXPECT_LE(planned(fleet(65), {.mode = WakeMode::kRelay}).nodes[0].children, kWakeFanoutMax);
}

// ---- properties of every plan -------------------------------------------------------------------

struct Size {
  std::size_t devices, fanout, roots;
};

std::vector<Size> sizes() {
  std::vector<Size> all;
  for (std::size_t fanout = 2; fanout <= kWakeFanoutMax; ++fanout) {
    for (std::size_t devices = 1; devices <= 200; ++devices) all.push_back({devices, fanout, 1});
    for (const std::size_t devices : {585U, 586U, 1000U, 4681U, 20000U}) {
      for (const std::size_t roots : {1U, 3U, 16U}) all.push_back({devices, fanout, roots});
    }
  }
  return all;
}

TEST(WakePlan, IsOneTreeForEachRootThatReachesEveryDeviceOnce) {
  for (const auto& [devices, fanout, roots] : sizes()) {
    const auto plan =
        planned(fleet(devices), {.roots = roots, .fanout = fanout, .polls_max = 5000});
    ASSERT_EQ(plan.nodes.size(), devices);
    std::size_t messages = 0, met = plan.roots;
    std::set<std::string> ids;
    for (std::size_t i = 0; i < devices; ++i) {
      const auto& node = plan.nodes[i];
      ids.insert(node.device_id);
      messages += node.children;
      ASSERT_LE(node.children, fanout) << devices;
      ASSERT_EQ(node.first_child, met) << devices;
      met += node.children;
      if (i >= plan.roots) {
        ASSERT_LT(node.parent, i);
        ASSERT_GE(node.step, plan.nodes[node.parent].step);
      }
    }
    ASSERT_EQ(ids.size(), devices);
    ASSERT_EQ(messages, devices - plan.roots) << "one message for each device but the roots";
  }
}

TEST(WakePlan, IsAsFlatAsItsFanoutAllows) {
  for (const auto& [devices, fanout, roots] : sizes()) {
    const auto plan =
        planned(fleet(devices), {.roots = roots, .fanout = fanout, .polls_max = 5000});
    const auto deepest = plan.nodes.back().depth;
    const auto bound = std::ceil(std::log(static_cast<double>(devices)) / std::log(fanout));
    ASSERT_LE(deepest, static_cast<std::size_t>(bound) + 1) << devices << " " << fanout;
    std::size_t holds = 1, level = 1;  // what one level less would hold below one root
    for (std::size_t i = 1; i < deepest; ++i) holds += level *= fanout;
    if (deepest > 0) {
      ASSERT_GT((devices + plan.roots - 1) / plan.roots, holds) << devices << " " << fanout;
    }
  }
}

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

TEST(WakePlan, RefusesValuesOutOfRange) {
  EXPECT_FALSE(plan_wake({}, {}));
  EXPECT_FALSE(plan_wake({{"D1", ""}}, {}));
  EXPECT_FALSE(plan_wake({{"D1", "10.0.0.1"}, {"D1", "10.0.0.2"}}, {}));
  EXPECT_FALSE(plan_wake(fleet(3), {.roots = 0}));
  EXPECT_FALSE(plan_wake(fleet(3), {.fanout = 1}));
  EXPECT_FALSE(plan_wake(fleet(3), {.fanout = 9}));
  EXPECT_FALSE(plan_wake(fleet(3), {.polls_max = 0}));
}

// ---- instructions -------------------------------------------------------------------------------

TEST(RelayWakes, GiveEachInnerNodeItsOwnChildrenAndTheirs) {
  const auto plan = planned(fleet(1000), {});
  const auto wakes = relay_wakes(plan, "service-x");
  std::map<std::string, const WakeNode*> nodes;
  for (const auto& node : plan.nodes) nodes[node.device_id] = &node;
  std::set<std::string> woken;
  for (const auto& wake : wakes) {
    const auto& relay = *nodes.at(wake.device_id);
    ASSERT_LE(wake.payload.size(), kRelayWakePayloadBytesMax);
    ASSERT_LE(wake.targets.size() + 1, 64U);
    std::size_t grandchildren = 0;
    for (std::size_t i = 0; i < relay.children; ++i) {
      const auto& child = plan.nodes[relay.first_child + i];
      EXPECT_EQ(wake.targets[i], child.device_id);
      EXPECT_TRUE(woken.insert(wake.targets[i]).second);
      grandchildren += child.children;
    }
    EXPECT_EQ(wake.targets.size(), relay.children + grandchildren) << "all fit with such ids";
  }
  EXPECT_EQ(woken.size(), 999U);
}

TEST(RelayWakes, SayTheirTreeInJson) {
  const auto wakes = relay_wakes(planned(fleet(70), {.polls_max = 10}), "service-x");
  const auto root = boost::json::parse(wakes.at(0).payload);
  EXPECT_EQ(root.at("service"), "service-x");
  const auto& wake = root.at("wake").as_object();
  EXPECT_EQ(wake.at("targets").as_array().size(), wakes.at(0).targets.size());
  EXPECT_EQ(wake.at("children").at(0), 8);
  EXPECT_EQ(wake.at("step_ms"), 167) << "6 of 10 in a second";
  EXPECT_EQ(wake.at("steps").as_array().size(), wakes.at(0).targets.size());
}

TEST(RelayWakes, FitEvenWithTheLongestIds) {
  const auto service = std::string(64, 's');
  for (const auto& wake : relay_wakes(planned(fleet(3000, 128), {.polls_max = 10}), service)) {
    ASSERT_LE(wake.payload.size(), kRelayWakePayloadBytesMax);
    ASSERT_GE(wake.targets.size(), 1U);
  }
}

// What devices do with a plan: each living one that is woken wakes its targets, and the children of
// dead ones in their place, and asks for what is left.
class Fleet {
 public:
  Fleet(const WakePlan& plan, std::set<std::string> dead) : plan_(plan), dead_(std::move(dead)) {
    for (const auto& wake : relay_wakes(plan, "service-x")) mail_[wake.device_id] = wake;
  }
  std::set<std::string> wake_roots() {
    for (std::size_t root = 0; root < plan_.roots; ++root) wake(plan_.nodes[root].device_id);
    return woken_;
  }
  std::size_t messages() const { return messages_; }

 private:
  void wake(const std::string& id) {
    EXPECT_TRUE(dead_.count(id) == 0 && woken_.insert(id).second) << id << " is woken twice";
    if (const auto mail = mail_.find(id); mail != mail_.end()) obey(mail->second);
  }
  void obey(const RelayWake& mail) {
    const auto said = boost::json::parse(mail.payload).at("wake").as_object();
    const auto& counts = said.at("children").as_array();
    std::vector<std::size_t> first = {1}, dead;
    for (std::size_t i = 0; i < mail.targets.size(); ++i) {
      first.push_back(first.back() + (i < counts.size() ? counts[i].to_number<std::size_t>() : 0));
    }
    std::vector<std::size_t> turn = {0};  // places whose children are this relay's to wake
    while (!turn.empty()) {
      const auto at = turn.back();
      turn.pop_back();
      const auto end =
          at < counts.size() ? first[at] + counts[at].to_number<std::size_t>() : first[at];
      for (auto place = first[at]; place < end; ++place) {
        ++messages_;
        const auto& target = mail.targets[place - 1];
        if (dead_.count(target) == 0) {
          wake(target);
        } else {
          dead.push_back(place);
          turn.push_back(place);
        }
      }
    }
    for (const auto& next : relay_wakes_after(plan_, "service-x", mail, dead)) obey(next);
  }

  const WakePlan& plan_;
  std::set<std::string> dead_, woken_;
  std::map<std::string, RelayWake> mail_;
  std::size_t messages_ = 0;
};

TEST(RelayWakes, ReachEveryLivingDeviceOnceHoweverManyAreDead) {
  std::mt19937 random(20210924);
  for (const std::size_t id_bytes : {9U, 60U, 128U}) {
    for (const double share : {0.0, 0.1, 0.5, 0.9}) {
      const auto plan = planned(fleet(1000, id_bytes), {});
      std::set<std::string> dead;
      for (std::size_t i = 1; i < plan.nodes.size(); ++i) {
        if (std::bernoulli_distribution(share)(random)) dead.insert(plan.nodes[i].device_id);
      }
      Fleet fleet(plan, dead);
      EXPECT_THAT(fleet.wake_roots(), SizeIs(1000 - dead.size())) << id_bytes << " " << share;
      EXPECT_EQ(fleet.messages(), 999U);
    }
  }
}

TEST(RelayWakes, AskForNothingMoreWhenNobodyIsDeadOrTheReportIsNonsense) {
  const auto plan = planned(fleet(1000), {});
  const auto wake = relay_wakes(plan, "service-x").front();
  EXPECT_THAT(relay_wakes_after(plan, "service-x", wake, {}), IsEmpty());
  EXPECT_THAT(relay_wakes_after(plan, "service-x", wake, {0, 64, 9999}), IsEmpty());
  EXPECT_THAT(relay_wakes_after(plan, "service-x", {"stranger", {"D1"}, 1, ""}, {1}), IsEmpty());
}

}  // namespace
}  // namespace intray::registration
