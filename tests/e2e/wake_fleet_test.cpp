// A thousand devices that poll once a day, woken by one URL: how many messages it takes, how long,
// and what a tenth of dead ones and a repeated URL change.
#include <gtest/gtest.h>

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing_support::eventually;

constexpr int kDevices = 1000;

// Of this process alone: its sibling may run at the same time, on the same addresses.
int lan_port() { return 20'000 + getpid() % 10'000; }

class WakeFleetTest : public testing::Test {
 protected:
  static std::string name(int i) { return "W" + std::to_string(10'000 + i); }
  static std::string address(int i) {
    return "127.2." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1);
  }

  // Those for whom `lives` is false are in the inventory, and switched off.
  template <class Lives>
  void start(Lives lives) {
    std::string csv = "customer,model,device,address\n";
    for (int i = 0; i < kDevices; ++i) csv += "C001,M1001," + name(i) + "," + address(i) + "\n";
    daemon_.import(csv);
    ASSERT_TRUE(
        daemon_
            .as_operator("PATCH", "/v1/operator/customers/C001",
                         R"({"wake_scheme":"http","wake_port":)" + std::to_string(lan_port()) + "}")
            .ok());
    std::ofstream tokens(dir_.path() / "tokens");
    for (int i = 0; i < kDevices; ++i) {
      if (!lives(i)) continue;
      const auto made =
          daemon_.as_operator("POST", "/v1/operator/devices/" + name(i) + "/provisioning-code");
      tokens << name(i) << " code:" << text(made.json, "code") << ' ' << address(i) << '\n';
      ++living_;
    }
    tokens.close();
    fleet_ = testing_support::Process({program("fleet"), "--server", daemon_.device_url(),
                                       "--tokens", (dir_.path() / "tokens").string(), "--lan-port",
                                       std::to_string(lan_port()), "--allow-loopback", "--json"},
                                      dir_.path() / "fleet");
    ASSERT_TRUE(eventually([&] { return summary("polls") >= living_; }, seconds(60)))
        << fleet_.output();
  }
  // Of the fleet's newest line.
  std::int64_t summary(const std::string& member) const {
    std::istringstream lines(fleet_.output());
    std::string newest;
    for (std::string line; std::getline(lines, line);) newest = line;
    boost::json::error_code error;
    return number(boost::json::parse(newest, error), member);
  }
  std::string apply() {
    const auto applied =
        daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
    EXPECT_EQ(applied.status, 202) << applied.body;
    const auto id = text(cli::items_of(applied.json, "applications").at(0), "id");
    EXPECT_TRUE(eventually([&] {
      const auto reply = daemon_.as_administrator("C001", "GET", "/v1/applications/" + id);
      return number(reply.json.at("counts"), "posted") == kDevices;
    }));
    return id;
  }
  testing_support::Outcome wake(const std::string& id, const std::vector<std::string>& more) {
    std::vector<std::string> words{program("intray"), "wake", id, "--tree"};
    words.insert(words.end(), more.begin(), more.end());
    return testing_support::run(words,
                                {{"INTRAY_URL", daemon_.administrator_url()},
                                 {"INTRAY_TOKEN", daemon_.administrator_token("C001")}},
                                seconds(200));
  }

  testing_support::TempDir dir_;
  Daemon daemon_{Settings{{"log.level", "error"}}};
  testing_support::Process fleet_;
  std::int64_t living_ = 0;
};

TEST_F(WakeFleetTest, OneUrlRegistersAThousandDevicesAndItsRepeatsCauseNothing) {
  start([](int) { return true; });
  const auto id = apply();
  const auto links = wake(id, {"--links", "--json"});
  const auto url = text(cli::items_of(boost::json::parse(links.output), "urls").at(0), "url");
  const auto begin = steady_clock::now();

  testing_support::run({"curl", "-s", "-o", "/dev/null", url});

  ASSERT_TRUE(eventually([&] { return summary("registered") == kDevices; }, seconds(60)))
      << summary("registered");
  const std::chrono::duration<double> took = steady_clock::now() - begin;
  const auto calls = summary("relayed");
  const auto polls = summary("polls");
  std::printf("1,000 devices registered %.1f s after one URL; %lld relay messages, %lld at most\n",
              took.count(), static_cast<long long>(calls),
              static_cast<long long>(summary("relayed_most")));
  EXPECT_LE(took.count(), 30);
  EXPECT_LE(calls, kDevices - 1);
  EXPECT_LE(summary("relayed_most"), 8);

  for (int i = 0; i < 10; ++i) {
    std::vector<std::string> words{"curl", "-s"};
    for (int j = 0; j < 100; ++j) words.insert(words.end(), {"-o", "/dev/null", url});
    testing_support::run(words);
  }
  std::this_thread::sleep_for(seconds(3));  // what they caused would show in the next summary
  EXPECT_EQ(summary("relayed"), calls);
  EXPECT_LE(summary("polls"), polls + 1);
}

TEST_F(WakeFleetTest, ATenthOfDeadDevicesKeepsNoLivingOneAsleep) {
  start([](int i) { return i == 0 || i % 10 != 3; });

  const auto woken = wake(apply(), {"--timeout", "0", "--quiet"});

  EXPECT_EQ(woken.exit_code, cli::kPartial) << "the dead ones still wait";
  EXPECT_TRUE(eventually([&] { return summary("registered") == living_; }, seconds(90)))
      << summary("registered") << " of " << living_;
  std::printf("with 100 of 1,000 dead: %lld registered, %lld relay messages\n",
              static_cast<long long>(summary("registered")),
              static_cast<long long>(summary("relayed")));
}

}  // namespace
}  // namespace intray::e2e
