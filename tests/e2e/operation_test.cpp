// What an operator watches: metrics, readiness, the log, and the configuration before a start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(OperationTest, MetricsCountAndNeverNameADeviceACustomerOrAService) {
  Daemon daemon;
  daemon.import(fig9_inventory());
  const auto token = daemon.provision("D10010101");
  EXPECT_EQ(daemon.poll(token).status, 204);
  EXPECT_EQ(daemon.poll(std::string(43, 'x')).status, 401);
  daemon.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");

  const auto metrics = daemon.as_operator("GET", "/metrics").body;

  EXPECT_THAT(metrics, HasSubstr("intray_http_requests_total{class=\"2xx\",listener=\"devices\"}"));
  EXPECT_THAT(metrics, HasSubstr("intray_http_unauthenticated_total 1\n"));
  EXPECT_THAT(metrics, HasSubstr("intray_plugins_running 4\n"));
  for (const auto* name : {"D1001", "C001", "service-x"}) {
    EXPECT_THAT(metrics, Not(HasSubstr(name)));
  }
}

TEST(OperationTest, MetricsAreOpenWhereTheOperatorLetsThemListenAndNothingElseIsThere) {
  const Settings with_metrics = {{"metrics.listen", "127.0.0.1:0"}};
  const Daemon daemon(with_metrics);
  const auto& url = daemon.metrics_url();
  ASSERT_THAT(url, testing::EndsWith("/metrics"));
  const auto status_of = [&](const std::string& path) {
    const auto base = url.substr(0, url.rfind('/'));
    const auto reply = cli::send({base, "", "", ""}, {"GET", path, "", "", "", false});
    return reply ? reply->status : 0;
  };
  EXPECT_EQ(status_of("/metrics"), 200);
  EXPECT_EQ(status_of("/healthz"), 200);
  for (const auto* path : {"/v1/devices", "/v1/mailbox", "/v1/operator/tokens", "/"}) {
    EXPECT_EQ(status_of(path), 404) << path;
  }
}

TEST(OperationTest, AHostWithoutItsPlatformPluginIsAliveButNotReady) {
  const testing_support::TempDir none;
  const Settings no_plugins = {{"plugins.directory", none.path().string()}};
  Daemon daemon(no_plugins);

  EXPECT_EQ(daemon.as_operator("GET", "/healthz").status, 200);
  const auto ready = daemon.as_operator("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_THAT(ready.body, HasSubstr("see intray plugin list"));
}

TEST(OperationTest, EachLineOfTheStructuredLogIsAJsonObjectAndA5xxSaysWhy) {
  const testing_support::TempDir none;
  const Settings settings = {{"log.format", "json"}, {"plugins.directory", none.path().string()}};
  Daemon daemon(settings);
  daemon.as_operator("GET", "/readyz");
  ASSERT_EQ(daemon.stop(), 0);

  std::istringstream lines(daemon.output());
  bool explained = false;
  for (std::string line; std::getline(lines, line);) {
    boost::json::error_code error;
    const auto row = boost::json::parse(line, error);
    ASSERT_FALSE(error) << line;
    EXPECT_NE(text(row, "time"), "");
    EXPECT_NE(text(row, "level"), "");
    explained |= text(row, "status") == "503" && text(row, "fault").find("no platform plugin") == 0;
  }
  EXPECT_TRUE(explained) << daemon.output();
}

std::size_t loops_of(pid_t pid) {
  std::size_t loops = 0;
  const auto tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::string name;
    std::ifstream(task.path() / "comm") >> name;
    loops += name == "loop";
  }
  return loops;
}

TEST(OperationTest, TheHostRunsOneEventLoopForEachCoreThatItMayUse) {
  cpu_set_t all;
  cpu_set_t first;
  ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&first);
  for (std::size_t core = 0; CPU_COUNT(&first) == 0; ++core) {
    if (CPU_ISSET(core, &all)) CPU_SET(core, &first);
  }
  {
    const Daemon daemon;
    EXPECT_EQ(loops_of(daemon.pid()), static_cast<std::size_t>(CPU_COUNT(&all)));
  }
  sched_setaffinity(0, sizeof first, &first);
  {
    const Daemon daemon;
    EXPECT_EQ(loops_of(daemon.pid()), 1U);
  }
  sched_setaffinity(0, sizeof all, &all);
}

TEST(OperationTest, AConfigurationIsJudgedWithoutAStart) {
  const auto judged = [](const std::string& setting) {
    return testing_support::run({program("intrayd"), "--check-config", "--set", setting});
  };
  EXPECT_EQ(judged("log.level=warn").exit_code, 0);
  const auto wrong = judged("log.lvel=warn");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.output, HasSubstr("did you mean log.level?"));
  EXPECT_EQ(testing_support::run({program("intrayd"), "--nonsense"}).exit_code, 2);
}

}  // namespace
}  // namespace intray::e2e
