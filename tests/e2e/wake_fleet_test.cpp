// A thousand devices that poll once a day, woken by one URL: how many messages it takes, how long,
// and what a tenth of dead ones and a repeated URL change.
#include "tests/e2e/wake_fleet.hpp"

#include <cstdio>
#include <thread>

#include "host/cli/output.hpp"

namespace intray::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing_support::eventually;

TEST_F(WakeFleetTest, OneUrlRegistersAThousandDevicesAndItsRepeatsCauseNothing) {
  start([](int) { return true; });
  const auto id = apply();
  const auto url = url_of(id);
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

// Long ids: a relay is told of its own children and of few of theirs.
class WakeHeirsTest : public WakeFleetTest {
 protected:
  WakeHeirsTest() {
    devices_ = 200;
    prefix_ = std::string(90, 'W');
  }
};

TEST_F(WakeHeirsTest, TheChildrenOfDeadRelaysWhomNobodyWasToldOfAreWokenInSeconds) {
  // The last children of the root, and some of theirs: most of the tree lies below them.
  start([](int i) { return i < 3 || i > 30 || i % 3 == 0; });
  const auto id = apply();
  const auto url = url_of(id);
  const auto polls = summary("polls");
  const auto begin = steady_clock::now();

  testing_support::run({"curl", "-s", "-o", "/dev/null", url});

  EXPECT_TRUE(eventually([&] { return summary("registered") == living_; }, seconds(60)))
      << summary("registered") << " of " << living_;
  const std::chrono::duration<double> took = steady_clock::now() - begin;
  std::printf("%lld living of 200 with long ids registered %.1f s after one URL, %lld polls\n",
              static_cast<long long>(living_), took.count(),
              static_cast<long long>(summary("polls") - polls));
  EXPECT_GT(summary("polls") - polls, living_) << "relays asked for the children of the dead";
}

}  // namespace
}  // namespace intray::e2e
