// FIG. 6 to the letter: the service's own registration URL, over TLS. The device knows no other
// way there than the name in the URL; here that name leads to loopback, and a certificate bears it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/certificate.hpp"

namespace intray::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OwnUrlTest : public testing::Test {
 protected:
  OwnUrlTest() {
    testing_support::make_certificate(dir_.path() / "certificate",
                                      "DNS:service-x.a.com,IP:127.0.0.1");
  }
  std::string file(const std::string& name) const { return (dir_.path() / name).string(); }
  Settings settings() const {
    return {{"plugin:com.example.scan-to-cloud:registration_url", "https://service-x.a.com/regist"},
            {"devices.tls_certificate", file("certificate.pem")},
            {"devices.tls_key", file("certificate.key")}};
  }

  testing_support::TempDir dir_;
};

TEST_F(OwnUrlTest, Figure6ADeviceRegistersAtTheServicesOwnUrlOverTls) {
  Daemon daemon(settings());
  daemon.import(fig9_inventory());
  ASSERT_EQ(daemon
                .as_administrator("C001", "POST", "/v1/applications",
                                  R"({"service":"service-x","devices":["D10010101"]})")
                .status,
            201);
  const auto mailbox = daemon.as_operator("GET", "/v1/operator/mailboxes?customer=C001");
  EXPECT_THAT(column(mailbox, "url"), ElementsAre("https://service-x.a.com/regist"));
  const auto made = daemon.as_operator("POST", "/v1/operator/devices/D10010101/provisioning-code");
  const auto port = daemon.device_url().substr(daemon.device_url().rfind(':') + 1);

  testing_support::Process mfp(
      {program("virtual_mfp"), "--device", "D10010101", "--server", daemon.device_url(), "--code",
       text(made.json, "code"), "--directory", file("state"), "--ca", file("certificate.pem"),
       "--connect-to", "service-x.a.com:443:127.0.0.1:" + port, "--poll-seconds", "1"},
      file("panel"));

  EXPECT_TRUE(testing_support::eventually([&] {
    const auto used = daemon.as_administrator("C001", "GET", "/v1/entitlements?service=service-x");
    return !cli::items_of(used.json).empty();
  })) << mfp.output();
  EXPECT_TRUE(testing_support::eventually([&] {
    return mfp.output().find("Registered with service-x") != std::string::npos;
  })) << mfp.output();
}

}  // namespace
}  // namespace intray::e2e
