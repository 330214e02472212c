// The double obeys the rules that it stands for.
#include "tests/support/fake_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intray::testing_support {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FakeStoreTest : public testing::Test {
 protected:
  FakeStoreTest() {
    store_.devices[{"C001", "D1"}] = {};
    store_.instruction_types = {"register-device"};
  }
  intray_status commit(const Batch& batch, const std::string& as = "C001",
                       const std::string& key = "") {
    std::vector<const intray_op*> ops;
    for (const auto& op : batch.ops()) ops.push_back(&op);
    return store_.commit({as, "token:t", key}, "C001", ops);
  }
  std::vector<std::string> keys(const std::string& prefix, const std::string& after) {
    std::vector<std::string> found;
    for (const auto& row : store_.rows("C001", INTRAY_STORE_OWN, prefix, after, 500)) {
      found.push_back(row.key);
    }
    return found;
  }
  FakeStore store_;
};

TEST_F(FakeStoreTest, ABatchIsAllOrNothing) {
  Batch good;
  good.put("a", "1", Batch::kMustNotExist);
  good.add_to_counter("n", 2);
  good.timer("t", 5);
  ASSERT_EQ(commit(good), INTRAY_OK);
  const auto before = store_.own;

  Batch bad;
  bad.put("a", "2", Batch::kAnyRevision);
  bad.add_to_counter("n", 3);
  bad.timer("t", 0);
  bad.event("topic", "ok", "D1", "{}");
  bad.entitle("D1", "service-x", "{}");
  bad.send("D1", "register-device", "r1", "{}");
  bad.send("D9", "register-device", "r1", "{}");
  EXPECT_EQ(commit(bad), INTRAY_E_NOT_FOUND);

  EXPECT_EQ((store_.own.at({"C001", "a"}).value), "1");
  EXPECT_EQ((store_.own.at({"C001", "n"}).value), (before.at({"C001", "n"}).value));
  EXPECT_EQ((store_.timers.at({"C001", "t"})), 5);
  EXPECT_THAT(store_.log, IsEmpty());
  EXPECT_THAT(store_.entitlements, IsEmpty());
  EXPECT_THAT(store_.mail, IsEmpty());
}

TEST_F(FakeStoreTest, RevisionsReferencesAndOwnersAreMinded) {
  Batch first;
  first.put("a", "1", Batch::kMustNotExist);
  first.send("D1", "register-device", "r1", "{}");
  ASSERT_EQ(commit(first), INTRAY_OK);
  Batch absent;
  absent.erase("b", Batch::kMustNotExist);
  EXPECT_EQ(commit(absent), INTRAY_OK);

  Batch stale;
  stale.put("a", "2", 99);
  EXPECT_EQ(commit(stale), INTRAY_E_CONFLICT);
  Batch present;
  present.erase("a", Batch::kMustNotExist);
  EXPECT_EQ(commit(present), INTRAY_E_CONFLICT);
  Batch again;
  again.send("D1", "register-device", "r1", "{}");
  EXPECT_EQ(commit(again), INTRAY_E_CONFLICT);
  Batch not_owned;
  not_owned.send("D1", "other", "r2", "{}");
  EXPECT_EQ(commit(not_owned), INTRAY_E_DENIED);
  EXPECT_EQ(commit(absent, "C002"), INTRAY_E_DENIED);
}

TEST_F(FakeStoreTest, AReplyIsKeptOnceForEachKey) {
  Batch batch;
  batch.reply(201, "/x", "{}");
  EXPECT_EQ(commit(batch, "C001", ""), INTRAY_OK);
  EXPECT_EQ(commit(batch, "C001", "k"), INTRAY_OK);
  EXPECT_EQ(commit(batch, "C001", "k"), INTRAY_E_CONFLICT);
}

TEST_F(FakeStoreTest, RowsAreWalkedInTheOrderOfTheirKeys) {
  Batch batch;
  for (const auto* key : {"m 2", "m 1", "m 3", "n 1"}) batch.put(key, "", Batch::kAnyRevision);
  ASSERT_EQ(commit(batch), INTRAY_OK);

  EXPECT_THAT(keys("m ", ""), ElementsAre("m 1", "m 2", "m 3"));
  EXPECT_THAT(keys("m ", "m 2"), ElementsAre("m 3"));
  EXPECT_THAT(keys("", ""), ElementsAre("m 1", "m 2", "m 3", "n 1"));
}

TEST_F(FakeStoreTest, AFullStoreRefusesInstructionsOnly) {
  store_.full = true;
  Batch instruction;
  instruction.send("D1", "register-device", "r1", "{}");
  Batch row;
  row.put("a", "1", Batch::kAnyRevision);

  EXPECT_EQ(commit(instruction), INTRAY_E_FULL);
  EXPECT_EQ(commit(row), INTRAY_OK);
}

}  // namespace
}  // namespace intray::testing_support
