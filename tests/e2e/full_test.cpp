// A store that is nearly full: what would make it grow is refused, everything else goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/daemon.hpp"
#include "tests/support/raw_client.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(FullStoreTest, RefusesGrowthWhilePollsRegistrationsAndStopsGoOn) {
  Daemon daemon;
  daemon.import(fig9_inventory());
  const auto first = daemon.provision("D10010101");
  const auto second = daemon.provision("D10020102");
  const auto apply = [&](const std::string& body) {
    return daemon.as_administrator("C001", "POST", "/v1/applications", body);
  };
  const auto registered = [&](const std::string& token) {
    const auto waiting = instructions_of(daemon.poll(token));
    if (waiting.empty()) return 0;
    return daemon
        .as_device(token, "POST", "/v1/services/service-x/register",
                   R"({"code":")" + waiting[0].code + "\"}")
        .status;
  };
  ASSERT_EQ(apply(R"({"service":"service-x","devices":["D10010101","D10020102"]})").status, 201);
  ASSERT_EQ(registered(second), 200);
  ASSERT_EQ(daemon.stop(), 0);
  daemon.configure({{"store.reserve_bytes", "1125899906842624"}});  // more than any disk has free
  daemon.start();

  const auto refused = apply(R"({"service":"service-z"})");
  EXPECT_EQ(refused.status, 507);
  EXPECT_THAT(refused.body, HasSubstr("make room on the disk or raise store.map_bytes"));
  testing_support::RawClient client("unix:" + daemon.socket_path());
  const auto csv = fig9_inventory() + "C001,M1001,D10010109,111.222.111.9\n";
  client.send("POST /v1/operator/inventory HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
              std::to_string(csv.size()) + "\r\n\r\n" + csv);
  const auto import = client.receive();
  EXPECT_EQ(testing_support::status_of(import), 507);
  EXPECT_THAT(import, HasSubstr("Retry-After: "));

  EXPECT_EQ(registered(first), 200);
  const auto stop = "/v1/entitlements/service-x/D10020102";
  EXPECT_EQ(daemon.as_administrator("C001", "DELETE", stop).status, 204);
  EXPECT_EQ(daemon.poll(second).status, 204);
  EXPECT_THAT(column(daemon.as_administrator("C001", "GET", "/v1/entitlements"), "device_id"),
              testing::ElementsAre("D10010101"));
  EXPECT_THAT(daemon.check(), IsEmpty());
}

}  // namespace
}  // namespace intray::e2e
