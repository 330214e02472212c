// Neighbours over https, with real certificates and openssl's own server: who is given a command,
// and what is said of those who are not.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "tests/device_sdk/neighbour.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::testing_support {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class DeviceNeighbourTls : public DeviceNeighbour {
 protected:
  std::string file(const std::string& name) const { return (dir_.path() / name).string(); }
  static void openssl(std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    const auto outcome = run(words);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.output;
  }
  void make_authority(const std::string& name) {
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=" + name, "-keyout", file(name + ".key"), "-out",
             file(name + ".pem")});
  }
  // A neighbour at 127.0.0.1, whose certificate is by the authority, for this address or name.
  void start_neighbour(const std::string& authority, const std::string& about,
                       const std::string& days = "2") {
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             "/CN=neighbour", "-keyout", file("neighbour.key"), "-out", file("neighbour.csr")});
    std::ofstream(file("extensions")) << "subjectAltName=" << about << '\n';
    openssl({"x509", "-req", "-in", file("neighbour.csr"), "-CA", file(authority + ".pem"),
             "-CAkey", file(authority + ".key"), "-CAcreateserial", "-days", days, "-extfile",
             file("extensions"), "-out", file("neighbour.pem")});
    neighbour_ = Process({"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                          file("neighbour.pem"), "-key", file("neighbour.key")},
                         file("server"));
    ASSERT_TRUE(eventually([&] { return port() != 0; })) << neighbour_.output();
  }
  // From "ACCEPT 127.0.0.1:PORT"; 0 until it listens.
  int port() const {
    const auto output = neighbour_.output();
    const auto at = output.find("ACCEPT 127.0.0.1:");
    return at == std::string::npos ? 0 : std::atoi(output.c_str() + at + 17);
  }
  // What the device says of the neighbour, having tried to wake it there.
  std::vector<std::string> woken_at(const std::string& address, const std::string& lan_ca) {
    const auto ca = file(lan_ca + ".pem");
    be_ready(true, lan_ca.empty() ? nullptr : ca.c_str());
    auto order = order_for(port(), {address});
    order.plain_http = false;
    relay(order);
    return relayed();
  }

  TempDir dir_;
  Process neighbour_;
};

TEST_F(DeviceNeighbourTls, OneWithACertificateOfTheAuthorityForItsAddressIsWoken) {
  make_authority("lan");
  start_neighbour("lan", "IP:127.0.0.1");
  EXPECT_THAT(woken_at("127.0.0.1", "lan"), ElementsAre(HasSubstr("/doPolling: 200")));
}

TEST_F(DeviceNeighbourTls, OneWithACertificateForItsNameIsWokenByThatName) {
  make_authority("lan");
  start_neighbour("lan", "DNS:localhost");
  EXPECT_THAT(woken_at("localhost", "lan"), ElementsAre(HasSubstr("/doPolling: 200")));
}

TEST_F(DeviceNeighbourTls, OneOfAnotherAuthorityGetsNoCommand) {
  make_authority("lan");
  make_authority("other");
  start_neighbour("other", "IP:127.0.0.1");
  EXPECT_THAT(woken_at("127.0.0.1", "lan"),
              ElementsAre(AllOf(HasSubstr(": no answer: "), HasSubstr("certificate"))));
}

TEST_F(DeviceNeighbourTls, OneWithACertificateForAnotherAddressGetsNoCommand) {
  make_authority("lan");
  start_neighbour("lan", "IP:127.0.0.9");
  EXPECT_THAT(woken_at("127.0.0.1", "lan"),
              ElementsAre(AllOf(HasSubstr(": no answer: "), HasSubstr("127.0.0.1"))));
}

TEST_F(DeviceNeighbourTls, OneWhoseCertificateHasExpiredGetsNoCommand) {
  make_authority("lan");
  start_neighbour("lan", "IP:127.0.0.1", "-1");
  EXPECT_THAT(woken_at("127.0.0.1", "lan"),
              ElementsAre(AllOf(HasSubstr(": no answer: "), HasSubstr("expired"))));
}

TEST_F(DeviceNeighbourTls, WithoutAnAuthorityAnyCertificateWillDo) {
  make_authority("other");
  start_neighbour("other", "IP:127.0.0.9", "-1");
  EXPECT_THAT(woken_at("127.0.0.1", ""), ElementsAre(HasSubstr("/doPolling: 200")));
}

}  // namespace
}  // namespace intray::testing_support
