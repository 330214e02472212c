#include "tests/bench/setting.hpp"

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <cstdlib>

#include "host/cli/output.hpp"

namespace intray::bench {
namespace {

constexpr std::size_t kSetupConnections = 16;

// The answers' bodies in the order of the requests.
std::vector<std::string> ask_all(const std::string& address, std::size_t count,
                                 const NumberedRequest& request_of) {
  std::vector<std::string> bodies(count);
  load_each(address, kSetupConnections, count, request_of,
            [&](std::size_t number, int status, std::string_view body) {
              if (status / 100 != 2) {
                std::fprintf(stderr, "setup: %d %.*s\n", status, static_cast<int>(body.size()),
                             body.data());
                std::exit(1);
              }
              bodies[number] = body;
            });
  return bodies;
}

std::string token_of(std::size_t index) {
  auto token = std::to_string(index);
  token.insert(0, 43 - token.size(), 'B');
  return token;
}

}  // namespace

void pin(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  sched_setaffinity(0, sizeof set, &set);
}

Setting::Setting(std::size_t devices)
    : daemon_([] {
        pin(0);
        return e2e::Settings{{"log.level", "warn"}};
      }()) {
  pin(1);
  std::string csv = "customer,model,device,address\n";
  for (std::size_t i = 0; i < devices; ++i) {
    fleet_.devices.push_back("D" + std::to_string(1'000'000 + i));
    csv += "C001,M1001," + fleet_.devices.back() + ",192.0.2.1\n";
  }
  daemon_.import(csv);
  provision();
}

void Setting::provision() {
  const auto codes =
      ask_all("unix:" + daemon_.socket_path(), fleet_.devices.size(), [&](std::size_t i) {
        return request("POST", "/v1/operator/devices/" + fleet_.devices[i] + "/provisioning-code",
                       "", "{}");
      });
  ask_all(device_address(), fleet_.devices.size(), [&](std::size_t i) {
    const auto code = cli::text_of(boost::json::parse(codes[i]), "code");
    fleet_.tokens.push_back(token_of(i));
    return request("POST", "/v1/provision", "",
                   R"({"device":")" + fleet_.devices[i] + R"(","code":")" + code +
                       R"(","token":")" + token_of(i) + "\"}");
  });
}

std::string Setting::device_address() const {
  return daemon_.device_url().substr(std::string("http://").size());
}

std::string Setting::customer_address() const {
  return daemon_.administrator_url().substr(std::string("http://").size());
}

BareHttplib::BareHttplib() {
  pin(0);
  process_ = testing_support::Process({e2e::program("bench_bare_httplib")}, dir_.path() / "port");
  pin(1);
  testing_support::eventually([&] { return process_.output().find('\n') != std::string::npos; });
  address_ = "127.0.0.1:" + std::to_string(std::atoi(process_.output().c_str()));
}

std::chrono::duration<double> cpu_time(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  clock_getcpuclockid(pid, &clock);
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace intray::bench
