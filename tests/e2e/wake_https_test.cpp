// A device that wakes a neighbour over https, and demands a certificate of the customer's own
// authority. The neighbour is openssl's server: the devices of this repository listen without TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/certificate.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_support::eventually;
using testing_support::Process;

class WakeHttpsTest : public testing::Test {
 protected:
  std::string file(const std::string& name) const { return (dir_.path() / name).string(); }
  void make_certificate(const std::string& name) const {
    testing_support::make_certificate(dir_.path() / name, "IP:127.0.11.2");
  }
  void start_neighbour() {
    neighbour_ = Process({"openssl", "s_server", "-accept", "127.0.11.2:0", "-www", "-cert",
                          file("neighbour.pem"), "-key", file("neighbour.key")},
                         dir_.path() / "neighbour");
    ASSERT_TRUE(eventually([&] { return !port().empty(); })) << neighbour_.output();
  }
  // From "ACCEPT 127.0.11.2:PORT"; the port of all devices, says the customer's setting.
  std::string port() const {
    const auto output = neighbour_.output();
    const std::string before = "ACCEPT 127.0.11.2:";
    const auto at = output.find(before);
    if (at == std::string::npos) return "";
    const auto from = at + before.size();
    return output.substr(from, output.find_first_not_of("0123456789", from) - from);
  }
  void SetUp() override { make_certificate("neighbour"); }
  // The panel of a device that was told to wake the neighbour.
  std::string woken_with(const std::string& lan_ca) {
    start_neighbour();
    daemon_.import(
        "customer,model,device,address\nC001,M1001,A,127.0.11.1\n"
        "C001,M1001,B,127.0.11.2\n");
    EXPECT_TRUE(daemon_
                    .as_operator("PATCH", "/v1/operator/customers/C001",
                                 R"({"wake_scheme":"https","wake_port":)" + port() + "}")
                    .ok());
    const auto made = daemon_.as_operator("POST", "/v1/operator/devices/A/provisioning-code");
    mfp_ = Process({program("virtual_mfp"), "--device", "A", "--server", daemon_.device_url(),
                    "--code", text(made.json, "code"), "--directory", file("A"), "--allow-loopback",
                    "--lan", "127.0.11.1:" + port(), "--lan-ca", lan_ca},
                   dir_.path() / "panel");
    EXPECT_TRUE(eventually([&] { return !last_poll_of_a().empty(); })) << mfp_.output();
    const auto applied =
        daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
    const auto id = text(cli::items_of(applied.json, "applications").at(0), "id");
    const auto plan =
        daemon_.as_administrator("C001", "GET", "/v1/applications/" + id + "/wake?mode=relay");
    auto url = text(cli::items_of(plan.json, "urls").at(0), "url");
    url.replace(0, std::string("https").size(), "http");  // as this device listens
    testing_support::run({"curl", "-s", "-o", "/dev/null", url});
    EXPECT_TRUE(eventually([&] { return mfp_.output().find("Woke ") != std::string::npos; }))
        << mfp_.output();
    return mfp_.output();
  }
  std::string last_poll_of_a() {
    return column(daemon_.as_administrator("C001", "GET", "/v1/devices"), "last_poll").at(0);
  }

  testing_support::TempDir dir_;
  Daemon daemon_;
  Process neighbour_;
  Process mfp_;
};

TEST_F(WakeHttpsTest, ANeighbourWithACertificateOfTheAuthorityIsWoken) {
  EXPECT_THAT(woken_with(file("neighbour.pem")), HasSubstr("/doPolling: 200."));
}

TEST_F(WakeHttpsTest, AnyOtherIsNotAndThePanelSaysWhy) {
  make_certificate("other");
  const auto panel = woken_with(file("other.pem"));
  EXPECT_THAT(panel, HasSubstr("/doPolling: no answer: "));
  EXPECT_THAT(panel, HasSubstr("certificate"));
  EXPECT_THAT(panel, Not(HasSubstr("/doPolling: 200")));
}

}  // namespace
}  // namespace intray::e2e
