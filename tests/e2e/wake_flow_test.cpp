// Waking, with real devices: virtual MFPs on loopback addresses that poll once a day, and the
// administrator's terminal (FIG. 8, FIG. 10, FIG. 11A/B; Embodiments 2, 3 and 4).
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/parse.hpp>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing_support::eventually;
using testing_support::Outcome;

// A port that is free on loopback just now.
std::string free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  close(socket);
  return std::to_string(ntohs(address.sin_port));
}

class WakeFlowTest : public testing::Test {
 protected:
  // Devices "A", "B", ... of C001, each on its own address, with their tokens, asleep for a day.
  void start_devices(int count) {
    std::string csv = "customer,model,device,address\n";
    for (int i = 0; i < count; ++i) csv += "C001,M1001," + name(i) + "," + address(i) + "\n";
    daemon_.import(csv);
    ASSERT_TRUE(daemon_
                    .as_operator("PATCH", "/v1/operator/customers/C001",
                                 R"({"wake_scheme":"http","wake_port":)" + port_ + "}")
                    .ok());
    for (int i = 0; i < count; ++i) {
      const auto made =
          daemon_.as_operator("POST", "/v1/operator/devices/" + name(i) + "/provisioning-code");
      mfps_.emplace_back(
          std::vector<std::string>{program("virtual_mfp"), "--device", name(i), "--server",
                                   daemon_.device_url(), "--code", text(made.json, "code"),
                                   "--directory", (dir_.path() / name(i)).string(),
                                   "--allow-loopback", "--lan", address(i) + ":" + port_},
          dir_.path() / (name(i) + ".panel"));
    }
    ASSERT_TRUE(eventually([&] {
      const auto polled =
          column(daemon_.as_administrator("C001", "GET", "/v1/devices"), "last_poll");
      return std::count(polled.begin(), polled.end(), "") == 0;
    })) << mfps_[0].output();
  }
  static std::string name(int i) { return std::string(1, static_cast<char>('A' + i)); }
  static std::string address(int i) { return "127.0.9." + std::to_string(i + 1); }

  std::string apply() {
    const auto applied =
        daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
    EXPECT_EQ(applied.status, 201) << applied.body;
    return text(cli::items_of(applied.json, "applications").at(0), "id");
  }
  Outcome intray(std::vector<std::string> words) {
    words.insert(words.begin(), program("intray"));
    return testing_support::run(words, {{"INTRAY_URL", daemon_.administrator_url()},
                                        {"INTRAY_TOKEN", daemon_.administrator_token("C001")}});
  }
  std::size_t registered() {
    return cli::items_of(daemon_.as_administrator("C001", "GET", "/v1/entitlements").json).size();
  }
  // Wakes in this mode; how long until all were registered.
  std::chrono::duration<double> wake(const std::string& id, const std::string& mode) {
    const auto begin = steady_clock::now();
    const auto outcome = intray({"wake", id, mode, "--timeout", "20"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return steady_clock::now() - begin;
  }
  // What a device's screen showed, one line an entry.
  std::vector<std::string> panel(int i) const {
    std::istringstream lines(mfps_[static_cast<std::size_t>(i)].output());
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) all.push_back(line);
    return all;
  }
  static std::size_t lines_with(const std::vector<std::string>& lines, const std::string& part) {
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(),
        [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }

  testing_support::TempDir dir_;
  Daemon daemon_;
  std::string port_ = free_port();
  std::vector<testing_support::Process> mfps_;
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::duration<double> kSoon = seconds(15);  // all of it is many times slower
#else
constexpr std::chrono::duration<double> kSoon = seconds(2);
#endif

TEST_F(WakeFlowTest, Figure8TheTerminalWakesEachSelectedDevice) {
  start_devices(3);
  const auto id = apply();
  EXPECT_EQ(registered(), 0U) << "they poll once a day";

  const auto one = intray({"wake", id, "--device", "B", "--timeout", "20"});
  EXPECT_EQ(one.exit_code, 0) << one.output;
  EXPECT_EQ(registered(), 1U) << "only the selected one";

  EXPECT_LT(wake(id, "--each"), kSoon);
  EXPECT_EQ(registered(), 3U);
}

TEST_F(WakeFlowTest, Figure10AUrlForEachDeviceIsOpenedByHand) {
  start_devices(2);
  const auto id = apply();

  const auto links = intray({"wake", id, "--each", "--links", "--json"});
  ASSERT_EQ(links.exit_code, 0) << links.output;
  const auto plan = boost::json::parse(links.output);
  for (const auto& url : cli::items_of(plan, "urls")) {
    EXPECT_EQ(testing_support::run(
                  {"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", text(url, "url")})
                  .output,
              "200");
  }

  EXPECT_TRUE(eventually([&] { return registered() == 2; }));
}

TEST_F(WakeFlowTest, Figure11OneUrlWakesOneDeviceWhichWakesTheOthers) {
  start_devices(4);

  EXPECT_LT(wake(apply(), "--relay"), kSoon);

  EXPECT_EQ(registered(), 4U);
  EXPECT_EQ(lines_with(panel(0), "Woke "), 3U) << "A woke B, C and D";
}

TEST_F(WakeFlowTest, FourteenDevicesWakeAsATreeAndEachRegistersBeforeItRelays) {
  start_devices(14);
  const auto id = apply();

  const auto outcome = intray({"wake", id, "--tree", "--fanout", "4", "--timeout", "30"});

  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_EQ(registered(), 14U);
  std::size_t messages = 0;
  for (int i = 0; i < 14; ++i) {
    const auto lines = panel(i);
    messages += lines_with(lines, "Woke ");
    const auto relayed = std::find_if(lines.begin(), lines.end(), [](const auto& line) {
      return line.find("Woke ") != std::string::npos;
    });
    EXPECT_TRUE(relayed == lines.end() ||
                lines_with({lines.begin(), relayed}, "Registered with") == 1)
        << name(i) << " relayed before it was registered";
  }
  EXPECT_EQ(messages, 13U) << "each but the first was woken once, by a neighbour";
}

TEST_F(WakeFlowTest, AUrlThatIsOpenedAgainCausesNothing) {
  start_devices(2);
  const auto id = apply();
  const auto links = intray({"wake", id, "--relay", "--links", "--json"});
  const auto url = text(cli::items_of(boost::json::parse(links.output), "urls").at(0), "url");
  for (int i = 0; i < 50; ++i) {
    testing_support::run({"curl", "-s", "-o", "/dev/null", url});
  }

  EXPECT_TRUE(eventually([&] { return registered() == 2; }));
  EXPECT_EQ(lines_with(panel(0), "Woken"), 1U);
  EXPECT_EQ(lines_with(panel(0), "Woke "), 1U);
}

}  // namespace
}  // namespace intray::e2e
