// A ledger of polls over a real store, with a clock that the test turns and commits that it lets
// fail.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "host/plugin/poll_ledger.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::plugin {

using store::kSecondNs;

inline constexpr store::UnixNs kMinute = 60 * kSecondNs;

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

}  // namespace intray::plugin
