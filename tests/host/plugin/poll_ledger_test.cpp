// The shares of polls: whatever is reserved, extended, released, lapses or dies, their sum stays
// within the limit, and what was granted is held until it lapses.
#include "host/plugin/poll_ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <random>
#include <thread>

#include "tests/support/temp_dir.hpp"

namespace intray::plugin {
namespace {

using store::kSecondNs;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr store::UnixNs kMinute = 60 * kSecondNs;

class PollLedgerTest : public testing::Test {
 protected:
  PollLedgerTest() { open(10); }

  store::StoreOptions options() {
    store::StoreOptions options;
    options.directory = directory_.path() / "store";
    options.map_bytes = 64U << 20U;
    options.reserve_bytes = 0;
    options.clock = [this] { return now_.load(); };
    options.commit_fails = [this] { return fails_.exchange(false); };
    return options;
  }
  // As a restart of the host does.
  void open(std::uint32_t limit) {
    ledger_.reset();
    store_.reset();
    auto opened = store::Store::open(options());
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    ledger_ = std::make_unique<PollLedger>(*store_, limit);
    const auto loaded =
        ledger_->load([this](const std::string& what) { complaints_.push_back(what); });
    ASSERT_TRUE(loaded) << loaded.error().message;
  }

  static PollKey key(const std::string& key, const std::string& customer = "C001") {
    return {"registration", customer, key};
  }
  Result<PollClaim> reserve(const PollKey& key, std::uint32_t least, std::uint32_t most,
                            store::UnixNs life = 10 * kMinute) {
    return ledger_->reserve(key, {least, most, now_ + life}, &room_at_);
  }
  // What was granted; 0 when nothing was.
  std::uint32_t polls(const PollKey& key, std::uint32_t least, std::uint32_t most,
                      store::UnixNs life = 10 * kMinute) {
    const auto share = reserve(key, least, most, life);
    return share ? share->polls : 0;
  }
  std::size_t rows() {
    const auto snapshot = store_->snapshot();
    return snapshot->customer("").host_rows(kPollSharePrefix, "", store::kPageRowsMax).size();
  }
  std::uint64_t reserved() const { return ledger_->stats().reserved; }

  testing_support::TempDir directory_;
  std::atomic<store::UnixNs> now_{1'800'000'000 * kSecondNs};  // a whole minute
  std::atomic<bool> fails_{false};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<PollLedger> ledger_;
  store::UnixNs room_at_ = 0;
  std::vector<std::string> complaints_;
};

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

// What was granted, kept apart from the ledger: the newest grants of each key that may live.
class Grants {
 public:
  void add(const std::string& key, PollClaim claim) { by_key_[key].push_back(claim); }
  void end(const std::string& key) { by_key_.erase(key); }
  // Of a key's grants the largest counts: its plans follow one another.
  std::uint64_t live(store::UnixNs now) const {
    std::uint64_t sum = 0;
    for (const auto& [key, claims] : by_key_) {
      std::uint32_t most = 0;
      for (const auto& claim : claims) {
        if (claim.until > now) most = std::max(most, claim.polls);
      }
      sum += most;
    }
    return sum;
  }

 private:
  std::map<std::string, std::vector<PollClaim>> by_key_;
};

TEST_F(PollLedgerTest, HoweverSharesComeAndGoTheirSumStaysWithinTheLimit) {
  constexpr std::uint32_t kLimit = 60;
  constexpr int kSteps = 4000;
  open(kLimit);
  std::mt19937 random(20'271);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  Grants grants;
  int refused = 0;
  for (int step = 0; step < kSteps; ++step) {
    const auto name = "k" + std::to_string(below(12));
    const auto what = below(20);
    if (what < 12) {
      const auto least = 1 + below(below(4) == 0 ? kLimit : 6);
      const auto most = least + below(kLimit - least + 1);
      fails_ = below(50) == 0;
      const auto share = reserve(key(name), least, most, (1 + below(30)) * kMinute / 2);
      if (share) {
        ASSERT_GE(share->polls, least);
        ASSERT_LE(share->polls, most);
        grants.add(name, *share);
      }
      refused += !share && share.error().status == INTRAY_E_BUSY;
    } else if (what < 15) {
      fails_ = below(20) == 0;
      if (ledger_->release(key(name))) grants.end(name);
    } else if (what < 19) {
      now_ += below(300) * kSecondNs;
    } else {
      fails_ = false;
      open(kLimit);
    }
    fails_ = false;
    ASSERT_LE(grants.live(now_), kLimit) << "step " << step;
    ASSERT_LE(reserved(), kLimit) << "step " << step;
    ASSERT_GE(reserved(), grants.live(now_)) << "what was granted is held, step " << step;
  }
  EXPECT_GT(refused, kSteps / 50) << "the limit was never felt";
}

TEST_F(PollLedgerTest, ManyThreadsTogetherStayWithinTheLimit) {
  open(50);
  std::atomic<int> live{0};
  std::atomic<int> highest{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([&, n] {
      const auto mine = key("k", "C00" + std::to_string(n));
      std::mt19937 random(static_cast<unsigned>(n));
      store::UnixNs room_at = 0;
      for (int i = 0; i < 60; ++i) {
        const auto share = ledger_->reserve(
            mine, {1, 1 + static_cast<std::uint32_t>(random() % 50), now_ + kMinute}, &room_at);
        if (!share) continue;
        // Counted after it was granted, uncounted before it is given back: never too much.
        const int together = live += static_cast<int>(share->polls);
        for (int seen = highest;
             together > seen && !highest.compare_exchange_weak(seen, together);) {
        }
        EXPECT_LE(ledger_->stats().reserved, 50U);
        live -= static_cast<int>(share->polls);
        EXPECT_TRUE(ledger_->release(mine));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(highest, 50);
  EXPECT_GT(highest, 0);
  EXPECT_EQ(reserved(), 0U);
}

// Reserves one share after another and tells each that was granted through the pipe.
[[noreturn]] void reserve_until_killed(store::StoreOptions options, int pipe) {
  auto store = store::Store::open(std::move(options));
  if (!store) _exit(1);
  PollLedger ledger(**store, 10'000);
  if (!ledger.load([](const std::string&) {})) _exit(2);
  for (std::uint64_t n = ledger.stats().shares;; ++n) {
    store::UnixNs room_at = 0;
    const PollWish wish{1, 1, (*store)->now() + 10 * kMinute};
    if (!ledger.reserve({"registration", "C001", "k" + std::to_string(n)}, wish, &room_at)) {
      _exit(3);
    }
    if (write(pipe, &n, sizeof n) != sizeof n) _exit(4);
  }
}

TEST_F(PollLedgerTest, WhatWasGrantedBeforeTheProcessIsKilledIsHeldAfterwards) {
  std::uint64_t granted = 0;
  for (int round = 0; round < 6; ++round) {
    ledger_.reset();
    store_.reset();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) reserve_until_killed(options(), ends[1]);
    close(ends[1]);
    std::uint64_t last = 0;
    for (int i = 0; i < 3 + round * 5; ++i) {
      if (read(ends[0], &last, sizeof last) != sizeof last) break;
      granted = last + 1;
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
    while (read(ends[0], &last, sizeof last) == sizeof last) granted = last + 1;
    close(ends[0]);

    open(10'000);
    EXPECT_GE(reserved(), granted);
    EXPECT_LE(reserved(), granted + 1) << "at most the one that was not answered";
  }
  EXPECT_GE(granted, 6U * 3U);
}

}  // namespace
}  // namespace intray::plugin
