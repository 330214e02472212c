#include "host/cli/links.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <qrencode.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <sstream>

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

using Modules = std::vector<std::vector<bool>>;  // rows; true = dark

// What a camera would see on a dark terminal: each half of a character is one module. Nothing when
// the lines hold other characters, or are not equally long.
std::optional<Modules> modules_on(const std::string& printed) {
  const std::map<std::string, std::pair<bool, bool>> halves = {
      {"█", {false, false}}, {"▀", {false, true}}, {"▄", {true, false}}, {" ", {true, true}}};
  Modules rows;
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    std::vector<bool> upper, lower;
    for (std::size_t at = 0; at < line.size();) {
      const auto size = line[at] == ' ' ? 1U : 3U;
      const auto found = halves.find(line.substr(at, size));
      if (found == halves.end()) return std::nullopt;
      upper.push_back(found->second.first);
      lower.push_back(found->second.second);
      at += size;
    }
    if (!rows.empty() && rows.back().size() != upper.size()) return std::nullopt;
    rows.push_back(std::move(upper));
    rows.push_back(std::move(lower));
  }
  return rows;
}

// The code of the text as libqrencode makes it, within a margin.
Modules modules_of(const std::string& text, std::size_t margin) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_L), QRcode_free);
  const auto width = static_cast<std::size_t>(code->width);
  Modules rows(width + 2 * margin, std::vector<bool>(width + 2 * margin));
  for (std::size_t y = 0; y < width; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      rows[y + margin][x + margin] = (code->data[y * width + x] & 1U) != 0;
    }
  }
  return rows;
}

TEST(LinksTest, ThePrintedQrCodeHasTheVeryModulesOfTheUrl) {
  for (const std::size_t size : {1U, 30U, 200U, 1530U, 2900U}) {
    const auto url = "https://111.222.111.1/doPolling?t=" + std::string(size, 'A');
    const auto printed = qr_of(url);
    ASSERT_TRUE(printed) << size;

    auto seen = modules_on(*printed);

    ASSERT_TRUE(seen) << size;
    auto expected = modules_of(url, 2);
    // The width is odd: the last line of characters has a row too many, which is light.
    ASSERT_EQ(seen->size(), expected.size() + 1);
    EXPECT_EQ(std::count(seen->back().begin(), seen->back().end(), true), 0);
    seen->pop_back();
    EXPECT_EQ(*seen, expected) << size;
    EXPECT_NE(*seen, modules_of(url.substr(0, url.size() - 1) + 'B', 2)) << "it tells URLs apart";
  }
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
