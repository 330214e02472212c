// A plugin that was built outside the tree, in C99 with clang, against the installed package: it
// loads into the real host and serves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

TEST(OutsidePluginTest, ACPluginFromThePackageIsAppliedForAndRegistersADevice) {
  const testing_support::TempDir plugins;
  const std::filesystem::path build = INTRAY_BUILD_DIR;
  for (const auto& file :
       {build / "plugins/registration.so", build / "outside/plugins/outside_c99.so"}) {
    std::filesystem::copy_file(file, plugins.path() / file.filename());
  }
  const Settings own_plugins = {{"plugins.directory", plugins.path().string()}};
  Daemon daemon(own_plugins);
  daemon.import("customer,model,device,address\nC001,M9001,D9,192.0.2.9\n");

  // One service is offered, so it need not be named (claim 11's shortest application).
  const auto applied = daemon.as_administrator("C001", "POST", "/v1/applications", "{}");
  ASSERT_EQ(applied.status, 201) << applied.body;
  const auto token = daemon.provision("D9");
  const auto waiting = instructions_of(daemon.poll(token));
  ASSERT_EQ(waiting.size(), 1U);
  const auto registered =
      daemon.as_device(token, "POST", waiting[0].url.substr(waiting[0].url.find("/v1/")),
                       R"({"code":")" + waiting[0].code + "\"}");

  EXPECT_EQ(registered.status, 200) << registered.body;
  EXPECT_THAT(column(daemon.as_administrator("C001", "GET", "/v1/entitlements"), "service"),
              testing::ElementsAre("outside-c99"));
  EXPECT_THAT(column(daemon.as_operator("GET", "/v1/operator/plugins"), "state"),
              testing::Each("running"));
}

}  // namespace
}  // namespace intray::e2e
