#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <intray/device_curl.h>

#include <atomic>
#include <chrono>
#include <string>

#include "tests/device_sdk/loopback_server.hpp"

namespace intray::testing_support {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Received {
  int status = -1;
  std::string body, etag, next_poll, retry_after, error;
};

std::string or_empty(const char* text) { return text == nullptr ? "" : text; }

class Curl {
 public:
  explicit Curl(intray_curl_options options = {})
      : curl_(intray_curl_create(&options)), transport_(intray_curl_transport_create(curl_)) {}
  ~Curl() {
    intray_curl_transport_destroy(transport_);
    intray_curl_destroy(curl_);
  }
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  intray_device_transport table() { return intray_curl_transport_table(transport_); }
  void wait(std::uint32_t timeout_ms) { intray_curl_wait(curl_, timeout_ms); }

  /// Status -1 when nothing came within `rounds` waits of 20 ms.
  Received send(const intray_device_request& request, int rounds = 200) {
    const auto transport = table();
    Received received;
    if (!transport.start(transport.context, 0, &request)) return received;
    for (int i = 0; i < rounds; ++i) {
      intray_curl_wait(curl_, 20);
      intray_device_reply reply{};
      if (!transport.poll(transport.context, 0, &reply)) continue;
      return {reply.status,
              std::string(reply.body == nullptr ? "" : reply.body, reply.body_bytes),
              or_empty(reply.etag),
              or_empty(reply.next_poll),
              or_empty(reply.retry_after),
              or_empty(reply.error)};
    }
    transport.cancel(transport.context, 0);
    return received;
  }
  Received get(const std::string& url, int rounds = 200) {
    return send({"GET", url.c_str(), nullptr, nullptr, nullptr, 0, nullptr, nullptr, nullptr},
                rounds);
  }

 private:
  intray_curl* curl_;
  intray_curl_transport* transport_;
};

std::string ok(const std::string& headers, const std::string& body) {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

TEST(DeviceCurlTest, SendsWhatTheCoreAsksForAndReadsTheReply) {
  LoopbackServer server([](const std::string&) {
    return ok("etag: \"e1\" \r\nIntray-Next-Poll:60\r\nRetry-After: 7\r\n", "{\"a\":1}");
  });
  Curl curl;
  const auto url = server.url() + "/v1/services/service-x/register";
  const std::string body = R"({"code":"c0de"})";

  const auto reply = curl.send({"POST", url.c_str(), "TOKEN", nullptr, body.c_str(), body.size(),
                                nullptr, nullptr, nullptr});

  EXPECT_EQ(reply.status, 200) << reply.error;
  EXPECT_EQ(reply.body, "{\"a\":1}");
  EXPECT_EQ(reply.etag, "\"e1\"");
  EXPECT_EQ(reply.next_poll, "60");
  EXPECT_EQ(reply.retry_after, "7");
  const auto request = server.requests().at(0);
  EXPECT_THAT(request, HasSubstr("POST /v1/services/service-x/register HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Bearer TOKEN\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Expect")));
  EXPECT_THAT(request, HasSubstr("\r\n\r\n{\"code\":\"c0de\"}"));
}

TEST(DeviceCurlTest, AGetAfterAPostCarriesNothingOver) {
  LoopbackServer server([](const std::string&) { return "HTTP/1.1 204 No Content\r\n\r\n"; });
  Curl curl;
  const auto url = server.url() + "/v1/mailbox";
  ASSERT_EQ(
      curl.send({"POST", url.c_str(), "TOKEN", nullptr, "{}", 2, nullptr, nullptr, nullptr}).status,
      204);

  const auto reply =
      curl.send({"GET", url.c_str(), nullptr, "\"e1\"", nullptr, 0, nullptr, nullptr, nullptr});

  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  const auto request = server.requests().at(1);
  EXPECT_THAT(request, HasSubstr("GET /v1/mailbox HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nIf-None-Match: \"e1\"\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Authorization")));
  EXPECT_THAT(request, Not(HasSubstr("Content-")));
}

TEST(DeviceCurlTest, FollowsNoRedirect) {
  LoopbackServer target([](const std::string&) { return ok("", "caught"); });
  LoopbackServer server([&](const std::string&) {
    return "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + target.url() +
           "/\r\nContent-Length: 0\r\n\r\n";
  });
  Curl curl;
  const auto url = server.url() + "/";
  EXPECT_EQ(curl.send({"GET", url.c_str(), "TOKEN", nullptr, nullptr, 0, nullptr, nullptr, nullptr})
                .status,
            307);
  EXPECT_TRUE(target.requests().empty());
}

TEST(DeviceCurlTest, EndsRepliesThatGrowTooLarge) {
  const std::string exact(INTRAY_DEVICE_REPLY_BYTES_MAX, 'x');
  LoopbackServer whole([&](const std::string&) { return ok("", exact); });
  Curl curl;
  EXPECT_EQ(curl.get(whole.url()).body, exact);

  for (const auto& attack :
       {ok("", exact + "x"), "HTTP/1.1 200 OK\r\n\r\n" + std::string(1 << 20, 'x'),
        "HTTP/1.1 200 " + std::string(200'000, 'x') + "\r\n\r\n",
        ok("X: " + std::string(20'000, 'x') + "\r\n", "")}) {
    LoopbackServer server([&](const std::string&) { return attack; });
    const auto reply = curl.get(server.url());
    EXPECT_EQ(reply.status, 0) << attack.substr(0, 40);
    EXPECT_NE(reply.error, "");
  }
}

TEST(DeviceCurlTest, ARepliesHeaderThatIsTooLongCountsAsNone) {
  LoopbackServer server([](const std::string&) {
    return ok("ETag: \"" + std::string(300, 'e') + "\"\r\nIntray-Next-Poll: 60\r\n", "");
  });
  Curl curl;
  const auto reply = curl.get(server.url());
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.etag, "");
  EXPECT_EQ(reply.next_poll, "60");
}

TEST(DeviceCurlTest, BrokenRepliesAreErrorsWithAReason) {
  for (const char* answer : {"garbage", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
                             "HTTP/9.9 abc\r\n\r\n", "\0"}) {
    LoopbackServer server([&](const std::string&) { return std::string(answer) + "\r\n"; });
    Curl curl;
    const auto reply = curl.get(server.url());
    EXPECT_EQ(reply.status, 0) << answer;
    EXPECT_NE(reply.error, "") << answer;
  }
}

TEST(DeviceCurlTest, ACanceledRequestLeavesTheSlotFree) {
  std::atomic<bool> silent{true};
  LoopbackServer server([&](const std::string&) { return silent ? "" : ok("", "{}"); });
  Curl curl;
  EXPECT_EQ(curl.get(server.url(), 3).status, -1);

  silent = false;
  EXPECT_EQ(curl.get(server.url()).status, 200);
}

TEST(DeviceCurlTest, WaitsNoLongerThanItWasTold) {
  LoopbackServer server([](const std::string&) { return ""; });
  Curl curl;
  const auto transport = curl.table();
  const auto url = server.url();
  const intray_device_request request{"GET", url.c_str(), nullptr, nullptr, nullptr,
                                      0,     nullptr,     nullptr, nullptr};
  ASSERT_TRUE(transport.start(transport.context, 0, &request));
  const auto started = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) curl.wait(20);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
  transport.cancel(transport.context, 0);
}

TEST(DeviceCurlTest, ConnectsWhereItIsToldTo) {
  LoopbackServer server([](const std::string&) { return ok("", "{}"); });
  const auto rule = "service-x.a.com:80:127.0.0.1:" + std::to_string(server.port());
  const char* rules[] = {rule.c_str()};
  intray_curl_options options{};
  options.connect_to = rules;
  options.connect_to_count = 1;
  Curl curl(options);

  EXPECT_EQ(curl.get("http://service-x.a.com/regist").status, 200);
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nHost: service-x.a.com\r\n"));
}

TEST(DeviceCurlTest, SpeaksNoOtherProtocolAndNoTlsToPlainServers) {
  Curl curl;
  EXPECT_EQ(curl.get("file:///etc/hostname").status, 0);
  LoopbackServer server([](const std::string&) { return ok("", "{}"); });
  EXPECT_EQ(curl.get("https://127.0.0.1:" + std::to_string(server.port())).status, 0);
}

TEST(DeviceCurlTest, AMissingAuthorityFileIsAnErrorNotAFallback) {
  LoopbackServer server([](const std::string&) { return ok("", "{}"); });
  intray_curl_options options{};
  options.ca_file = "/nowhere/ca.pem";
  Curl curl(options);
  EXPECT_EQ(curl.get("https://127.0.0.1:" + std::to_string(server.port())).status, 0);
}

}  // namespace
}  // namespace intray::testing_support
