// Who gets which share of the polls, for how long, and what becomes of it.
#include "tests/host/plugin/poll_ledger_fixture.hpp"

namespace intray::plugin {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(PollLedgerTest, ASmallPlanGetsWhatItNeedsAndALargeOneHalfOfWhatIsFree) {
  open(100);
  EXPECT_EQ(polls(key("small"), 1, 5), 5U);
  EXPECT_EQ(polls(key("large"), 1, 100), 48U) << "half of 95, rounded up";
  EXPECT_EQ(polls(key("next"), 1, 100), 24U);
  EXPECT_EQ(polls(key("small too"), 1, 8), 8U);
  EXPECT_EQ(polls(key("greedy"), 15, 100), 15U) << "what is left, and it needs no less";
  EXPECT_EQ(reserved(), 100U);
  EXPECT_EQ(ledger_->stats().shares, 5U);
}

TEST_F(PollLedgerTest, WhoFindsTooFewIsToldWhoHoldsThemAndUntilWhen) {
  ASSERT_EQ(polls(key("a1", "C002"), 1, 8, 10 * kMinute), 8U);
  ASSERT_EQ(polls(key("a2"), 1, 1, 5 * kMinute), 1U);

  const auto refused = reserve(key("a3"), 2, 4);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, INTRAY_E_BUSY);
  EXPECT_EQ(room_at_, now_ + 5 * kMinute) << "a2 ends first, and leaves enough";
  EXPECT_THAT(refused.error().message, HasSubstr("10 polls"));
  EXPECT_THAT(refused.error().message, HasSubstr("1 of them are held by your other wakes (a2)"));
  EXPECT_THAT(refused.error().message, HasSubstr("8 by those of others"));
  EXPECT_THAT(refused.error().message, HasSubstr("needs 2"));
  EXPECT_THAT(refused.error().message, HasSubstr("2027-01-15T08:05:00Z"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("C002"))) << "no other customer is named";
  EXPECT_LE(refused.error().message.size(), sizeof(intray_error::message));
  EXPECT_EQ(ledger_->stats().refused, 1U);

  now_ = room_at_;
  EXPECT_EQ(polls(key("a3"), 2, 4), 2U);
}

TEST_F(PollLedgerTest, ValuesOutOfTheirRangesAreRefused) {
  const auto status = [&](PollWish wish) {
    const auto share = ledger_->reserve(key("a"), wish, &room_at_);
    return share ? INTRAY_OK : share.error().status;
  };
  const auto until = now_ + kMinute;
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  EXPECT_EQ(status({0, 1, until}), INTRAY_E_INVALID);
  EXPECT_EQ(status({2, 1, until}), INTRAY_E_INVALID);
  EXPECT_EQ(status({1, 11, until}), INTRAY_E_INVALID);
  EXPECT_EQ(status({11, 11, until}), INTRAY_E_INVALID);
  EXPECT_EQ(status({kMost, kMost, until}), INTRAY_E_INVALID);
  EXPECT_EQ(status({1, 1, now_}), INTRAY_E_INVALID);
  EXPECT_EQ(status({1, 1, -1}), INTRAY_E_INVALID);
  EXPECT_EQ(status({1, 1, now_ + kPollShareLifeMax + 1}), INTRAY_E_INVALID);
  EXPECT_EQ(status({1, 1, std::numeric_limits<store::UnixNs>::max()}), INTRAY_E_INVALID);
  EXPECT_EQ(room_at_, 0);
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(status({1, 10, now_ + kPollShareLifeMax}), INTRAY_OK);
}

TEST_F(PollLedgerTest, AShareThatLivesIsExtendedThoughNothingElseIsFree) {
  ASSERT_EQ(polls(key("a"), 5, 5), 5U);
  ASSERT_EQ(polls(key("b"), 5, 5), 5U);
  now_ += 9 * kMinute;

  EXPECT_EQ(polls(key("a"), 5, 5), 5U);

  now_ += 2 * kMinute;
  EXPECT_EQ(reserved(), 5U) << "b has lapsed, a has not";
  EXPECT_EQ(polls(key("c"), 1, 10), 5U);
}

TEST_F(PollLedgerTest, AShareThatLapsedIsHadAgainOnlyWhenThereIsRoom) {
  ASSERT_EQ(polls(key("a"), 5, 5), 5U);
  now_ += 10 * kMinute;
  ASSERT_EQ(polls(key("b"), 8, 8), 8U);

  EXPECT_EQ(reserve(key("a"), 5, 5).error().status, INTRAY_E_BUSY);

  now_ += 10 * kMinute;
  EXPECT_EQ(polls(key("a"), 5, 5), 5U);
}

TEST_F(PollLedgerTest, ASmallerPlanOfTheSameKeyFreesTheRestWhenTheLargerOnesCommandsAreOver) {
  ASSERT_EQ(polls(key("a"), 1, 8), 8U);
  now_ += 5 * kMinute;

  EXPECT_EQ(polls(key("a"), 1, 2), 2U);

  EXPECT_EQ(reserved(), 8U) << "commands of the plan before may still be opened";
  open(10);
  EXPECT_EQ(reserved(), 8U);
  now_ += 5 * kMinute;
  EXPECT_EQ(reserved(), 2U);
  now_ += 5 * kMinute;
  EXPECT_EQ(reserved(), 0U);
}

TEST_F(PollLedgerTest, ALargerPlanOfTheSameKeyTakesItsShareOver) {
  ASSERT_EQ(polls(key("a"), 1, 2), 2U);
  ASSERT_EQ(polls(key("b"), 1, 4), 4U);
  EXPECT_EQ(polls(key("a"), 1, 10), 6U) << "its own count as free to it";
  EXPECT_EQ(reserved(), 10U);
}

TEST_F(PollLedgerTest, AReleasedShareIsFreeAndReleasingItAgainHasNoEffect) {
  ASSERT_EQ(polls(key("a"), 8, 8), 8U);
  EXPECT_TRUE(ledger_->release(key("a", "C002"))) << "another customer's, of the same name";
  EXPECT_EQ(reserved(), 8U);

  EXPECT_TRUE(ledger_->release(key("a")));
  EXPECT_TRUE(ledger_->release(key("a")));

  EXPECT_EQ(reserved(), 0U);
  EXPECT_EQ(rows(), 0U);
  EXPECT_EQ(polls(key("b"), 10, 10), 10U);
}

TEST_F(PollLedgerTest, ExtendingAgainWithinAMinuteWritesNothing) {
  ASSERT_TRUE(reserve(key("a"), 3, 3));
  now_ += kSecondNs;
  ASSERT_TRUE(reserve(key("a"), 3, 3));
  const auto commits = store_->stats().commits;
  for (int i = 0; i < 50; ++i) {
    now_ += kSecondNs;
    const auto share = reserve(key("a"), 3, 3);
    ASSERT_TRUE(share);
    EXPECT_GE(share->until, now_ + 10 * kMinute);
  }
  EXPECT_EQ(store_->stats().commits, commits);
}

TEST_F(PollLedgerTest, ARestartForgetsNothingAndRowsOfLapsedSharesGoWithTheNextChange) {
  ASSERT_EQ(polls(key("a"), 4, 4, 10 * kMinute), 4U);
  ASSERT_EQ(polls(key("b", "C002"), 3, 3, 20 * kMinute), 3U);

  open(10);

  EXPECT_EQ(reserved(), 7U);
  EXPECT_EQ(reserve(key("c"), 4, 4).error().status, INTRAY_E_BUSY);
  now_ += 10 * kMinute;
  open(10);
  EXPECT_EQ(reserved(), 3U);
  EXPECT_EQ(rows(), 2U);
  EXPECT_EQ(polls(key("c"), 4, 4), 4U);
  EXPECT_EQ(rows(), 2U) << "a's went, c's came";
  EXPECT_THAT(complaints_, IsEmpty());
}

TEST_F(PollLedgerTest, ALimitThatWasLoweredLetsNobodyInUntilEnoughHasLapsed) {
  ASSERT_EQ(polls(key("a"), 8, 8), 8U);
  open(5);
  EXPECT_EQ(reserve(key("b"), 1, 1).error().status, INTRAY_E_BUSY);
  EXPECT_EQ(room_at_, now_ + 10 * kMinute);
  EXPECT_EQ(polls(key("a"), 1, 5), 5U) << "its next plan is within the new limit";
  EXPECT_EQ(reserved(), 8U);
  now_ += 10 * kMinute;
  EXPECT_EQ(polls(key("b"), 1, 1), 1U);
}

TEST_F(PollLedgerTest, WhenTheOutcomeOfACommitIsUnknownTooMuchIsHeldAndNeverTooLittle) {
  ASSERT_EQ(polls(key("a"), 4, 4), 4U);
  fails_ = true;
  EXPECT_EQ(reserve(key("b"), 4, 4).error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(reserved(), 8U);
  fails_ = true;
  EXPECT_EQ(ledger_->release(key("a")).error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(reserved(), 8U);
  EXPECT_EQ(polls(key("b"), 4, 4), 4U) << "its repeat takes over what it left behind";
  EXPECT_TRUE(ledger_->release(key("a")));
  EXPECT_EQ(reserved(), 4U);
}

TEST_F(PollLedgerTest, WhatIsGrantedAfterAnUnknownOutcomeOutlivesTheHost) {
  fails_ = true;
  EXPECT_EQ(reserve(key("a"), 4, 4).error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(polls(key("a"), 4, 4), 4U);
  open(10);
  EXPECT_EQ(reserved(), 4U);
  fails_ = true;
  EXPECT_EQ(ledger_->release(key("a")).error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(polls(key("a"), 4, 4), 4U);
  open(10);
  EXPECT_EQ(reserved(), 4U);
}

TEST_F(PollLedgerTest, ARowThatCannotBeReadIsToldAndDropped) {
  const auto broken = std::string(kPollSharePrefix) + "registration/C001/x";
  ASSERT_TRUE(store_->commit({"", "test", {store::PutHostRow{broken, "no claims"}}}));
  open(10);
  EXPECT_THAT(complaints_, testing::ElementsAre(HasSubstr(broken)));
  EXPECT_EQ(polls(key("a"), 10, 10), 10U);
  EXPECT_EQ(rows(), 1U);
}

TEST_F(PollLedgerTest, ManySharesAreReadBackPageByPage) {
  open(2000);
  for (int i = 0; i < 1100; ++i) ASSERT_EQ(polls(key("k" + std::to_string(i)), 1, 1), 1U);
  open(2000);
  EXPECT_EQ(reserved(), 1100U);
  now_ += 11 * kMinute;
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(reserve(key("z"), 1, 1, (20 + i) * kMinute));
  EXPECT_EQ(rows(), 1U);
}

}  // namespace
}  // namespace intray::plugin
