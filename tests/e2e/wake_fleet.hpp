// A thousand devices in one process that poll once a day, each at a loopback address of its own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/daemon.hpp"

namespace intray::e2e {

class WakeFleetTest : public testing::Test {
 protected:
  static constexpr int kDevices = 1000;

  explicit WakeFleetTest(Settings settings = {{"log.level", "error"}})
      : daemon_(std::move(settings)) {}

  std::string name(int i) const { return prefix_ + std::to_string(10'000 + i); }
  static std::string address(int i) {
    return "127.2." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
  }
  /// Those for whom `lives` is false are in the inventory, and switched off.
  void start(const std::function<bool(int)>& lives);
  /// Where the fleet hears /doPolling; of this process alone, for its sibling may run at the same
  /// time, on the same addresses.
  static int lan_port();
  /// Of the fleet's newest line.
  std::int64_t summary(const std::string& member) const;
  /// For service-x and all devices; when their instructions are posted.
  std::string apply();
  /// `intray wake APPLICATION --tree` and more words.
  testing_support::Outcome wake(const std::string& id, const std::vector<std::string>& more);
  /// The one URL of the tree, opened by hand.
  std::string url_of(const std::string& id);

  int devices_ = kDevices;
  std::string prefix_ = "W";  // of device ids
  testing_support::TempDir dir_;
  Daemon daemon_;
  testing_support::Process fleet_;
  std::int64_t living_ = 0;
};

}  // namespace intray::e2e
