// The figures of the README: ratios, measured side by side in one run, medians of 5 rounds.
//   polls            an empty poll with authentication against cpp-httplib's bare 204
//   acknowledgements and registrations of one customer's wave, durable, at 8 and 64 clients against
//                    one client, which pays one fsync each
//   dripping         polls beside 2,000 connections that drip, against quiet
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

#include "tests/bench/wave.hpp"

namespace intray::bench {
namespace {

constexpr int kRounds = 5;
constexpr std::size_t kPollConnections = 16;
constexpr std::size_t kDrippers = 2000;

// Polls for about a second; answers in a second.
double polls(const std::string& address, const Fleet* fleet = nullptr) {
  constexpr std::uint64_t kCheckEvery = 64;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  std::uint64_t sent = 0;
  bool over = false;
  return load(
             address, kPollConnections, std::chrono::seconds(10),
             [&](std::size_t) -> std::optional<std::string> {
               if (++sent % kCheckEvery == 0) over = std::chrono::steady_clock::now() >= end;
               if (over) return std::nullopt;
               const auto token = fleet == nullptr ? std::string(43, 'B')
                                                   : fleet->tokens[sent % fleet->tokens.size()];
               return request("GET", "/v1/mailbox", token);
             },
             [](std::size_t, int status, std::string_view) {
               if (status != 204) {
                 std::fprintf(stderr, "a poll was answered %d\n", status);
                 std::exit(1);
               }
             })
      .per_second();
}

// `goal`: 0 = none was set.
void verdict(const char* what, double ratio, double goal = 0) {
  std::printf("%-58s %6.2f x", what, ratio);
  if (goal > 0) std::printf("   goal >= %.2f: %s", goal, ratio >= goal ? "met" : "MISSED");
  std::printf("\n");
}

// Rate and CPU time: of two servers that share no core with the load, the slower loader of the two
// would else hide which one costs less.
struct Polls {
  std::vector<double> rates, costs;  // a second; microseconds of CPU each
  void add(const std::string& address, pid_t pid, const Fleet* fleet = nullptr) {
    const auto before = cpu_time(pid);
    const auto begun = std::chrono::steady_clock::now();
    rates.push_back(polls(address, fleet));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    const auto used = cpu_time(pid) - before;
    costs.push_back(used.count() * 1e6 / (rates.back() * took.count()));
  }
};

double last_two(const std::vector<double>& values) {
  return (values.back() + values[values.size() - 2]) / 2;
}

void measure_polls(Setting& setting) {
  const BareHttplib bare;
  Polls ours, theirs;
  std::vector<double> ratios, savings;
  for (int round = 0; round < kRounds; ++round) {
    // Theirs before and after ours: the machine's own pace changes within seconds.
    theirs.add(bare.address(), bare.pid());
    for (int i = 0; i < 2; ++i) {
      ours.add(setting.device_address(), setting.daemon().pid(), &setting.fleet());
    }
    theirs.add(bare.address(), bare.pid());
    ratios.push_back(last_two(ours.rates) / last_two(theirs.rates));
    savings.push_back(last_two(theirs.costs) / last_two(ours.costs));
  }
  std::printf("empty poll with authentication: %.0f/s, %.1f us of CPU each\n", median(ours.rates),
              median(ours.costs));
  std::printf("bare cpp-httplib 204:           %.0f/s, %.1f us of CPU each\n", median(theirs.rates),
              median(theirs.costs));
  verdict("  CPU time of bare cpp-httplib against a poll's", median(savings));
  verdict("  poll against bare cpp-httplib", median(ratios), 2);
}

// ---- acknowledgements -------------------------------------------------------------------------

constexpr std::size_t kWaves = 3;
constexpr std::pair<std::size_t, std::size_t> kClientsAndDevices[kWaves] = {
    {1, 400}, {8, 1000}, {64, 2000}};

// Rates of one kind of durable request, by wave and round.
struct Durable {
  const char* what;
  double goal;  // 0 = none
  std::vector<double> rates[kWaves];
  std::vector<double> ratios[kWaves];  // to one client of the same round

  void compare() {
    for (std::size_t wave = 0; wave < kWaves; ++wave) {
      ratios[wave].push_back(rates[wave].back() / rates[0].back());
    }
  }
  void print() const {
    std::printf("%s: %.0f/s at 1 client, %.0f/s at 8, %.0f/s at 64\n", what, median(rates[0]),
                median(rates[1]), median(rates[2]));
    verdict("  8 clients against one fsync each", median(ratios[1]));
    verdict("  64 clients against one fsync each", median(ratios[2]), goal);
  }
};

void measure_acknowledgements(Setting& setting) {
  Durable stops{"acknowledgements of a stop (durable)", 15, {}, {}};
  Durable declines{"acknowledgements that decline (durable, with state and log)", 15, {}, {}};
  Durable registrations{"registrations (durable)", 0, {}, {}};
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < kWaves; ++i) {
      const auto [clients, devices] = kClientsAndDevices[i];
      declines.rates[i].push_back(Wave(setting, devices).decline_all(clients));
      Wave wave(setting, devices);
      registrations.rates[i].push_back(wave.register_all(clients));
      stops.rates[i].push_back(wave.acknowledge_stops(clients));
    }
    for (auto* each : {&stops, &declines, &registrations}) each->compare();
  }
  for (const auto* each : {&stops, &declines, &registrations}) each->print();
}

// ---- dripping -----------------------------------------------------------------------------------

// Connections that send one byte of a head now and then, and come again when they are let go.
class Drippers {
 public:
  Drippers(std::string address, std::size_t count) : address_(std::move(address)) {
    for (std::size_t i = 0; i < count; ++i) sockets_.push_back(connect_to(address_));
    thread_ = std::thread([this] { drip(); });
  }
  ~Drippers() {
    stopping_ = true;
    thread_.join();
    for (const int socket : sockets_) close(socket);
  }

 private:
  void drip() {
    const std::string head = request("GET", "/v1/mailbox", std::string(43, 'B'));
    for (std::size_t position = 0; !stopping_; ++position) {
      for (auto& socket : sockets_) {
        if (write(socket, &head[position % (head.size() - 4)], 1) == 1) continue;
        close(socket);
        socket = connect_to(address_);
      }
      for (int i = 0; i < 10 && !stopping_; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    }
  }
  std::string address_;
  std::vector<int> sockets_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

void measure_dripping(Setting& setting) {
  std::vector<double> quiet, beside, ratios;
  const auto measured = [&] { return polls(setting.device_address(), &setting.fleet()); };
  for (int round = 0; round < kRounds; ++round) {
    const auto before = measured();
    {
      const Drippers drippers(setting.device_address(), kDrippers);
      beside.push_back(measured());
    }
    // Quiet before and after: the machine's own pace changes within seconds.
    quiet.push_back((before + measured()) / 2);
    ratios.push_back(beside.back() / quiet.back());
  }
  std::printf("polls: %.0f/s quiet, %.0f/s beside %zu dripping connections\n", median(quiet),
              median(beside), kDrippers);
  verdict("  polls beside dripping connections against quiet", median(ratios), 0.9);
}

}  // namespace
}  // namespace intray::bench

// Without arguments all three; else those named.
int main(int count, char** arguments) {
  using namespace intray::bench;
  const std::vector<std::string> named(arguments + 1, arguments + count);
  const auto wanted = [&](const char* measure) {
    return named.empty() || std::find(named.begin(), named.end(), measure) != named.end();
  };
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Setting setting(2000);
  if (wanted("polls")) measure_polls(setting);
  if (wanted("acknowledgements")) measure_acknowledgements(setting);
  if (wanted("dripping")) measure_dripping(setting);
  return 0;
}
