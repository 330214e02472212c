// relay-wake: a command that a relay finds in its own mailbox, new at each poll.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "tests/device_sdk/wake_world.hpp"

namespace intray::testing_support {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DeviceRelayInstruction : public testing::Test {
 protected:
  void SetUp() override {
    world_.settle();
    order_.first_relays_only = true;
    const auto answer = world_.lan.answer;
    world_.lan.answer = [this, answer](const HttpRequest& request) {
      const bool poll = request.url == world_.host.origin + "/v1/mailbox";
      const auto acknowledge = world_.host.origin + "/v1/mailbox/" + std::to_string(first_);
      if (request.url == acknowledge + "/acknowledge") {
        reasons_.push_back(request.body);
        waiting_ = waiting_ && silent_acknowledgements_-- > 0;
        if (!waiting_ && heirs_ > 0) give_heirs();
        if (cut_after_report_ >= 0) {
          world_.storage.cut_at = world_.storage.writes + cut_after_report_;
          cut_after_report_ = -1;
        }
      }
      return poll && waiting_ ? mailbox() : answer(request);
    };
  }
  // The host answers a report of dead ones by their children, as a further instruction.
  void give_heirs() {
    --heirs_;
    ++first_;
    order_.targets[1] = at("10.0.1." + std::to_string(first_));
    waiting_ = true;
  }
  HttpReply mailbox() {
    ++minted_;
    const auto command = command_.empty() ? world_.mint(order_) : command_;
    std::string items;
    for (int i = 0; i < count_; ++i) {
      items += std::string(i == 0 ? "" : ",") + R"({"sequence":)" + std::to_string(first_ + i) +
               R"(,"type":"relay-wake","service":"service-x","wake":")" +
               (i == 0 ? command : world_.mint(order_)) + "\"}";
    }
    return {200, R"({"instructions":[)" + items + R"(],"more":false})", "", "86400"};
  }
  void poll() {
    world_.device.poll_now();
    world_.run_for(30'000);
  }

  WakeWorld world_;
  security::WakeOrder order_ = order_with_children(2);
  std::string command_;
  std::vector<std::string> reasons_;
  bool waiting_ = true;
  int silent_acknowledgements_ = 0;
  int minted_ = 0;
  int count_ = 1;
  int first_ = 9;  // sequence
  int heirs_ = 0;
  int cut_after_report_ = -1;  // at which write behind the acknowledgement the power goes
};

TEST_F(DeviceRelayInstruction, WakesTheChildrenAndAcknowledgesWithoutAnotherPoll) {
  poll();
  EXPECT_THAT(world_.lan.calls, ElementsAre("http://10.0.0.2", "http://10.0.0.3"));
  EXPECT_THAT(reasons_, ElementsAre(R"({"result":"done"})"));
  EXPECT_EQ(world_.polls(), 2);
  EXPECT_FALSE(world_.device.busy());
}

TEST_F(DeviceRelayInstruction, TellsWhoGaveNoAnswer) {
  world_.lan.neighbour = [](const std::string& url) { return url == "http://10.0.0.3" ? 0 : 200; };
  poll();
  EXPECT_THAT(reasons_, ElementsAre(R"({"result":"done","reason":"dead 2"})"));
}

TEST_F(DeviceRelayInstruction, AfterAReportOfDeadOnesItPollsAgainAndWakesTheirChildren) {
  heirs_ = 1;
  world_.lan.neighbour = [](const std::string& url) { return url == "http://10.0.0.3" ? 0 : 200; };
  world_.device.poll_now();
  world_.run_for(5'000);
  EXPECT_THAT(world_.lan.calls, testing::Contains("http://10.0.1.10"));
  EXPECT_THAT(reasons_, SizeIs(2));
  EXPECT_THAT(reasons_, testing::Each(HasSubstr("dead 2")));
  const auto polls = world_.polls();

  world_.run_for(60'000);
  EXPECT_EQ(world_.polls(), polls + 1) << "it reported a dead one once more, and nothing came";
}

TEST_F(DeviceRelayInstruction, ReportsOfDeadOnesMakeItPollOnceIn10SecondsAtMost) {
  heirs_ = 1000;
  world_.lan.neighbour = [](const std::string&) { return 0; };
  world_.device.poll_now();
  world_.run_for(60'000);
  EXPECT_GE(reasons_.size(), 6U);
  EXPECT_LE(world_.polls(), 1 + 1 + 7);
}

TEST_F(DeviceRelayInstruction, APowerCutBeforeThatPollLosesNoChild) {
  heirs_ = 1;
  world_.lan.neighbour = [](const std::string& url) { return url == "http://10.0.0.3" ? 0 : 200; };
  EXPECT_EQ(world_.wake(world_.mint({.plain_http = true, .targets = {the_device()}})), 200);
  world_.run_for(5'000);
  ASSERT_THAT(reasons_, SizeIs(1)) << "reported; the next poll is to come 10 s after the last";
  const auto polls = world_.polls();

  ASSERT_TRUE(world_.start());
  world_.run_for(5'000);

  EXPECT_GT(world_.polls(), polls);
  EXPECT_THAT(world_.lan.calls, testing::Contains("http://10.0.1.10"));
}

// The write of the power cut, and whether it still reaches the flash.
class DeviceRelayReport : public DeviceRelayInstruction,
                          public testing::WithParamInterface<std::pair<int, bool>> {};

TEST_P(DeviceRelayReport, IsFollowedByItsPollWhateverThePowerDoes) {
  heirs_ = 1;
  std::tie(cut_after_report_, world_.storage.cut_after) = GetParam();
  world_.lan.neighbour = [](const std::string& url) { return url == "http://10.0.0.3" ? 0 : 200; };
  world_.device.poll_now();
  world_.run_for(5'000);
  ASSERT_FALSE(world_.power.on);
  ASSERT_THAT(world_.lan.calls, testing::Not(testing::Contains("http://10.0.1.10")));

  world_.storage.cut_at = -1;
  ASSERT_TRUE(world_.start());
  world_.run_for(15'000);

  EXPECT_THAT(world_.lan.calls, testing::Contains("http://10.0.1.10"));
}

INSTANTIATE_TEST_SUITE_P(AtEachWrite, DeviceRelayReport,
                         testing::Values(std::pair(0, false), std::pair(0, true),
                                         std::pair(1, false), std::pair(1, true)));

TEST_F(DeviceRelayInstruction, AReasonStaysWithinItsLimit) {
  order_ = order_with_children(60);
  order_.first_relays_only = true;
  world_.lan.neighbour = [](const std::string&) { return 0; };
  poll();
  ASSERT_THAT(reasons_, SizeIs(1));
  EXPECT_THAT(reasons_[0], HasSubstr(" 59 60\""));
  EXPECT_LT(reasons_[0].size(), 256U);
}

TEST_F(DeviceRelayInstruction, WhatItBroughtToRegisterComesFirst) {
  poll();
  std::vector<std::string> sent = world_.paths();
  EXPECT_EQ(sent.back(), "/v1/mailbox/9/acknowledge");
}

TEST_F(DeviceRelayInstruction, ACommandThatIsNotForTheFirstOrNotSignedIsRefused) {
  auto foreign = order_;
  foreign.targets = {at("10.0.0.9", 1), the_device(1), at("10.0.0.3")};
  for (const auto& command : {world_.mint(foreign), world_.mint(order_, "C002"), std::string("x"),
                              std::string(4000, 'A')}) {
    WakeWorld& world = world_;
    waiting_ = true;
    command_ = command;
    reasons_.clear();
    poll();
    ASSERT_THAT(reasons_, SizeIs(1)) << command;
    EXPECT_THAT(reasons_[0], HasSubstr(R"("refused","reason":"its wake command is not valid)"));
    EXPECT_THAT(world.lan.calls, IsEmpty());
    world.storage.values.erase("entry-0");
    ASSERT_TRUE(world.start());
  }
}

TEST_F(DeviceRelayInstruction, ALostAcknowledgementIsRepeatedWithoutWakingAgain) {
  silent_acknowledgements_ = 1;
  poll();
  poll();
  EXPECT_THAT(world_.lan.calls, SizeIs(2));
  EXPECT_THAT(reasons_, SizeIs(2));
}

TEST_F(DeviceRelayInstruction, APowerCutMeanwhileMakesTheNextPollBringItAnew) {
  order_.step_ms = 60'000;
  order_.targets.back().step = 1;
  poll();
  EXPECT_THAT(world_.lan.calls, SizeIs(1));
  ASSERT_TRUE(world_.start());
  poll();
  world_.run_for(60'000);
  EXPECT_EQ(minted_, 2);
  EXPECT_THAT(world_.lan.calls, SizeIs(3));
  EXPECT_THAT(reasons_, SizeIs(1));
}

TEST_F(DeviceRelayInstruction, ANewCommandForOneUnderWayIsIgnored) {
  order_.step_ms = 60'000;
  order_.targets.back().step = 1;
  poll();
  poll();
  world_.run_for(60'000);
  EXPECT_EQ(minted_, 2);
  EXPECT_THAT(world_.lan.calls, SizeIs(2));
}

TEST_F(DeviceRelayInstruction, MoreThanFitAreFetchedWhenThereIsRoom) {
  count_ = 3;
  silent_acknowledgements_ = 1;
  poll();
  world_.run_for(60'000);
  EXPECT_GE(minted_, 2);
  EXPECT_THAT(world_.lan.calls, SizeIs(6));
}

TEST_F(DeviceRelayInstruction, AChildThatSendsItBackWakesNobody) {
  command_ = world_.mint(order_);
  poll();
  EXPECT_EQ(world_.wake(command_), 200);
  world_.run_for(30'000);
  EXPECT_EQ(world_.polls(), 2);
  EXPECT_THAT(world_.lan.calls, SizeIs(2));
}

}  // namespace
}  // namespace intray::testing_support
