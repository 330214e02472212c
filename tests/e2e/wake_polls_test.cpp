// The host's limit of polls holds over the wakes of all customers: each has a share, who finds none
// hears why, and a share is free when its application is over (W6).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class WakePollsTest : public testing::Test {
 protected:
  static std::string device(int customer, int number) {
    return "P" + std::to_string(customer) + "-" + std::to_string(number);
  }
  // Devices of C001, C002 and C003.
  void hold(const std::vector<int>& devices) {
    std::string csv = "customer,model,device,address\n";
    for (int i = 0; i < static_cast<int>(devices.size()); ++i) {
      for (int n = 0; n < devices[static_cast<std::size_t>(i)]; ++n) {
        csv += customer(i + 1) + ",M1001," + device(i + 1, n) + ",10.0." + std::to_string(i) + "." +
               std::to_string(n + 1) + "\n";
      }
    }
    daemon_.import(csv);
  }
  static std::string customer(int number) { return "C00" + std::to_string(number); }

  std::string apply(int number) {
    const auto applied = daemon_.as_administrator(customer(number), "POST", "/v1/applications",
                                                  R"({"service":"service-x"})");
    EXPECT_EQ(applied.status, 201) << applied.body;
    return text(cli::items_of(applied.json, "applications").at(0), "id");
  }
  Reply wake(int number, const std::string& id) {
    return daemon_.as_administrator(customer(number), "GET",
                                    "/v1/applications/" + id + "/wake?mode=each");
  }
  std::int64_t metric(const std::string& name) {
    const auto all = "\n" + daemon_.as_operator("GET", "/metrics").body;
    const auto found = all.find("\n" + name + " ");
    return found == std::string::npos ? -1 : std::stoll(all.substr(found + name.size() + 2));
  }
  // The device polls, registers.
  void register_device(const std::string& id) {
    const auto token = daemon_.provision(id);
    const auto waiting = instructions_of(daemon_.poll(token));
    ASSERT_EQ(waiting.size(), 1U);
    const auto done = daemon_.as_device(token, "POST", "/v1/services/service-x/register",
                                        R"({"code":")" + waiting[0].code + "\"}");
    ASSERT_EQ(done.status, 200) << done.body;
  }
  bool comes_in(int number, const std::string& id) {
    return testing_support::eventually([&] { return wake(number, id).status == 200; });
  }

  Daemon daemon_{{{"polls.concurrent_max", "10"}}};
};

TEST_F(WakePollsTest, TwoCustomersShareTheLimitAndAThirdComesInWhenTheFirstHasCompleted) {
  hold({6, 6, 1});
  const auto first = apply(1);
  const auto second = apply(2);
  const auto third = apply(3);

  const auto one = wake(1, first);
  const auto two = wake(2, second);
  ASSERT_EQ(one.status, 200) << one.body;
  ASSERT_EQ(two.status, 200) << two.body;
  EXPECT_EQ(number(one.json, "polls"), 6);
  EXPECT_EQ(number(two.json, "polls"), 4);
  EXPECT_EQ(metric("intray_wake_polls_reserved"), 10);
  EXPECT_EQ(metric("intray_wake_polls_max"), 10);

  const auto refused = wake(3, third);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(text(refused.json, "code"), "INT-2006");
  EXPECT_THAT(text(refused.json, "detail"),
              AllOf(HasSubstr("10 polls due at this host within a second"),
                    HasSubstr("0 of them are held by your other wakes, 10 by those of others"),
                    HasSubstr("this one needs 1: at the latest at 20"), Not(HasSubstr("C001")),
                    Not(HasSubstr(first))));
  EXPECT_EQ(metric("intray_wake_polls_refused_total"), 1);
  const auto whole = testing_support::run(
      {"curl", "-s", "-i", "-H", "Authorization: Bearer " + daemon_.administrator_token("C003"),
       daemon_.administrator_url() + "/v1/applications/" + third + "/wake?mode=each"});
  EXPECT_THAT(whole.output, HasSubstr("Retry-After: 60"));

  const auto told = testing_support::run({program("intray"), "wake", third, "--each", "--links"},
                                         {{"INTRAY_URL", daemon_.administrator_url()},
                                          {"INTRAY_TOKEN", daemon_.administrator_token("C003")}});
  EXPECT_NE(told.exit_code, 0);
  EXPECT_THAT(told.output, AllOf(HasSubstr("Too many devices are being woken: "),
                                 HasSubstr("at the latest at 20"), HasSubstr("[INT-2006]")));

  for (int n = 0; n < 6; ++n) register_device(device(1, n));
  EXPECT_TRUE(comes_in(3, third)) << wake(3, third).body;
  EXPECT_EQ(metric("intray_wake_polls_reserved"), 5);
}

TEST_F(WakePollsTest, SharesOutliveAKilledDaemonAndEndWithACanceledApplication) {
  hold({6, 6, 1});
  const auto first = apply(1);
  const auto second = apply(2);
  const auto third = apply(3);
  ASSERT_EQ(wake(1, first).status, 200);
  ASSERT_EQ(wake(2, second).status, 200);

  daemon_.kill9();
  daemon_.start();

  EXPECT_EQ(metric("intray_wake_polls_reserved"), 10);
  EXPECT_EQ(wake(3, third).status, 503) << "the commands of before may still be opened";
  EXPECT_EQ(number(wake(1, first).json, "polls"), 6) << "and its own plan may be read again";

  EXPECT_TRUE(
      daemon_.as_administrator("C002", "POST", "/v1/applications/" + second + "/cancel").ok());
  EXPECT_TRUE(comes_in(3, third)) << wake(3, third).body;
  EXPECT_EQ(daemon_.check(), std::vector<std::string>{});
}

}  // namespace
}  // namespace intray::e2e
