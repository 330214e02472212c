#include "host/cli/links.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/process.hpp"

namespace intray::cli {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(LinksTest, AScriptIsShellAndKeepsItsTurns) {
  const auto script = script_of({{"D1", "http://127.0.0.1:1/doPolling?t=a", milliseconds(0)},
                                 {"D'2", "http://127.0.0.1:1/doPolling?t=b", milliseconds(50)}});

  const auto outcome = testing_support::run({"/bin/sh", "-c", script});

  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(script, HasSubstr("sleep 0.050"));
  EXPECT_THAT(outcome.output, HasSubstr("D1 000"));
  EXPECT_THAT(outcome.output, HasSubstr("D'2 000")) << "a quote in a name is no shell";
}

TEST(LinksTest, AUrlBecomesAQrCodeAndOneThatIsTooLongSaysSo) {
  const auto code = qr_of("https://111.222.111.1/doPolling?t=" + std::string(200, 'A'));
  ASSERT_TRUE(code);
  EXPECT_THAT(*code, HasSubstr("█"));

  const auto large = qr_of(std::string(3000, 'A'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().status, INTRAY_E_TOO_LARGE);
}

}  // namespace
}  // namespace intray::cli
