#include <sys/stat.h>

#include <filesystem>

#include "host/store/directory.hpp"
#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::HasSubstr;

using Opening = StoreTest;

TEST_F(Opening, MakesADirectoryOfItsOwn) {
  struct stat made {};
  ASSERT_EQ(stat((directory_.path() / "store").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777U, 0700U);
}

TEST_F(Opening, IsRefusedWhileAnotherHoldsTheLock) {
  const auto second = Store::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().status, INTRAY_E_BAD_STATE);
  EXPECT_THAT(second.error().message, HasSubstr("another intrayd runs"));
}

TEST_F(Opening, IsRefusedForAnotherEpoch) {
  store_.reset();
  auto other = options();
  other.epoch = 2;
  const auto opened = Store::open(other);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().status, INTRAY_E_BAD_STATE);
  EXPECT_THAT(opened.error().message, HasSubstr("epoch"));
}

TEST_F(Opening, AfterARestoreGoesOnBeyondAllEarlierSequences) {
  must({PutDevice{device("D1")}, send("D1", "a"), Event{"t", "o", "x", ""}});
  auto raised = options();
  raised.epoch = 3;
  raised.raise_epoch = true;
  open(raised);
  must({send("D1", "b"), Event{"t", "o", "x", ""}});
  const auto snapshot = this->snapshot();
  EXPECT_EQ(snapshot.customer("C001").mailbox("D1", 0, 10)[1].sequence, (2ULL << 40U) + 1);
  EXPECT_EQ(snapshot.customer("C001").newest_log_sequence(), (2ULL << 40U) + 1);
  store_.reset();
  EXPECT_FALSE(Store::open(options()));
}

TEST_F(Opening, ForReadingOnlyTakesNoLockAndWritesNothing) {
  must({PutOwn{"p", "k", "v"}});
  store_.reset();
  auto reading = options();
  reading.read_only = true;
  open(reading);
  EXPECT_TRUE(snapshot().customer("C001").own("p", "k"));
  EXPECT_EQ(status_of({PutOwn{"p", "k", "w"}}), INTRAY_E_BAD_STATE);
}

TEST_F(Opening, SaysWhatItCannotMake) {
  auto nowhere = options();
  nowhere.directory = directory_.path() / "missing" / "store";
  const auto opened = Store::open(nowhere);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("missing"));
}

TEST(NetworkFileSystems, AreKnownByTheirMagic) {
  EXPECT_TRUE(is_network_file_system(0x6969));
  EXPECT_TRUE(is_network_file_system(static_cast<long>(0xFF534D42)));
  EXPECT_TRUE(is_network_file_system(static_cast<int>(0xFF534D42)));
  EXPECT_FALSE(is_network_file_system(0xEF53));      // ext4
  EXPECT_FALSE(is_network_file_system(0x01021994));  // tmpfs
}

}  // namespace
}  // namespace intray::store
