#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::IsEmpty;

using Log = StoreTest;

TEST_F(Log, RowsCarryTimePrincipalAndAChainOfHashes) {
  must({Event{"a", "ok", "x", "{}"}});
  now_ += kSecondNs;
  must({Event{"b", "ok", "y", ""}, Event{"c", "ok", "z", ""}});
  const auto snapshot = this->snapshot();
  const auto rows = snapshot.customer("C001").log(0, 10);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].principal, "test");
  EXPECT_EQ(rows[1].time, now_);
  EXPECT_EQ(rows[2].previous_hash, rows[1].hash);
  EXPECT_NE(rows[2].hash, rows[1].hash);
  EXPECT_EQ(snapshot.customer("C001").log(rows[1].sequence, 10).size(), 1U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Log, OfEachCustomerIsItsOwn) {
  must({Event{"a", "ok", "x", ""}}, "C001");
  must({Event{"a", "ok", "x", ""}}, "");
  must({Event{"a", "ok", "x", ""}, Event{"a", "ok", "x", ""}}, "C002");
  const auto snapshot = this->snapshot();
  EXPECT_EQ(snapshot.customer("C001").log(0, 10).size(), 1U);
  EXPECT_EQ(snapshot.customer("C002").log(0, 10).size(), 2U);
  EXPECT_EQ(snapshot.customer("").log(0, 10).size(), 1U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Log, IsPurgedButKeepsItsNewestRow) {
  must({Event{"a", "ok", "x", ""}, Event{"b", "ok", "x", ""}});
  now_ += kLogKeptNs;
  must({Purge{}});
  const auto snapshot = this->snapshot();
  const auto rows = snapshot.customer("C001").log(0, 10);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].topic, "b");
  EXPECT_EQ(snapshot.customer("C001").oldest_log_sequence(), rows[0].sequence);
  EXPECT_THAT(broken(), IsEmpty());
}

}  // namespace
}  // namespace intray::store
