// A wake's share of the polls that all wakes of the host may make due within a second.
#include <algorithm>

#include "tests/plugins/registration/wake_fixture.hpp"

namespace intray::registration {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kServiceX = R"({"service":"service-x"})";

class WakePollsTest : public WakeTest {
 protected:
  void limit(int polls) {
    host_.settings[INTRAY_SETTING_POLLS_CONCURRENT_MAX] = std::to_string(polls);
  }
  // Another customer's wakes hold so many, for that long.
  void others_hold(std::uint32_t polls, std::int64_t seconds = 600) {
    host_.shares[{"C002", "a-theirs"}] = {polls, host_.store.now + seconds * kSecond};
  }
  const FakeHost::Share& share(const std::string& id) { return host_.shares.at({"C001", id}); }
  std::int64_t share_lasts_s(const std::string& id) {
    return (share(id).until - host_.store.now) / kSecond;
  }
  // The most URLs that the terminal opens within any second.
  std::size_t most_in_a_second(const FakeResponse& reply) {
    std::vector<int> waits;
    for (const auto& wait : column(json(reply), "wait_ms", "urls"))
      waits.push_back(std::stoi(wait));
    std::sort(waits.begin(), waits.end());
    std::size_t most = 0;
    for (std::size_t from = 0, to = 0; to < waits.size(); ++to) {
      while (waits[to] - waits[from] >= 1000) ++from;
      most = std::max(most, to - from + 1);
    }
    return most;
  }
};

TEST_F(WakePollsTest, ThePlansTurnsComeFromItsShareAndNotFromTheLimit) {
  limit(40);
  others_hold(20);
  const auto id = apply_for_fleet(100);

  const auto reply = awaited_wake(id, "mode=each&limit=500");

  EXPECT_EQ(text(json(reply), "polls"), "10") << "half of the 20 that were free";
  EXPECT_LE(most_in_a_second(reply), 10U);
  EXPECT_EQ(share(id).polls, 10U);
}

TEST_F(WakePollsTest, ASmallWakeTakesOneForEachDevice) {
  const auto id = applied(kServiceX);
  const auto reply = wake(id, "mode=each");
  EXPECT_EQ(text(json(reply), "polls"), "3");
  EXPECT_THAT(column(json(reply), "wait_ms", "urls"), Each("0"));
}

TEST_F(WakePollsTest, ASlowWakeTakesNoMoreThanItsInterval) {
  const auto id = apply_for_fleet(100);
  const auto reply = awaited_wake(id, "mode=each&limit=500&interval_ms=300");
  EXPECT_EQ(text(json(reply), "polls"), "4");
  EXPECT_EQ(most_in_a_second(reply), 4U);
}

TEST_F(WakePollsTest, WithoutRoomItIsRefusedInWordsAndMintsNothing) {
  limit(10);
  others_hold(10, 600);
  const auto id = applied(kServiceX);

  const auto refused = wake(id, "mode=each");

  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(text(json(refused), "code"), "INT-2006");
  EXPECT_THAT(text(json(refused), "detail"), HasSubstr("too few polls are free"));
  EXPECT_EQ(refused.header("Retry-After"), "60") << "others may end sooner than they must";
  EXPECT_EQ(wake_rows(), 0U);

  host_.store.now += 601 * kSecond;
  EXPECT_EQ(wake(id, "mode=each").status, 200U);
}

TEST_F(WakePollsTest, WhatIsLeftMustBeEnoughForItToEndWithinNineMinutes) {
  limit(10);
  others_hold(9);
  const auto id = apply_for_fleet(1000);
  EXPECT_EQ(wake(id, "mode=each").status, 503U) << "1000 devices need two a second";
  others_hold(8);
  EXPECT_EQ(text(json(awaited_wake(id, "mode=each")), "polls"), "2");
}

TEST_F(WakePollsTest, WhatTheWholeHostCannotDoIsRefusedForGood) {
  limit(1);
  const auto id = apply_for_fleet(1000);
  const auto refused = wake(id, "mode=each");
  EXPECT_EQ(refused.status, 400U) << refused.body;
  EXPECT_THAT(host_.shares, IsEmpty());
}

TEST_F(WakePollsTest, TheShareLastsAsLongAsCommandsMayCausePolls) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);
  EXPECT_GE(share_lasts_s(id), 660) << "a command's life, and a clock that is a minute late";

  host_.store.now += 500 * kSecond;
  ASSERT_EQ(wake(id, "mode=each").status, 200U);
  EXPECT_GE(share_lasts_s(id), 660) << "reading its URLs again mints new commands";
}

TEST_F(WakePollsTest, WithRelayWakesTheShareLastsAsLongAsRelaysMayBeGivenCommands) {
  const auto id = apply_for_fleet(100);
  awaited_wake(id, "mode=tree");
  EXPECT_GE(share_lasts_s(id), 1200 + 660);
}

TEST_F(WakePollsTest, AShareIsReservedBeforeAnyRelayWakeIsSent) {
  const auto id = apply_for_fleet(300);
  host_.before_commit = [&](const std::vector<const intray_op*>& ops) -> intray_status {
    if (view(ops[0]->type) == "relay-wake") {
      EXPECT_GE(share_lasts_s(id), 1200 + 660);
    }
    return INTRAY_OK;
  };
  awaited_wake(id, "mode=tree");
  EXPECT_GT(relay_wakes(), 0U);
}

TEST_F(WakePollsTest, ReadingAgainIsRefusedWhenTheShareHadLapsedAndNoRoomIsLeft) {
  limit(10);
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);
  host_.shares.erase({"C001", id});  // as when it lapsed: the plan is still fresh
  others_hold(9, 600);

  EXPECT_EQ(wake(id, "mode=each").status, 503U);

  others_hold(7, 600);
  EXPECT_EQ(text(json(wake(id, "mode=each")), "polls"), "3");
}

TEST_F(WakePollsTest, ACanceledApplicationsShareIsFreeAtOnce) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);

  post("/v1/applications/" + id + "/cancel", "");
  host_.run_timers();

  EXPECT_THAT(host_.shares, IsEmpty());
  EXPECT_EQ(wake_rows(), 0U);
}

TEST_F(WakePollsTest, ACompletedApplicationsShareIsFreeAtOnce) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);

  for (const auto* device : {"D10010101", "D10020102", "D10020103"}) register_device(device);
  host_.run_timers();

  EXPECT_EQ(state(id), "completed");
  EXPECT_THAT(host_.shares, IsEmpty());
}

TEST_F(WakePollsTest, APlanThatTakesThePlaceOfAnotherTakesItsShareOver) {
  limit(10);
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);
  others_hold(7);
  EXPECT_EQ(text(json(awaited_wake(id, "mode=relay")), "polls"), "3");
  EXPECT_THAT(host_.shares, SizeIs(2));
}

TEST_F(WakePollsTest, AWakeWhoseTimeIsOverLeavesItsShareToLapse) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);
  pass(1201 * kSecond);
  EXPECT_EQ(wake_rows(), 0U);
  EXPECT_EQ(host_.polls_held(), 0U);
  EXPECT_EQ(wake(id, "mode=each").status, 200U);
}

TEST_F(WakePollsTest, APlanThatCouldNotSendUntilItsTimeWasOverSendsNothingMore) {
  const auto id = apply_for_fleet(300);
  host_.store.full = true;
  EXPECT_EQ(wake(id, "mode=tree").status, 507U);
  pass(1201 * kSecond);
  host_.store.full = false;
  bool sent = false;
  host_.before_commit = [&](const std::vector<const intray_op*>& ops) -> intray_status {
    sent = sent || ops[0]->kind == INTRAY_OP_SEND;
    return INTRAY_OK;
  };

  pass(61 * kSecond);

  EXPECT_FALSE(sent);
  EXPECT_EQ(wake_rows(), 0U);
}

// ---- the process dies between any two commits of a wake's life ----

TEST_F(WakePollsTest, WhereverTheProcessDiesThePlanEndsAndNothingIsHeldForEver) {
  for (int survived = 0; survived < 40; ++survived) {
    const auto id = applied(R"({"service":"service-x","reissue":true})");
    int commits = 0;
    host_.before_commit = [&](const auto&) -> intray_status {
      return commits++ < survived ? INTRAY_OK : INTRAY_E_UNAVAILABLE;
    };
    wake(id, "mode=each");
    post("/v1/applications/" + id + "/cancel", "");
    host_.run_timers(5);
    const bool all = commits <= survived;
    host_.before_commit = nullptr;
    host_.crash();
    start();

    pass(120 * kSecond);  // the timers that were put off come again
    post("/v1/applications/" + id + "/cancel", "");
    pass(120 * kSecond);
    EXPECT_EQ(wake_rows(), 0U) << survived;
    pass(1 * kHour);
    EXPECT_EQ(host_.polls_held(), 0U) << survived;
    if (all) {
      EXPECT_GT(survived, 3) << "wake, cancel and end are several commits";
      return;
    }
  }
  FAIL() << "it never came to its end";
}

TEST_F(WakePollsTest, TheShareIsReleasedBeforeTheLastRowSoThatADeathBetweenRepeatsIt) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=each").status, 200U);
  post("/v1/applications/" + id + "/cancel", "");
  bool erasing = false;
  host_.before_commit = [&](const std::vector<const intray_op*>& ops) -> intray_status {
    erasing = erasing || (ops[0]->kind == INTRAY_OP_ERASE && view(ops[0]->key) == "wake " + id);
    return erasing ? INTRAY_E_UNAVAILABLE : INTRAY_OK;
  };
  host_.run_timers(3);
  ASSERT_TRUE(erasing);
  EXPECT_THAT(host_.shares, IsEmpty());
  host_.before_commit = nullptr;
  host_.crash();
  start();

  pass(120 * kSecond);

  EXPECT_EQ(wake_rows(), 0U);
}

}  // namespace
}  // namespace intray::registration
