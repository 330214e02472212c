// 100,000 commands that are none: no poll, no call, nothing stored.
#include <gtest/gtest.h>

#include <random>

#include "host/security/wake_bytes.hpp"
#include "tests/device_sdk/wake_world.hpp"

namespace intray::testing_support {
namespace {

constexpr int kTriesEach = 10'000;  // a signature is checked in each
constexpr int kCheapTries = 60'000;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

class DeviceWakeForgery : public testing::Test {
 protected:
  void SetUp() override {
    world_.settle();
    writes_ = world_.storage.writes;
    requests_ = world_.lan.requests.size();
  }
  void expect_untouched() {
    world_.run_for(60'000);
    EXPECT_EQ(world_.storage.writes, writes_);
    EXPECT_EQ(world_.lan.requests.size(), requests_);
    EXPECT_TRUE(world_.lan.calls.empty());
    EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_WOKEN), 0);
  }

  WakeWorld world_;
  std::mt19937 random_{20'240'229};
  const security::WakeOrder order_ = order_with_children(4);

 private:
  int writes_ = 0;
  std::size_t requests_ = 0;
};

TEST_F(DeviceWakeForgery, RandomTextIsNoCommand) {
  for (int i = 0; i < kCheapTries; ++i) {
    std::string text(random_() % 600, ' ');
    for (auto& c : text) c = static_cast<char>(random_() % 95 + 32);
    ASSERT_EQ(world_.wake(text), 403) << text;
  }
  expect_untouched();
}

TEST_F(DeviceWakeForgery, AnyAlteredCharacterBreaksTheSignature) {
  const auto command = world_.mint(order_);
  for (int i = 0; i < kTriesEach; ++i) {
    auto altered = command;
    auto& c = altered[random_() % altered.size()];
    c = kDigits[(kDigits.find(c) + 1 + random_() % 63) % 64];
    ASSERT_EQ(world_.wake(altered), 403) << altered;
  }
  expect_untouched();
}

TEST_F(DeviceWakeForgery, ATargetSetToAnotherAddressIsRefused) {
  const auto whole = *security::from_base64url(world_.mint(order_));
  for (int i = 0; i < kTriesEach; ++i) {
    auto altered = whole;
    // From the first address on, the last four bytes of each target.
    const auto target = random_() % 5;
    altered[59 + 16 * target + 12 + random_() % 4] ^= static_cast<char>(1 + random_() % 255);
    ASSERT_EQ(world_.wake(security::base64url(altered)), 403);
  }
  expect_untouched();
}

TEST_F(DeviceWakeForgery, CommandsOfOtherCustomersAndHostsAreRefused) {
  const security::Secret other_host{std::string(32, 'x')};
  std::vector<std::string> foreign;
  for (int i = 0; i < 100; ++i) {
    foreign.push_back(
        i % 2 == 0 ? world_.mint(order_, "C002")
                   : security::mint_wake(other_host, "C001", order_, WakeWorld::kNow)->reveal());
    if (i % 4 < 2) continue;
    auto bytes = *security::from_base64url(foreign.back());  // and claims to be of our key
    bytes.replace(4, 16, *security::from_base64url(world_.mint(order_)), 4, 16);
    foreign.back() = security::base64url(bytes);
  }
  for (int i = 0; i < kTriesEach; ++i) {
    ASSERT_EQ(world_.wake(foreign[static_cast<std::size_t>(i) % foreign.size()]), 403);
  }
  expect_untouched();
}

TEST_F(DeviceWakeForgery, ExpiredCommandsThoseOfTheFutureAndForOthersAreRefused) {
  const auto command = world_.mint(order_);
  auto others = order_;
  others.targets.front().device_id = "D10010102";
  const auto for_another = world_.mint(others);
  for (int i = 0; i < kTriesEach; ++i) {
    const auto wrong_s = static_cast<std::int64_t>(random_() % 1'000'000'000);
    const auto late = WakeWorld::kNow + 601 + wrong_s;
    const auto early = WakeWorld::kNow - 61 - wrong_s;
    ASSERT_EQ(world_.wake(command, i % 2 == 0 ? late : early), 403);
    if (i % 10 == 0) {
      ASSERT_EQ(world_.wake(for_another), 403);
    }
  }
  expect_untouched();
}

TEST_F(DeviceWakeForgery, WhatTheQueryAddsToACommandIsIgnoredOrRefused) {
  const auto command = world_.mint({.targets = {the_device()}});
  for (const auto& query : std::initializer_list<std::string>{
           "?t=" + command + "&t=" + command, "?t=&t=" + command, "?t=" + command + "&t=",
           "?t=" + command + "=", "?t=" + command + "%3D", "?t= " + command, "?T=" + command,
           "?t=" + command + "\n", "?" + command, "?t=" + command + "#", "?t=", "?pollreq=10.0.0.9",
           "?t=" + std::string(100'000, 'A'), "?t=" + command + std::string(3000, 'A')}) {
    EXPECT_EQ(world_.hear("/doPolling" + query), 403) << query.substr(0, 60);
  }
  expect_untouched();
  EXPECT_EQ(world_.hear("/doPolling?x=1&&pollreq=10.0.0.9,127.0.0.1&t=" + command + "&y"), 200);
  world_.run_for(60'000);
  EXPECT_TRUE(world_.lan.calls.empty());
}

}  // namespace
}  // namespace intray::testing_support
