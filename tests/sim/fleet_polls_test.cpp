// 10,000 devices for three days, a real core each, on a simulated clock. All of them are switched
// on in the same moment, which is what a power cut in an office district does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <intray/device.hpp>
#include <memory>
#include <numeric>
#include <queue>
#include <string>
#include <vector>

namespace intray {
namespace {

constexpr std::uint64_t kMinuteMs = 60'000;
constexpr std::uint64_t kDayMs = 1440 * kMinuteMs;

/// The host as the fleet meets it: counts each minute's polls, and may be down for a while.
struct SimulatedHost {
  std::uint64_t now_ms = 0;
  std::uint64_t down_from_ms = 0, down_until_ms = 0;
  std::vector<int> polls_per_minute = std::vector<int>(3 * 1440);

  int answer() {
    ++polls_per_minute.at(now_ms / kMinuteMs);
    return now_ms >= down_from_ms && now_ms < down_until_ms ? 0 : 204;
  }
};

/// A provisioned device whose flash holds nothing: the token is given at each start.
class SimulatedDevice : public DeviceTransport, public DeviceStorage {
 public:
  SimulatedDevice(SimulatedHost& host, int number)
      : host_(host), id_("D" + std::to_string(10'000'000 + number)), random_(number + 1) {
    intray_device_options options{};
    options.device_id = id_.c_str();
    options.server = "https://host.example";
    options.transport = table_of(static_cast<DeviceTransport&>(*this));
    options.storage = table_of(static_cast<DeviceStorage&>(*this));
    options.random = {this, [](void* context, std::uint8_t* bytes, std::size_t size) {
                        auto& state = static_cast<SimulatedDevice*>(context)->random_;
                        for (std::size_t i = 0; i < size; ++i) {
                          state = state * 6364136223846793005ULL + 1442695040888963407ULL;
                          bytes[i] = static_cast<std::uint8_t>(state >> 56);
                        }
                        return true;
                      }};
    EXPECT_TRUE(device_.init(options));
    EXPECT_TRUE(device_.adopt_token(std::string(43, 'T').c_str()));
  }

  std::uint64_t step(std::uint64_t now_ms) {
    return device_.step(Device::Milliseconds(now_ms)).count();
  }

  bool start(unsigned, const intray_device_request&) noexcept override {
    status_ = host_.answer();
    return true;
  }
  bool poll(unsigned, intray_device_reply& reply) noexcept override {
    reply.status = status_;
    reply.next_poll = "86400";
    return true;
  }
  void cancel(unsigned) noexcept override {}
  std::int32_t get(const char*, void*, std::size_t) noexcept override { return 0; }
  bool put(const char*, const void*, std::size_t) noexcept override { return true; }

 private:
  SimulatedHost& host_;
  std::string id_;
  std::uint64_t random_;
  int status_ = 0;
  Device device_;
};

void run(SimulatedHost& host, int devices, std::uint64_t until_ms) {
  std::vector<std::unique_ptr<SimulatedDevice>> fleet;
  using Due = std::pair<std::uint64_t, int>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> queue;
  for (int i = 0; i < devices; ++i) {
    fleet.push_back(std::make_unique<SimulatedDevice>(host, i));
    queue.emplace(0, i);
  }
  while (queue.top().first < until_ms) {
    const auto [due_ms, number] = queue.top();
    queue.pop();
    host.now_ms = due_ms;
    queue.emplace(std::max(fleet[static_cast<std::size_t>(number)]->step(due_ms), due_ms + 1),
                  number);
  }
}

/// The heaviest `minutes` in a row, wherever they begin.
int heaviest(const std::vector<int>& polls, int minutes) {
  int sum = std::accumulate(polls.begin(), polls.begin() + minutes, 0);
  int most = sum;
  for (std::size_t i = static_cast<std::size_t>(minutes); i < polls.size(); ++i) {
    sum += polls[i] - polls[i - static_cast<std::size_t>(minutes)];
    most = std::max(most, sum);
  }
  return most;
}

TEST(FleetPollsTest, TenThousandDevicesSpreadOverTheDay) {
  SimulatedHost host;
  run(host, 10'000, 3 * kDayMs);

  const auto& polls = host.polls_per_minute;
  const int total = std::accumulate(polls.begin(), polls.end(), 0);
  const double mean = static_cast<double>(total) / static_cast<double>(polls.size());
  const int minute = heaviest(polls, 1);
  const int quarter = heaviest(polls, 15);
  std::printf("10,000 devices, 3 days: %d polls, mean %.2f a minute\n", total, mean);
  std::printf("heaviest minute %d (%.2f x the mean, limit 3)\n", minute, minute / mean);
  std::printf("heaviest quarter of an hour %d (%.2f x the mean, limit 1.5)\n", quarter,
              quarter / (15 * mean));

  EXPECT_EQ(total, 30'000) << "each device once a day";
  EXPECT_LE(minute, 3 * mean);
  EXPECT_LE(quarter, 1.5 * 15 * mean);
}

TEST(FleetPollsTest, AfterAnOutageTheFleetComesBackSpreadAndKeepsItsPhases) {
  SimulatedHost host;
  host.down_from_ms = kDayMs;
  host.down_until_ms = kDayMs + 60 * kMinuteMs;
  run(host, 10'000, 3 * kDayMs);

  // Those who failed, some 417, try again within at most five minutes each.
  const auto& polls = host.polls_per_minute;
  const int after = *std::max_element(polls.begin() + 1500, polls.begin() + 1510);
  std::printf("after an hour's outage: heaviest minute %d\n", after);
  EXPECT_LE(after, 417 + 21);
  const std::vector<int> day_three(polls.begin() + 2 * 1440, polls.end());
  const std::vector<int> day_one(polls.begin(), polls.begin() + 1440);
  EXPECT_EQ(day_three, day_one);
}

}  // namespace
}  // namespace intray
