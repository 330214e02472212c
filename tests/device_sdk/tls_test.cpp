// Verified TLS against a real server: openssl's own, with a certificate for service-x.a.com.
#include <gtest/gtest.h>
#include <intray/device_curl.h>

#include <cstdlib>
#include <string>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::testing_support {
namespace {

class DeviceTlsTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto made =
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=service-x.a.com", "-addext",
             "subjectAltName=DNS:service-x.a.com", "-keyout", key_, "-out", certificate_});
    ASSERT_EQ(made.exit_code, 0) << made.output;
    server_ = Process({"openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert",
                       certificate_, "-key", key_},
                      dir_.path() / "server");
    ASSERT_TRUE(eventually([&] { return port() != 0; })) << server_.output();
  }

  /// From "ACCEPT 127.0.0.1:PORT"; 0 until it listens.
  int port() const {
    const auto output = server_.output();
    const auto at = output.find("ACCEPT 127.0.0.1:");
    return at == std::string::npos ? 0 : std::atoi(output.c_str() + at + 17);
  }

  int status_of(const std::string& host, const char* ca_file) {
    const auto rule = host + ":443:127.0.0.1:" + std::to_string(port());
    const char* rules[] = {rule.c_str()};
    intray_curl_options options{};
    options.ca_file = ca_file;
    options.connect_to = rules;
    options.connect_to_count = 1;
    auto* curl = intray_curl_create(&options);
    auto* transport = intray_curl_transport_create(curl);
    const auto table = intray_curl_transport_table(transport);
    const auto url = "https://" + host + "/";
    const intray_device_request request{"GET", url.c_str(), nullptr, nullptr, nullptr,
                                        0,     nullptr,     nullptr, nullptr};
    intray_device_reply reply{};
    EXPECT_TRUE(table.start(table.context, 0, &request));
    for (int i = 0; i < 100 && !table.poll(table.context, 0, &reply); ++i) {
      intray_curl_wait(curl, 50);
    }
    if (reply.error != nullptr) error_ = reply.error;
    intray_curl_transport_destroy(transport);
    intray_curl_destroy(curl);
    return reply.status;
  }

  TempDir dir_;
  std::string key_ = dir_.path() / "key.pem";
  std::string certificate_ = dir_.path() / "certificate.pem";
  Process server_;
  std::string error_;
};

TEST_F(DeviceTlsTest, TalksOnlyToTheServerThatTheAuthorityVouchesFor) {
  EXPECT_EQ(status_of("service-x.a.com", certificate_.c_str()), 200) << error_;
  EXPECT_EQ(status_of("service-x.a.com", nullptr), 0) << "not a known authority";
  EXPECT_NE(error_.find("certificate"), std::string::npos) << error_;
  EXPECT_EQ(status_of("service-y.a.com", certificate_.c_str()), 0) << "another name";
}

}  // namespace
}  // namespace intray::testing_support
