// A hundred thousand devices: accepted at once, posted in chunks, killed in the middle, resumed,
// with flat memory.
#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/e2e/memory.hpp"

namespace intray::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kDevices = 100'000;
constexpr long kGrowthKibMax = 32 * 1024;

TEST(LargeTest, AHundredThousandDevicesAreAcceptedAtOnceAndResumeAfterAKill) {
  const Settings quiet = {{"log.level", "warn"}};
  Daemon daemon(quiet);
  std::string csv = "customer,model,device,address\n";
  for (int i = 0; i < kDevices; ++i) {
    csv += "C001,M1001,L" + std::to_string(1'000'000 + i) + ",192.0.2.1\n";
  }
  daemon.import(csv);
  // The import's own memory is not what is measured: begin from a fresh process.
  ASSERT_EQ(daemon.stop(), 0);
  daemon.start();
  (void)daemon.administrator_token("C001");
  const auto before = rss_anon_kib(daemon.pid());

  const auto asked = steady_clock::now();
  const auto applied =
      daemon.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
  const auto answered = steady_clock::now() - asked;

  ASSERT_EQ(applied.status, 202) << applied.body;
  const auto id = text(cli::items_of(applied.json, "applications").at(0), "id");
  const auto posted = [&] {
    const auto reply = daemon.as_administrator("C001", "GET", "/v1/applications/" + id);
    return number(reply.json.at("counts"), "posted");
  };
  long most = before;
  const auto watch_until = [&](std::int64_t devices) {
    return testing_support::eventually(
        [&] {
          most = std::max(most, rss_anon_kib(daemon.pid()));
          std::this_thread::sleep_for(milliseconds(20));
          return posted() >= devices;
        },
        seconds(120));
  };
  ASSERT_TRUE(watch_until(10'000));
  const auto growth_before_kill = most - before;
  daemon.kill9();
  daemon.start();
  most = before;
  ASSERT_TRUE(watch_until(kDevices));

  std::printf("202 after %lld ms; RssAnon grew by %ld KiB before the kill, %ld KiB after\n",
              static_cast<long long>(std::chrono::duration_cast<milliseconds>(answered).count()),
              growth_before_kill, most - before);
  EXPECT_LT(answered, seconds(2));
  EXPECT_LE(growth_before_kill, kGrowthKibMax);
  EXPECT_LE(most - before, kGrowthKibMax);
  EXPECT_EQ(posted(), kDevices);
  EXPECT_TRUE(daemon.check().empty());
}

}  // namespace
}  // namespace intray::e2e
