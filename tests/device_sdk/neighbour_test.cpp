// The relay over libcurl and real sockets: hostile neighbours, and addresses that nobody may call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "device_sdk/ports/src/curl_lan.h"
#include "tests/device_sdk/loopback_server.hpp"
#include "tests/device_sdk/neighbour.hpp"

namespace intray::testing_support {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Clock = std::chrono::steady_clock;

std::string ok() { return "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"; }

TEST_F(DeviceNeighbour, IsCalledWithTheCommandAndNothingElseThatIsSecret) {
  LoopbackServer neighbour([](const std::string&) { return ok(); });
  be_ready(true);
  relay(order_for(neighbour.port(), {"127.0.0.1"}));
  ASSERT_THAT(neighbour.requests(), SizeIs(1));
  EXPECT_THAT(neighbour.requests()[0], HasSubstr("GET /doPolling?t="));
  EXPECT_THAT(neighbour.requests()[0], Not(HasSubstr("Authorization")));
  EXPECT_THAT(neighbour.requests()[0], Not(HasSubstr("Cookie")));
  EXPECT_THAT(relayed(), Contains(HasSubstr("/doPolling: 202")));
}

TEST_F(DeviceNeighbour, FortyWaysToWriteAForbiddenAddressReachNobody) {
  LoopbackServer canary([](const std::string&) { return ok(); });
  be_ready(false);
  constexpr int kAddresses = 32;  // then names
  const std::vector<std::string> ways = {"127.0.0.1",
                                         "127.0.0.2",
                                         "127.1.2.3",
                                         "127.255.255.254",
                                         "0.0.0.0",
                                         "0.0.0.1",
                                         "0.127.0.1",
                                         "169.254.169.254",
                                         "169.254.0.1",
                                         "224.0.0.1",
                                         "224.0.0.251",
                                         "239.255.255.250",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "10.0.0.1",
                                         "::",
                                         "::1",
                                         "::2",
                                         "::ffff:127.0.0.1",
                                         "::ffff:10.0.0.5",
                                         "::ffff:0:127.0.0.1",
                                         "::127.0.0.1",
                                         "64:ff9b::127.0.0.1",
                                         "64:ff9b::7f00:1",
                                         "2002:7f00:1::",
                                         "2002:7f00:1::1",
                                         "fe80::1",
                                         "fe80::7f00:1",
                                         "febf::1",
                                         "ff02::1",
                                         "ff01::1",
                                         "ff05::2",
                                         "localhost",
                                         "LOCALHOST",
                                         "LocalHost",
                                         "0x7f.0.0.0x2",
                                         "0x7f000001",
                                         "0x7f.0x0.0x0.0x1",
                                         "127.0.0.0x1",
                                         "0177.0.0.0x1",
                                         "0x7F.1.0x1",
                                         "127.0x1"};
  ASSERT_GE(ways.size(), 40U);
  for (std::size_t i = 0; i < ways.size(); i += 21) {
    std::vector<std::string> some(ways.begin() + static_cast<std::ptrdiff_t>(i),
                                  ways.begin() + static_cast<std::ptrdiff_t>(i) + 21);
    relay(order_for(canary.port(), some));
  }
  EXPECT_THAT(canary.requests(), IsEmpty());
  const auto all = relayed();
  EXPECT_THAT(all, SizeIs(ways.size()));
  EXPECT_THAT(all, Each(testing::AnyOf(HasSubstr(": forbidden"), HasSubstr(": no answer"))));
  // Names are judged when they are resolved; addresses at once.
  const auto forbidden = std::count_if(all.begin(), all.end(), [](const std::string& one) {
    return one.find(": forbidden") != std::string::npos;
  });
  EXPECT_EQ(forbidden, kAddresses);

  world_.options.allow_loopback = true;  // the canary does sing
  ASSERT_TRUE(world_.start());
  relay(order_for(canary.port(), {"127.0.0.1", "localhost", "0x7f000001"}));
  EXPECT_THAT(canary.requests(), SizeIs(3));
}

// What open_socket() asks before it connects; nothing is sent here.
TEST(DeviceNeighbourAddress, EveryAddressOfThisMachineIsKnownAsItsOwnAndNoOther) {
  ifaddrs* all = nullptr;
  ASSERT_EQ(getifaddrs(&all), 0);
  int own = 0;
  for (const auto* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || one->ifa_addr->sa_family != AF_INET) continue;
    EXPECT_TRUE(intray_curl_is_own_address(one->ifa_addr, sizeof(sockaddr_in))) << one->ifa_name;
    ++own;
  }
  freeifaddrs(all);
  EXPECT_GE(own, 1) << "loopback, at least";

  sockaddr_in foreign{};
  foreign.sin_family = AF_INET;
  foreign.sin_port = htons(80);
  foreign.sin_addr.s_addr = htonl(0xC0000201);  // 192.0.2.1, of no machine (RFC 5737)
  EXPECT_FALSE(intray_curl_is_own_address(reinterpret_cast<sockaddr*>(&foreign), sizeof foreign));
}

TEST_F(DeviceNeighbour, HostileAnswersHarmNothing) {
  LoopbackServer trap([](const std::string&) { return ok(); });
  const std::string endless(4 << 20, 'x');
  const std::vector<std::string> answers = {
      "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + trap.url() + "/\r\n\r\n",
      "HTTP/1.1 200 " + std::string(200'000, 'x') + "\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n" + endless,
      "HTTP/1.1 200 OK\r\nX: " + endless,
      endless,
      std::string("\0\0\0\0\r\n\r\n", 8),
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 99999999999999 OK\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Who\r\nWWW-Authenticate: Basic\r\n\r\n",
      "\r\n\r\n\r\n",
      "HTTP/0.9",
      "SSH-2.0-x\r\n"};
  be_ready(true);
  for (const auto& answer : answers) {
    LoopbackServer hostile([&](const std::string&) { return answer; });
    const auto begin = Clock::now();
    relay(order_for(hostile.port(), {"127.0.0.1"}));
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds(2)) << answer.substr(0, 30);
    EXPECT_LE(hostile.requests().size(), 2U);
  }
  EXPECT_THAT(trap.requests(), IsEmpty());
  EXPECT_THAT(relayed(), SizeIs(answers.size()));
}

/// Takes calls and answers each with one byte in 20 ms, for ever.
class Drip {
 public:
  Drip() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    socklen_t size = sizeof address;
    const auto generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, generic, size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    EXPECT_EQ(getsockname(listener_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { drip(); });
  }
  ~Drip() {
    stopping_ = true;
    thread_.join();
    for (const int file : callers_) close(file);
    close(listener_);
  }
  Drip(const Drip&) = delete;
  Drip& operator=(const Drip&) = delete;
  int port() const { return port_; }

 private:
  void drip() {
    while (!stopping_) {
      const int caller = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (caller >= 0) callers_.push_back(caller);
      for (const int file : callers_) (void)!send(file, "H", 1, MSG_NOSIGNAL);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  int listener_ = -1;
  int port_ = 0;
  std::vector<int> callers_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

TEST_F(DeviceNeighbour, SilenceAndSlowDripsAreGivenUpAfterTwoTriesOf3Seconds) {
  LoopbackServer silent([](const std::string&) { return ""; });
  const Drip drip;
  be_ready(true);
  for (const int port : {silent.port(), drip.port()}) {
    const auto begin = Clock::now();
    relay(order_for(port, {"127.0.0.1", "127.0.0.2", "127.0.0.3"}), 10);
    EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds(1'500));
  }
  EXPECT_THAT(relayed(), SizeIs(6));
  EXPECT_THAT(relayed(), Each(HasSubstr(": no answer")));
}

}  // namespace
}  // namespace intray::testing_support
