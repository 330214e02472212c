// The listener, under attack: what it answers to which bytes, and that nothing keeps it busy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <intray/device_lan.h>
#include <poll.h>

#include <memory>
#include <thread>

#include "tests/device_sdk/wake_world.hpp"
#include "tests/support/raw_client.hpp"

namespace intray::testing_support {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DeviceLan : public testing::Test {
 protected:
  void SetUp() override {
    world_.settle();
    const char* why = nullptr;
    const intray_lan_options options{"127.0.0.1", 0, kNames, 2};
    lan_.reset(intray_lan_open(&options, &why));
    ASSERT_NE(lan_, nullptr) << why;
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(intray_lan_port(lan_.get())); }
  std::unique_ptr<RawClient> call() const { return std::make_unique<RawClient>(address()); }
  void step(int times = 3) {
    for (; times > 0; --times) {
      intray_lan_step(lan_.get(), world_.device.get(), world_.now_ms, WakeWorld::kNow);
      world_.run_for(0);
    }
  }
  std::string ask(const std::string& bytes) {
    const auto client = call();
    client->send(bytes);
    step();
    return client->receive_all(milliseconds(100));
  }
  int status(const std::string& bytes) { return status_of(ask(bytes)); }
  std::string command() const { return world_.mint({.targets = {the_device()}}); }

  static constexpr const char* kNames[] = {"mfp-1", "mfp-1.example.com"};
  WakeWorld world_;
  std::unique_ptr<intray_lan, decltype(&intray_lan_close)> lan_{nullptr, &intray_lan_close};
};

TEST_F(DeviceLan, WakesTheDeviceAndSaysNothingMore) {
  const auto answer = ask("GET /doPolling?t=" + command() + " HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n");
  EXPECT_EQ(answer,
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
            "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(world_.polls(), 2);
}

TEST_F(DeviceLan, AnswersEachRequestAsItDeserves) {
  const std::string host = "Host: 10.0.0.1\r\n";
  const std::string get = "GET /doPolling HTTP/1.1\r\n";
  const struct {
    std::string bytes;
    int status;
  } table[] = {
      {get + host + "\r\n", 403},
      {"POST /doPolling/ HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nt=x", 403},
      {"GET /doPolling?t=x HTTP/1.0\r\n" + host + "\r\n", 403},
      {get + "host:10.0.0.1:8080\r\nX: y\r\n\r\n", 403},
      {get + "HOST: \t[2001:db8::1]:80 \t\r\n\r\n", 403},
      {get + "Host: [::1]\r\n\r\n", 403},
      {get + "Host: MFP-1.example.com:65535\r\n\r\n", 403},
      {get + "Host: mfp-1\r\n\r\n", 403},
      {get + "Host: evil.example\r\n\r\n", 421},
      {get + "Host: mfp-1.example.com.evil.example\r\n\r\n", 421},
      {get + "Host: mfp-1:\r\n\r\n", 421},
      {get + "Host: mfp-1:123456\r\n\r\n", 421},
      {get + "Host: mfp-1:80x\r\n\r\n", 421},
      {get + "Host: 10.0.0.1@evil.example\r\n\r\n", 421},
      {get + "Host: 10.1\r\n\r\n", 421},
      {get + "Host: 0x7f000001\r\n\r\n", 421},
      {get + "Host: [mfp-1]\r\n\r\n", 421},
      {get + "Host: []\r\n\r\n", 421},
      {get + "Host: [::1\r\n\r\n", 421},
      {get + "Host:\r\n\r\n", 421},
      {get + "Host: " + std::string(300, 'a') + "\r\n\r\n", 421},
      {get + "\r\n", 400},
      {get + host + host + "\r\n", 400},
      {get + "Host : 10.0.0.1\r\n\r\n", 400},
      {get + host + " folded: x\r\n\r\n", 400},
      {get + host + "\tfolded\r\n\r\n", 400},
      {get + host + "no colon\r\n\r\n", 400},
      {get + host + ": no name\r\n\r\n", 400},
      {get + host + "X: a\nb\r\n\r\n", 400},
      {get + host + "X: a\rb\r\n\r\n", 400},
      {get + host + std::string("X: a\0b\r\n\r\n", 10), 400},
      {std::string("GET /doPolling\0 HTTP/1.1\r\n", 26) + host + "\r\n", 400},
      {"GET  /doPolling HTTP/1.1\r\n" + host + "\r\n", 400},
      {"GET /doPolling HTTP/1.1 \r\n" + host + "\r\n", 400},
      {"GET /doPolling\r\n" + host + "\r\n", 400},
      {"GET http://10.0.0.1/doPolling HTTP/1.1\r\n" + host + "\r\n", 400},
      {"CONNECT 10.0.0.1:80 HTTP/1.1\r\n" + host + "\r\n", 400},
      {"\r\n\r\n", 400},
      {"\x16\x03\x01 tls\r\n\r\n", 400},
      {"GET /doPolling HTTP/2.0\r\n" + host + "\r\n", 505},
      {"PUT /doPolling HTTP/1.1\r\n" + host + "\r\n", 405},
      {"get /doPolling HTTP/1.1\r\n" + host + "\r\n", 405},
      {"GET / HTTP/1.1\r\n" + host + "\r\n", 404},
      {"GET /doPolling/../ HTTP/1.1\r\n" + host + "\r\n", 404},
      {get + host + "X: " + std::string(5000, 'x') + "\r\n\r\n", 431},
      {std::string(5000, 'x'), 431},
  };
  for (const auto& row : table) {
    EXPECT_EQ(status(row.bytes), row.status) << row.bytes.substr(0, 100);
    world_.now_ms += 10;
  }
  EXPECT_EQ(world_.polls(), 1);
}

TEST_F(DeviceLan, TakesARequestInPieces) {
  const auto bytes = "GET /doPolling?t=" + command() + " HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n";
  const auto client = call();
  for (const char byte : bytes) {
    client->send(std::string(1, byte));
    step(1);
  }
  EXPECT_EQ(status_of(client->receive_all(milliseconds(100))), 200);
}

TEST_F(DeviceLan, TheLongestCommandFits) {
  const auto bytes = "GET /doPolling?t=" + std::string(INTRAY_DEVICE_WAKE_TEXT_MAX, 'A') +
                     " HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: " + std::string(500, 'u') +
                     "\r\n\r\n";
  EXPECT_EQ(status(bytes), 403);
}

TEST_F(DeviceLan, SlowCallersAreGoneAfter5SecondsAndPlacesAreLimited) {
  std::vector<std::unique_ptr<RawClient>> slow;
  for (unsigned i = 0; i < INTRAY_LAN_CONNECTIONS_MAX; ++i) {
    slow.push_back(call());
    slow.back()->send("GET /doPolling HTTP/1.1\r\nX: ");
    step(1);
  }
  EXPECT_THAT(ask("GET /doPolling HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"), IsEmpty());

  world_.now_ms += INTRAY_LAN_MS_MAX - 1;
  for (auto& client : slow) client->send("x");
  step(1);
  EXPECT_FALSE(slow.front()->closes_within(milliseconds(1)));
  world_.now_ms += 1;
  step(1);
  EXPECT_TRUE(slow.front()->closes_within(milliseconds(100)));
  EXPECT_TRUE(slow.back()->closes_within(milliseconds(100)));
  EXPECT_EQ(status("GET /doPolling HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"), 403);
}

TEST_F(DeviceLan, ABodyIsThrownAwayUpToALimit) {
  const auto client = call();
  client->send("POST /doPolling HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n");
  step();
  client->send(std::string(INTRAY_LAN_BODY_BYTES_MAX, 'b'));
  step();
  EXPECT_THAT(client->receive_all(milliseconds(50)), HasSubstr("403"));
  int sends = 0;
  for (; sends < 500 && client->send(std::string(100, 'b')); ++sends) {
    std::this_thread::sleep_for(milliseconds(1));
    step(1);
  }
  EXPECT_LT(sends, 500);
}

TEST_F(DeviceLan, APageThatIsOpenedWakesOnceHoweverOftenItIsReloaded) {
  const auto bytes = "GET /doPolling?t=" + command() + " HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n";
  for (int i = 0; i < 50; ++i) EXPECT_EQ(status(bytes), 200);
  world_.run_for(60'000);
  EXPECT_EQ(world_.polls(), 2);
}

TEST_F(DeviceLan, ItsDescriptorIsReadableWhenThereIsSomethingToDo) {
  pollfd readable{intray_lan_fd(lan_.get()), POLLIN, 0};
  EXPECT_EQ(poll(&readable, 1, 0), 0);
  const auto client = call();
  EXPECT_EQ(poll(&readable, 1, 1000), 1);
  step(1);
  EXPECT_EQ(poll(&readable, 1, 0), 0);
  client->send("GET /doPolling HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n");
  EXPECT_EQ(poll(&readable, 1, 1000), 1);
}

TEST_F(DeviceLan, SaysWhyItCannotListen) {
  const char* why = nullptr;
  intray_lan_options options{"mfp-1", 0, nullptr, 0};
  EXPECT_EQ(intray_lan_open(&options, &why), nullptr);
  EXPECT_THAT(why, HasSubstr("no IPv4 or IPv6 address"));
  options = {"127.0.0.1", intray_lan_port(lan_.get()), nullptr, 0};
  EXPECT_EQ(intray_lan_open(&options, &why), nullptr);
  EXPECT_THAT(why, HasSubstr("in use"));
  options = {"192.0.2.1", 0, nullptr, 0};
  EXPECT_EQ(intray_lan_open(&options, &why), nullptr);
  EXPECT_THAT(why, HasSubstr("cannot be bound"));
}

}  // namespace
}  // namespace intray::testing_support
