// The command line and a host whose administrators' listener speaks https with its own authority.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/certificate.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class CommandLineHttpsTest : public testing::Test {
 protected:
  CommandLineHttpsTest() {
    testing_support::make_certificate(dir_.path() / "host", "IP:127.0.0.1");
    testing_support::make_certificate(dir_.path() / "other", "IP:127.0.0.1");
    daemon_.emplace(Settings{{"administrators.tls_certificate", file("host.pem")},
                             {"administrators.tls_key", file("host.key")}});
    daemon_->import(fig9_inventory());
    token_ = daemon_->administrator_token("C001");
  }
  std::string file(const std::string& name) const { return (dir_.path() / name).string(); }
  testing_support::Outcome services(const std::vector<std::string>& more) const {
    std::vector<std::string> words{program("intray")};
    words.insert(words.end(), more.begin(), more.end());
    words.emplace_back("services");
    return testing_support::run(
        words, {{"INTRAY_URL", daemon_->administrator_url()}, {"INTRAY_TOKEN", token_}});
  }

  testing_support::TempDir dir_;
  std::optional<Daemon> daemon_;
  std::string token_;
};

TEST_F(CommandLineHttpsTest, TheHostsOwnAuthorityIsBelieved) {
  ASSERT_EQ(daemon_->administrator_url().rfind("https://", 0), 0U);
  const auto listed = services({"--ca", file("host.pem")});
  EXPECT_EQ(listed.exit_code, cli::kOk) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("service-x"));
}

TEST_F(CommandLineHttpsTest, WithoutItOrWithAnotherOneNothingIsSentAndTheWordsSayWhy) {
  for (const auto& more :
       {std::vector<std::string>{}, std::vector<std::string>{"--ca", file("other.pem")}}) {
    const auto refused = services(more);
    EXPECT_EQ(refused.exit_code, cli::kUnreachable) << refused.output;
    EXPECT_THAT(refused.output, HasSubstr("certificate"));
    EXPECT_THAT(refused.output, HasSubstr("with --ca"));
    EXPECT_THAT(refused.output, Not(HasSubstr(token_)));
  }
}

TEST_F(CommandLineHttpsTest, AnAuthorityThatIsNoFileIsNamed) {
  const auto refused = services({"--ca", file("none.pem")});
  EXPECT_NE(refused.exit_code, cli::kOk);
  EXPECT_THAT(refused.output, HasSubstr("none.pem"));
}

}  // namespace
}  // namespace intray::e2e
