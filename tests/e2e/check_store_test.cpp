// intrayd --check-store: the proof without a daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing_support::Outcome;

class CheckStoreTest : public testing::Test {
 protected:
  CheckStoreTest() {
    daemon_.import(fig9_inventory());
    EXPECT_EQ(
        daemon_.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})")
            .status,
        201);
    EXPECT_EQ(daemon_.stop(), 0);
  }
  Outcome check(const Settings& settings = {}) const {
    auto words = daemon_.command_line();
    words.emplace_back("--check-store");
    for (const auto& [key, value] : settings)
      words.insert(words.end(), {"--set", key + "=" + value});
    return testing_support::run(words);
  }

  Daemon daemon_;
};

TEST_F(CheckStoreTest, ASoundStoreIsProvedAndStaysAsItWas) {
  for (int i = 0; i < 2; ++i) {
    const auto sound = check();
    EXPECT_EQ(sound.exit_code, 0) << sound.output;
    EXPECT_THAT(sound.output, HasSubstr("the store is sound"));
  }
  daemon_.start();
  EXPECT_THAT(daemon_.check(), testing::IsEmpty());
}

TEST_F(CheckStoreTest, RowsWhosePluginIsNotThereAreNotCalledSound) {
  const testing_support::TempDir none;
  const auto unproved = check({{"plugins.directory", none.path().string()}});
  EXPECT_EQ(unproved.exit_code, 1);
  EXPECT_THAT(unproved.output, HasSubstr("the rows of plugin intray.registration are not proved"));
}

TEST_F(CheckStoreTest, AChangedByteIsFound) {
  // A bit of the payload of some row: its checksum, or the plugin that reads it, notices.
  const auto file = daemon_.directory() / "store" / "data.mdb";
  std::fstream data(file, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes(std::filesystem::file_size(file), '\0');
  data.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  int changed = 0;
  for (auto at = bytes.find("\"nonce\""); at != std::string::npos;
       at = bytes.find("\"nonce\"", at + 1)) {
    data.seekp(static_cast<std::streamoff>(at + 1));
    data.put('N');
    ++changed;
  }
  data.close();
  ASSERT_GT(changed, 0);

  const auto broken = check();
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.output, HasSubstr("broken: "));
}

}  // namespace
}  // namespace intray::e2e
