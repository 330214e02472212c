#include "tests/e2e/wake_fleet.hpp"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "host/cli/output.hpp"

namespace intray::e2e {
namespace {

using std::chrono::seconds;
using testing_support::eventually;

}  // namespace

int WakeFleetTest::lan_port() { return 20'000 + getpid() % 10'000; }

void WakeFleetTest::start(const std::function<bool(int)>& lives) {
  std::string csv = "customer,model,device,address\n";
  for (int i = 0; i < devices_; ++i) csv += "C001,M1001," + name(i) + "," + address(i) + "\n";
  daemon_.import(csv);
  ASSERT_TRUE(
      daemon_
          .as_operator("PATCH", "/v1/operator/customers/C001",
                       R"({"wake_scheme":"http","wake_port":)" + std::to_string(lan_port()) + "}")
          .ok());
  std::ofstream tokens(dir_.path() / "tokens");
  for (int i = 0; i < devices_; ++i) {
    if (!lives(i)) continue;
    const auto made =
        daemon_.as_operator("POST", "/v1/operator/devices/" + name(i) + "/provisioning-code");
    tokens << name(i) << " code:" << text(made.json, "code") << ' ' << address(i) << '\n';
    ++living_;
  }
  tokens.close();
  fleet_ = testing_support::Process({program("fleet"), "--server", daemon_.device_url(), "--tokens",
                                     (dir_.path() / "tokens").string(), "--lan-port",
                                     std::to_string(lan_port()), "--allow-loopback", "--json"},
                                    dir_.path() / "fleet");
  ASSERT_TRUE(eventually([&] { return summary("polls") >= living_; }, seconds(60)))
      << fleet_.output();
}

std::int64_t WakeFleetTest::summary(const std::string& member) const {
  std::istringstream lines(fleet_.output());
  std::string newest;
  for (std::string line; std::getline(lines, line);) newest = line;
  boost::json::error_code error;
  return number(boost::json::parse(newest, error), member);
}

std::string WakeFleetTest::apply() {
  const auto applied =
      daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
  EXPECT_TRUE(applied.ok()) << applied.body;
  const auto id = text(cli::items_of(applied.json, "applications").at(0), "id");
  EXPECT_TRUE(eventually([&] {
    const auto reply = daemon_.as_administrator("C001", "GET", "/v1/applications/" + id);
    return number(reply.json.at("counts"), "posted") == devices_;
  }));
  return id;
}

testing_support::Outcome WakeFleetTest::wake(const std::string& id,
                                             const std::vector<std::string>& more) {
  std::vector<std::string> words{program("intray"), "wake", id, "--tree"};
  words.insert(words.end(), more.begin(), more.end());
  return testing_support::run(words,
                              {{"INTRAY_URL", daemon_.administrator_url()},
                               {"INTRAY_TOKEN", daemon_.administrator_token("C001")}},
                              seconds(200));
}

std::string WakeFleetTest::url_of(const std::string& id) {
  const auto links = wake(id, {"--links", "--json"});
  return text(cli::items_of(boost::json::parse(links.output), "urls").at(0), "url");
}

}  // namespace intray::e2e
