#include "host/store/presence.hpp"

#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using PresenceMark = StoreTest;

TEST_F(PresenceMark, IsReadAtOnceAndStoredWhenDrained) {
  must({PutDevice{device("D1")}});
  PresenceMarks marks;
  marks.polled("C001", "D1", 100, 200, 7);
  marks.polled("C001", "D1", 150, 250, 7);
  const auto seen = marks.read("D1", {});
  EXPECT_EQ(seen.last_poll, 150);
  EXPECT_EQ(seen.fetched_at, 100);
  auto batches = marks.drain();
  ASSERT_EQ(batches.size(), 1U);
  ASSERT_TRUE(store_->commit(batches[0]));
  const auto stored = snapshot().customer("C001").presence("D1");
  EXPECT_EQ(stored.next_poll, 250);
  EXPECT_EQ(stored.fetched_sequence, 7U);
  EXPECT_TRUE(marks.drain().empty());
}

TEST_F(PresenceMark, KeepsTheFirstFetchAcrossARestart) {
  must({PutDevice{device("D1")}, PutPresence{"D1", {100, 200, 7, 100}}});
  PresenceMarks marks;
  marks.polled("C001", "D1", 300, 400, 7);
  const auto seen = marks.read("D1", snapshot().customer("C001").presence("D1"));
  EXPECT_EQ(seen.last_poll, 300);
  EXPECT_EQ(seen.fetched_at, 100);
  must({marks.drain()[0].operations[0]});
  EXPECT_EQ(snapshot().customer("C001").presence("D1").fetched_at, 100);
}

TEST_F(PresenceMark, OfAnUnknownDeviceIsDropped) {
  must({PutPresence{"D9", {1, 2, 3, 4}}});
  EXPECT_EQ(snapshot().customer("C001").presence("D9").last_poll, 0);
}

TEST_F(PresenceMark, OfADeviceThatMovedIsForItsNewCustomer) {
  PresenceMarks marks;
  marks.polled("C001", "D1", 1, 2, 0);
  marks.polled("C002", "D1", 3, 4, 0);
  must({PutDevice{device("D1")}}, "C002");
  for (auto& batch : marks.drain()) ASSERT_TRUE(store_->commit(std::move(batch)));
  EXPECT_EQ(snapshot().customer("C002").presence("D1").last_poll, 3);
}

TEST_F(PresenceMark, DrainsOneCustomerABatchAndNoBatchTooLong) {
  PresenceMarks marks;
  for (std::size_t i = 0; i <= kBatchOperationsMax; ++i) {
    marks.polled("C001", "D" + std::to_string(i), 1, 2, 0);
  }
  marks.polled("C002", "E1", 1, 2, 0);
  EXPECT_EQ(marks.waiting(), kBatchOperationsMax + 2);
  const auto batches = marks.drain();
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].operations.size(), kBatchOperationsMax);
  EXPECT_EQ(batches[2].customer, "C002");
}

}  // namespace
}  // namespace intray::store
