// After a whole run no secret lies in the store or in the log: codes are derived, tokens and
// provisioning codes hashed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string bytes_of(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return std::move(bytes).str();
}

TEST(SecretsTest, NoCodeOrTokenLiesInTheStoreOrTheLog) {
  const Settings chatty = {{"log.level", "debug"}};
  Daemon daemon(chatty);
  daemon.import(fig9_inventory());
  const auto administrator = daemon.administrator_token("C001");
  const auto provisioning = text(
      daemon.as_operator("POST", "/v1/operator/devices/D10010101/provisioning-code").json, "code");
  const std::string device(43, 'Q');
  ASSERT_EQ(daemon
                .as_device("", "POST", "/v1/provision",
                           R"({"device":"D10010101","code":")" + provisioning + R"(","token":")" +
                               device + "\"}")
                .status,
            200);
  ASSERT_EQ(
      daemon.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})")
          .status,
      201);
  const auto waiting = instructions_of(daemon.poll(device));
  ASSERT_EQ(waiting.size(), 1U);
  const auto code = waiting[0].code;
  const std::string wrong = "WRONGCODEWRONGCODEWRONGCOD";
  for (const auto& sent : {wrong, code}) {
    daemon.as_device(device, "POST", "/v1/services/service-x/register",
                     R"({"code":")" + sent + "\"}");
  }
  ASSERT_EQ(daemon.stop(), 0);

  const auto store = bytes_of(daemon.directory() / "store" / "data.mdb");
  ASSERT_THAT(store, HasSubstr("D10010101")) << "the right file";
  for (const auto& secret : {administrator, provisioning, device, code, wrong}) {
    EXPECT_EQ(store.find(secret), std::string::npos);
    EXPECT_EQ(daemon.output().find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace intray::e2e
