// kill -9 again and again while fifty devices are applied for, registered and stopped: what a
// client was told holds, and each (device, service, generation) takes effect once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kDevices = 50;
constexpr int kThreads = 8;
constexpr int kKills = 200;

std::string device_name(int number) { return "K" + std::to_string(1000 + number); }

class KillLoopTest : public testing::Test {
 protected:
  KillLoopTest() {
    std::string csv = "customer,model,device,address\n";
    for (int i = 0; i < kDevices; ++i) csv += "C001,M1001," + device_name(i) + ",192.0.2.1\n";
    daemon_.import(csv);
    administrator_.url = daemon_.administrator_url();
    administrator_.token = daemon_.administrator_token("C001");
    for (int i = 0; i < kDevices; ++i) tokens_.push_back(daemon_.provision(device_name(i)));
  }

  // Asks until the host answers for good: it may be dead, starting, or killed before it replies.
  Reply insist(const cli::Connection& connection, const cli::Call& call) const {
    while (!over_) {
      const auto reply = cli::send(connection, call);
      if (reply && reply->status / 100 != 5) return *reply;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return {};
  }
  Reply as_administrator(const std::string& method, const std::string& path,
                         const std::string& body, bool once) const {
    cli::Call call;
    call.method = method;
    call.path = path;
    call.body = body;
    if (once) call.idempotency_key = cli::new_idempotency_key();
    return insist(administrator_, call);
  }
  Reply as_device(int number, const std::string& method, const std::string& path,
                  const std::string& body) const {
    cli::Connection connection;
    connection.url = daemon_.device_url();
    connection.token = tokens_[static_cast<std::size_t>(number)];
    cli::Call call;
    call.method = method;
    call.path = path;
    call.body = body;
    return insist(connection, call);
  }

  void wrong(const std::string& what) {
    const std::lock_guard lock(mutex_);
    complaints_.push_back(what);
  }

  bool entitled(int number) const {
    const auto reply = as_administrator(
        "GET", "/v1/entitlements?service=service-x&device=" + device_name(number), "", false);
    return !cli::items_of(reply.json).empty();
  }

  // One round of one device; each answer is held against the next look at the host.
  void round(int number) {
    const auto device = device_name(number);
    const auto applied =
        as_administrator("POST", "/v1/applications",
                         R"({"service":"service-x","devices":[")" + device + "\"]}", true);
    if (over_) return;
    if (applied.status != 201) return wrong(device + " apply: " + applied.body);
    const auto waiting = instructions_of(as_device(number, "GET", "/v1/mailbox", ""));
    if (over_) return;
    std::string code;
    for (const auto& instruction : waiting) {
      if (instruction.type == "register-device") code = instruction.code;
    }
    if (code.empty()) return wrong(device + ": an application was accepted, no code waits");
    ++in_flight_;
    const auto registered =
        as_device(number, "POST", "/v1/services/service-x/register", R"({"code":")" + code + "\"}");
    --in_flight_;
    if (over_) return;
    if (registered.status != 200) return wrong(device + " register: " + registered.body);
    ++registrations_;
    if (!entitled(number) && !over_) return wrong(device + ": registered, but not entitled");
    for (const auto& instruction : waiting) {
      as_device(number, "POST",
                "/v1/mailbox/" + std::to_string(instruction.sequence) + "/acknowledge",
                R"({"result":"done"})");
    }
    const auto stopped =
        as_administrator("DELETE", "/v1/entitlements/service-x/" + device, "", false);
    if (over_) return;
    // 404: the answer to an earlier try was lost with the host.
    if (stopped.status != 204 && stopped.status != 404) {
      return wrong(device + " stop: " + stopped.body);
    }
    if (entitled(number) && !over_) wrong(device + ": stopped, but entitled");
  }

  void run_devices(int first) {
    while (!over_) {
      for (int i = first; i < kDevices && !over_; i += kThreads) round(i);
    }
  }

  // Each (device, generation) appears at most once among the registrations of the log.
  void expect_each_effect_once() {
    std::map<std::string, int> effects;
    int registered = 0;
    std::string since = "0";
    for (;;) {
      const auto reply =
          daemon_.as_administrator("C001", "GET", "/v1/events?limit=500&since=" + since);
      const auto& items = cli::items_of(reply.json);
      for (const auto& row : items) {
        since = text(row, "sequence");
        if (text(row, "topic") != "enrolment.registered") continue;
        const auto generation = text(row.at("payload"), "generation");
        EXPECT_FALSE(generation.empty());
        ++effects[text(row, "object") + "/" + generation];
        ++registered;
      }
      if (items.size() < 500) break;
    }
    for (const auto& [effect, times] : effects) EXPECT_EQ(times, 1) << effect;
    EXPECT_GE(registered, registrations_.load());
  }

  Daemon daemon_;
  cli::Connection administrator_;
  std::vector<std::string> tokens_;
  std::atomic<bool> over_{false};
  std::atomic<int> in_flight_{0};
  std::atomic<int> registrations_{0};
  std::mutex mutex_;
  std::vector<std::string> complaints_;
};

TEST_F(KillLoopTest, TwoHundredKillsLoseNothingAndRepeatNothing) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back([this, i] { run_devices(i); });
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> delay(0, 4000);
  int kills = 0, least = kDevices, unsound = 0;
  while (kills < kKills) {
    if (!testing_support::eventually([&] { return in_flight_ > 0; }, seconds(30))) break;
    // Not always at the same step of it.
    std::this_thread::sleep_for(std::chrono::microseconds(delay(random)));
    const int in_flight = in_flight_;
    daemon_.kill9();
    if (in_flight == 0) {  // it ended between the look and the kill: does not count
      daemon_.start();
      continue;
    }
    least = std::min(least, in_flight);
    ++kills;
    daemon_.start();
    const auto broken = daemon_.check();
    unsound += broken.empty() ? 0 : 1;
    for (const auto& sentence : broken) ADD_FAILURE() << "after kill " << kills << ": " << sentence;
    if (HasFailure()) break;
  }
  over_ = true;
  for (auto& thread : threads) thread.join();

  std::printf("%d kills, each with >= %d registrations in flight; %d registrations answered\n",
              kills, least, registrations_.load());
  EXPECT_EQ(kills, kKills);
  EXPECT_GE(least, 1);
  EXPECT_EQ(unsound, 0);
  EXPECT_THAT(complaints_, testing::IsEmpty());
  expect_each_effect_once();
}

}  // namespace
}  // namespace intray::e2e
