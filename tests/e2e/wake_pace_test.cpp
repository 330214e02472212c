// The pace of a wake, as the host has seen it: when each poll of a thousand devices came in.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <ctime>
#include <memory>
#include <sstream>

#include "plugins/registration/wake_plan.hpp"
#include "tests/e2e/wake_fleet.hpp"

namespace intray::e2e {
namespace {

using std::chrono::seconds;
using testing_support::eventually;

constexpr std::int64_t kPollsMax = 200;         // of the host, in a slot
constexpr std::int64_t kShare = kPollsMax / 2;  // of a large wake that is alone
constexpr std::int64_t kSlotUs = std::int64_t{registration::kWakeSlotMs} * 1000;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// "2026-01-02T03:04:05.678+00:00"
std::int64_t us_of(const std::string& time) {
  std::tm parts{};
  const char* rest = strptime(time.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr || *rest != '.') return 0;
  std::tm zone{};
  strptime(rest + 4, "%z", &zone);
  return (timegm(&parts) - zone.tm_gmtoff) * 1'000'000 + std::atoi(rest + 1) * 1000;
}

// When each poll came in, of the host's access log: a line says when it was answered, and how long
// that took.
std::vector<std::int64_t> polls_in(const std::string& log, std::int64_t since_us) {
  std::vector<std::int64_t> polls;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    boost::json::error_code error;
    const auto entry = boost::json::parse(line, error);
    if (error || text(entry, "route") != "/v1/mailbox" || text(entry, "method") != "GET") continue;
    const auto came = us_of(text(entry, "time")) - std::atoll(text(entry, "took_us").c_str());
    if (came >= since_us) polls.push_back(came);
  }
  std::sort(polls.begin(), polls.end());
  return polls;
}

// The most in any window as long as a slot, wherever it begins.
std::int64_t peak_of(const std::vector<std::int64_t>& polls) {
  std::ptrdiff_t most = 0;
  auto end = polls.begin();
  for (auto begin = polls.begin(); begin != polls.end(); ++begin) {
    while (end != polls.end() && *end < *begin + kSlotUs) ++end;
    most = std::max(most, end - begin);
  }
  return most;
}

// A neighbour that takes the connection and says nothing, which costs its caller two whole tries.
class Silent {
 public:
  Silent(const std::string& address, int port)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;  // calls of the test before may linger at the port
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    const bool listens = bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
                         ::listen(socket_, 16) == 0;
    EXPECT_TRUE(listens) << address;
  }
  ~Silent() { close(socket_); }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;

 private:
  int socket_;
};

class WakePaceTest : public WakeFleetTest {
 protected:
  WakePaceTest()
      : WakeFleetTest({{"log.level", "debug"},
                       {"log.format", "json"},
                       {"polls.concurrent_max", std::to_string(kPollsMax)}}) {}

  // Wakes all who live; what the host saw from then on, the last of it being in its log.
  std::vector<std::int64_t> polls_of_a_wake() {
    const auto id = apply();
    const auto url = url_of(id);
    const auto before = summary("polls");
    const auto begin_us = now_us();
    testing_support::run({"curl", "-s", "-o", "/dev/null", url});
    EXPECT_TRUE(eventually([&] { return summary("registered") == living_; }, seconds(120)))
        << summary("registered") << " of " << living_;
    took_ = static_cast<double>(now_us() - begin_us) / 1e6;
    EXPECT_EQ(daemon_.stop(), 0);             // its log is whole then
    std::this_thread::sleep_for(seconds(3));  // the summary that counts the last of them
    auto polls = polls_in(daemon_.output(), begin_us);
    EXPECT_EQ(static_cast<std::int64_t>(polls.size()), summary("polls") - before)
        << "the log has every poll that the devices made";
    return polls;
  }
  void print(const std::vector<std::int64_t>& polls) const {
    std::printf("%lld of 1,000 devices woken in %.1f s: %zu polls, at most %lld in any second\n",
                static_cast<long long>(living_), took_, polls.size(),
                static_cast<long long>(peak_of(polls)));
  }

  double took_ = 0;
};

TEST_F(WakePaceTest, NoSecondBringsTheHostMorePollsThanTheWakesShare) {
  start([](int) { return true; });

  const auto polls = polls_of_a_wake();

  print(polls);
  EXPECT_LE(peak_of(polls), kShare);
  // Once each; in 20 s one in a few thousand also has its daily poll.
  EXPECT_LE(polls.size(), static_cast<std::size_t>(kDevices) + 5);
}

// All below a silent neighbour come 6 s late, but between others.
TEST_F(WakePaceTest, NorDoesItWithATenthOfSilentNeighbours) {
  const auto lives = [](int i) { return i == 0 || i % 10 != 3; };
  std::vector<std::unique_ptr<Silent>> silent;
  for (int i = 0; i < kDevices; ++i) {
    if (!lives(i)) silent.push_back(std::make_unique<Silent>(address(i), lan_port()));
  }
  start(lives);

  const auto polls = polls_of_a_wake();

  print(polls);
  EXPECT_LE(peak_of(polls), kShare);
}

}  // namespace
}  // namespace intray::e2e
