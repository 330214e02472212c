#include "plugins/registration/wake_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "tests/plugins/registration_wake/fleet.hpp"

namespace intray::registration {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

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
