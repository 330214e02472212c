// The figures of the README: ratios, measured side by side in one run, medians of 5 rounds.
//   polls            an empty poll with authentication against cpp-httplib's bare 204
//   acknowledgements durable ones of one customer's wave at 8 and 64 clients against one client,
//                    which pays one fsync each
//   dripping         polls beside 2,000 connections that drip, against quiet
#include <sys/resource.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "host/cli/output.hpp"
#include "tests/bench/setting.hpp"

namespace intray::bench {
namespace {

constexpr int kRounds = 5;
constexpr std::size_t kPollConnections = 16;
constexpr std::size_t kDrippers = 2000;

// Polls for about a second; answers in a second.
double polls(const std::string& address, const Fleet* fleet) {
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

void verdict(const char* what, double ratio, double goal, const char* sense) {
  std::printf("%-58s %6.2f x   goal %s %.2f: %s\n", what, ratio, sense, goal,
              (sense[0] == '>' ? ratio >= goal : ratio <= goal) ? "met" : "MISSED");
}

void measure_polls(Setting& setting) {
  const BareHttplib bare;
  std::vector<double> ours, theirs, ratios;
  for (int round = 0; round < kRounds; ++round) {
    theirs.push_back(polls(bare.address(), nullptr));
    ours.push_back(polls(setting.device_address(), &setting.fleet()));
    ratios.push_back(ours.back() / theirs.back());
  }
  std::printf("empty poll with authentication: %.0f/s; bare cpp-httplib 204: %.0f/s\n",
              median(ours), median(theirs));
  verdict("  poll against bare cpp-httplib", median(ratios), 2, ">=");
}

// ---- acknowledgements -------------------------------------------------------------------------

// The customer applies for its whole fleet again; then each device declines, durably.
double acknowledgements(Setting& setting, std::size_t clients, std::size_t count) {
  const auto& fleet = setting.fleet();
  std::string devices;
  for (std::size_t i = 0; i < count; ++i) {
    devices += (i == 0 ? "\"" : ",\"") + fleet.devices[i] + "\"";
  }
  const auto applied = setting.daemon().as_administrator(
      "C001", "POST", "/v1/applications",
      R"({"service":"service-x","reissue":true,"devices":[)" + devices + "]}");
  if (!applied.ok()) {
    std::fprintf(stderr, "apply: %s\n", applied.body.c_str());
    std::exit(1);
  }
  // A large application posts in chunks: wait until all wait.
  std::vector<std::uint64_t> sequences(count);
  for (std::size_t i = 0; i < count; ++i) {
    testing_support::eventually([&] {
      const auto waiting = e2e::instructions_of(setting.daemon().poll(fleet.tokens[i]));
      if (!waiting.empty()) sequences[i] = waiting.back().sequence;
      return !waiting.empty();
    });
  }
  std::size_t next = 0;
  return load(
             setting.device_address(), clients, std::chrono::seconds(60),
             [&](std::size_t) -> std::optional<std::string> {
               if (next == count) return std::nullopt;
               const auto i = next++;
               return request("POST",
                              "/v1/mailbox/" + std::to_string(sequences[i]) + "/acknowledge",
                              fleet.tokens[i], R"({"result":"refused"})");
             },
             [](std::size_t, int status, std::string_view) {
               if (status != 204) std::fprintf(stderr, "an acknowledgement got %d\n", status);
             })
      .per_second();
}

void measure_acknowledgements(Setting& setting) {
  const std::pair<std::size_t, std::size_t> waves[] = {{1, 400}, {8, 1000}, {64, 2000}};
  std::vector<double> rates[3];
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < 3; ++i) {
      rates[i].push_back(acknowledgements(setting, waves[i].first, waves[i].second));
    }
  }
  std::vector<double> eight, many;
  for (int round = 0; round < kRounds; ++round) {
    const auto r = static_cast<std::size_t>(round);
    eight.push_back(rates[1][r] / rates[0][r]);
    many.push_back(rates[2][r] / rates[0][r]);
  }
  std::printf("durable acknowledgements: %.0f/s at 1 client, %.0f/s at 8, %.0f/s at 64\n",
              median(rates[0]), median(rates[1]), median(rates[2]));
  std::printf("%-58s %6.2f x\n", "  8 clients against one fsync each", median(eight));
  verdict("  64 clients against one fsync each", median(many), 15, ">=");
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
  for (int round = 0; round < kRounds; ++round) {
    quiet.push_back(polls(setting.device_address(), &setting.fleet()));
    const Drippers drippers(setting.device_address(), kDrippers);
    beside.push_back(polls(setting.device_address(), &setting.fleet()));
    ratios.push_back(beside.back() / quiet.back());
  }
  std::printf("polls: %.0f/s quiet, %.0f/s beside %zu dripping connections\n", median(quiet),
              median(beside), kDrippers);
  verdict("  polls beside dripping connections against quiet", median(ratios), 0.9, ">=");
}

}  // namespace
}  // namespace intray::bench

int main() {
  using namespace intray::bench;
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Setting setting(2000);
  measure_polls(setting);
  measure_acknowledgements(setting);
  measure_dripping(setting);
  return 0;
}
