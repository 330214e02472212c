#include <gtest/gtest.h>
#include <intray/device.h>
#include <intray/device_posix.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_dir.hpp"

namespace intray::testing_support {
namespace {

namespace fs = std::filesystem;

class DeviceStorageTest : public testing::Test {
 protected:
  void SetUp() override { open(); }
  void TearDown() override { intray_posix_storage_close(&files_); }
  void open() {
    ASSERT_STREQ(intray_posix_storage_open(&files_, path_.c_str()), nullptr);
    table_ = intray_posix_storage_table(&files_);
  }
  bool put(const char* key, const std::string& value) {
    return table_.put(table_.context, key, value.data(), value.size());
  }
  std::string get(const char* key) {
    char buffer[64];
    const auto size = table_.get(table_.context, key, buffer, sizeof buffer);
    return size < 0 ? "(error)" : std::string(buffer, static_cast<std::size_t>(size));
  }

  TempDir dir_;
  std::string path_ = dir_.path() / "device";
  intray_posix_storage files_{};
  intray_device_storage table_{};
};

TEST_F(DeviceStorageTest, KeepsAndReplacesValues) {
  EXPECT_EQ(get("identity"), "");
  EXPECT_TRUE(put("identity", "one"));
  EXPECT_TRUE(put("identity", "another, longer one"));
  EXPECT_TRUE(put("entry-0", "two"));

  intray_posix_storage_close(&files_);
  open();

  EXPECT_EQ(get("identity"), "another, longer one");
  EXPECT_EQ(get("entry-0"), "two");
}

TEST_F(DeviceStorageTest, OnlyTheOwnerReadsIt) {
  ASSERT_TRUE(put("identity", "secret"));
  const auto others = fs::perms::group_all | fs::perms::others_all;
  EXPECT_EQ(fs::status(path_).permissions() & others, fs::perms::none);
  EXPECT_EQ(fs::status(path_ + "/identity").permissions() & others, fs::perms::none);
}

TEST_F(DeviceStorageTest, ALeftoverOfAnInterruptedWriteIsNeitherReadNorInTheWay) {
  ASSERT_TRUE(put("identity", "whole"));
  std::ofstream(path_ + "/.identity.new") << "half a val";

  EXPECT_EQ(get("identity"), "whole");
  EXPECT_TRUE(put("identity", "new"));
  EXPECT_EQ(get("identity"), "new");
  EXPECT_FALSE(fs::exists(path_ + "/.identity.new"));
}

TEST_F(DeviceStorageTest, AFailedWriteLeavesTheOldValue) {
  ASSERT_TRUE(put("identity", "old"));
  fs::create_directory(path_ + "/.identity.new");  // nothing can be written there
  EXPECT_FALSE(put("identity", "new"));
  EXPECT_EQ(get("identity"), "old");
}

TEST_F(DeviceStorageTest, AValueLargerThanTheBufferIsAnError) {
  ASSERT_TRUE(put("identity", std::string(64, 'x')));
  EXPECT_EQ(get("identity"), std::string(64, 'x'));
  ASSERT_TRUE(put("identity", std::string(65, 'x')));
  EXPECT_EQ(get("identity"), "(error)");
}

TEST_F(DeviceStorageTest, FollowsNoLinkOutOfItsDirectory) {
  std::ofstream(dir_.path() / "elsewhere") << "foreign";
  fs::create_symlink(dir_.path() / "elsewhere", path_ + "/identity");
  EXPECT_EQ(get("identity"), "(error)");
}

TEST_F(DeviceStorageTest, TwoProcessesCannotBeTheSameDevice) {
  intray_posix_storage second;
  EXPECT_STREQ(intray_posix_storage_open(&second, path_.c_str()),
               "the directory is in use by another process");
  intray_posix_storage_close(&files_);
  EXPECT_STREQ(intray_posix_storage_open(&second, path_.c_str()), nullptr);
  intray_posix_storage_close(&second);
}

TEST_F(DeviceStorageTest, SaysWhyItCannotOpen) {
  intray_posix_storage other;
  EXPECT_STREQ(intray_posix_storage_open(&other, "/nowhere/at/all"),
               "the directory cannot be created");
  std::ofstream(dir_.path() / "file") << "x";
  EXPECT_STREQ(intray_posix_storage_open(&other, (dir_.path() / "file").c_str()),
               "the directory cannot be opened");
}

TEST_F(DeviceStorageTest, ATornFileIsNoticedByTheCore) {
  intray_device_options options{};
  options.device_id = "D1";
  options.server = "https://host.example";
  options.storage = table_;
  options.random = intray_posix_random();
  options.transport = {nullptr, [](void*, unsigned, const intray_device_request*) { return false; },
                       [](void*, unsigned, intray_device_reply*) { return false; },
                       [](void*, unsigned) {}};
  intray_device device;
  ASSERT_TRUE(intray_device_init(&device, &options));
  ASSERT_TRUE(intray_device_adopt_token(&device, std::string(43, 'T').c_str()));
  ASSERT_TRUE(intray_device_init(&device, &options));
  EXPECT_TRUE(intray_device_provisioned(&device));

  fs::resize_file(path_ + "/identity", fs::file_size(path_ + "/identity") / 2);

  ASSERT_TRUE(intray_device_init(&device, &options));
  EXPECT_FALSE(intray_device_provisioned(&device));
  EXPECT_NE(std::strstr(intray_device_last_error(&device), "damaged"), nullptr);
}

TEST(DevicePosixTest, RandomBytesDiffer) {
  const auto random = intray_posix_random();
  std::uint8_t one[32], two[32];
  ASSERT_TRUE(random.fill(random.context, one, sizeof one));
  ASSERT_TRUE(random.fill(random.context, two, sizeof two));
  EXPECT_NE(std::memcmp(one, two, sizeof one), 0);
}

TEST(DevicePosixTest, TheClockGoesForward) {
  const auto before = intray_posix_now_ms();
  EXPECT_GT(before, 0U);
  EXPECT_GE(intray_posix_now_ms(), before);
}

}  // namespace
}  // namespace intray::testing_support
