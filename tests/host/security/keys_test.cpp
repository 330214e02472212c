#include "host/security/keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace intray::security {
namespace {

using ::testing::HasSubstr;

class KeyFiles : public ::testing::Test {
 protected:
  Result<Keys> load() { return load_keys(directory_.path() / "keys"); }
  std::filesystem::path file(const std::string& name) { return directory_.path() / "keys" / name; }
  void write(const std::string& name, const std::string& bytes) {
    std::ofstream(file(name), std::ios::binary) << bytes;
    chmod(file(name).c_str(), 0600);
  }
  testing_support::TempDir directory_;
};

TEST_F(KeyFiles, AreMadeOnceAndReadAgain) {
  const auto first = load();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->epoch, 1U);
  EXPECT_EQ(first->code.reveal().size(), 32U);
  EXPECT_NE(first->code.reveal(), first->wake.reveal());
  const auto again = load();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->code.reveal(), first->code.reveal());
  struct stat made {};
  ASSERT_EQ(stat(file("code.key").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0600U);
}

TEST_F(KeyFiles, ThatOthersMayReadAreRefused) {
  ASSERT_TRUE(load());
  chmod(file("code.key").c_str(), 0644);
  const auto keys = load();
  ASSERT_FALSE(keys);
  EXPECT_THAT(keys.error().message, HasSubstr("may be read by others"));
}

TEST_F(KeyFiles, ThatHoldSomethingElseAreRefused) {
  ASSERT_TRUE(load());
  write("epoch", "zero\n");
  EXPECT_THAT(load().error().message, HasSubstr("no epoch"));
  write("epoch", "7\n");
  EXPECT_EQ(load()->epoch, 7U);
  write("wake.key", "short");
  EXPECT_THAT(load().error().message, HasSubstr("5 bytes"));
}

TEST_F(KeyFiles, GiveEachCustomerItsOwnWakeKey) {
  const Secret wake("master");
  EXPECT_EQ(wake_public_key(wake, "C001"), wake_public_key(wake, "C001"));
  EXPECT_NE(wake_public_key(wake, "C001"), wake_public_key(wake, "C002"));
  EXPECT_EQ(wake_public_key(wake, "C001").size(), 43U);
}

}  // namespace
}  // namespace intray::security
