// Whatever is reserved, extended, released, lapses or dies: the sum of the shares stays within the
// limit, and what was granted is held until it lapses.
#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "tests/host/plugin/poll_ledger_fixture.hpp"
#include "tests/support/kill.hpp"

namespace intray::plugin {
namespace {

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
    const auto told = testing_support::told_before_kill(
        3 + round * 5, [this](int pipe) { reserve_until_killed(options(), pipe); });
    granted = std::max(granted, told);

    open(10'000);
    EXPECT_GE(reserved(), granted);
    EXPECT_LE(reserved(), granted + 1) << "at most the one that was not answered";
  }
  EXPECT_GE(granted, 6U * 3U);
}

}  // namespace
}  // namespace intray::plugin
