// Breaks a closed store's file through LMDB itself, and expects the check to say so.
#include "host/store/describe.hpp"
#include "host/store/keys.hpp"
#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StoreCheck : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    must({PutDevice{device("D1")}, PutDevice{device("D2")}, send("D1", "r"),
          Entitle{"D2", "service-x", "{}"}, Event{"a", "o", "x", ""}, Event{"b", "o", "x", ""},
          Event{"c", "o", "x", ""}, SetTimer{"p", "t", now_}, PutOwn{"p", "k", "v"}});
    ASSERT_THAT(broken(), IsEmpty());
  }

  void erase(std::string key) {
    tamper([&](MDB_txn* txn, MDB_dbi table) {
      MDB_val raw{key.size(), key.data()};
      ASSERT_EQ(mdb_del(txn, table, &raw, nullptr), 0);
    });
  }
};

TEST_F(StoreCheck, FindsABitThatRotted) {
  auto key = keys::key(keys::Table::kDevice, "C001", "D1");
  tamper([&](MDB_txn* txn, MDB_dbi table) {
    MDB_val raw{key.size(), key.data()};
    MDB_val value{};
    ASSERT_EQ(mdb_get(txn, table, &raw, &value), 0);
    std::string rotten(static_cast<const char*>(value.mv_data), value.mv_size);
    rotten[20] = static_cast<char>(rotten[20] ^ 4);
    MDB_val changed{rotten.size(), rotten.data()};
    ASSERT_EQ(mdb_put(txn, table, &raw, &changed, 0), 0);
  });
  EXPECT_THAT(broken(), Contains(HasSubstr("corrupt")));
  const auto snapshot = this->snapshot();
  EXPECT_FALSE(snapshot.customer("C001").device("D1"));
  EXPECT_THAT(snapshot.corruption(), HasSubstr("corrupt"));
  EXPECT_EQ(snapshot.customer("C001").devices("", 10).size(), 1U);
}

TEST_F(StoreCheck, FindsALostDevice) {
  erase(keys::key(keys::Table::kDevice, "C001", "D2"));
  EXPECT_THAT(broken(), Contains(HasSubstr("not in its inventory")));
  EXPECT_THAT(broken(), Contains(HasSubstr("entitled")));
  EXPECT_THAT(broken(), Contains(HasSubstr("its counter says 2")));
}

TEST_F(StoreCheck, FindsALostIndex) {
  erase(keys::key(keys::Table::kCustomerOf, "D1"));
  EXPECT_THAT(broken(), Contains(HasSubstr("not in the index")));
}

TEST_F(StoreCheck, FindsALostInstruction) {
  erase(keys::key(keys::Table::kMail, "C001", "D1", keys::big_endian(1)));
  EXPECT_THAT(broken(), Contains(HasSubstr("a recount 1 and 0")));
}

TEST_F(StoreCheck, FindsALogRowTakenOut) {
  erase(keys::key(keys::Table::kLog, "C001", keys::big_endian(2)));
  EXPECT_THAT(broken(), Contains(HasSubstr("does not follow")));
}

TEST_F(StoreCheck, FindsALogCutAtItsEnd) {
  erase(keys::key(keys::Table::kLog, "C001", keys::big_endian(3)));
  EXPECT_THAT(broken(), Contains(HasSubstr("rows are missing")));
}

TEST_F(StoreCheck, FindsAChangedLogRow) {
  LogRow row{2, now_, "test", "b", "changed", "x", "", {}, {}};
  write_raw(keys::key(keys::Table::kLog, "C001", keys::big_endian(2)), encode(row));
  EXPECT_THAT(broken(), Contains(HasSubstr("its hash does not fit")));
}

TEST_F(StoreCheck, FindsATimerThatNobodyCanCancel) {
  erase(keys::key(keys::Table::kDueOfTimer, keys::timer_name("C001", "p", "t")));
  EXPECT_THAT(broken(), Contains(HasSubstr("timer t of p")));
}

TEST_F(StoreCheck, NamesAtMostSoMany) {
  erase(keys::key(keys::Table::kDevice, "C001", "D2"));
  const auto sentences = check(snapshot(), 1);
  ASSERT_TRUE(sentences);
  EXPECT_EQ(sentences->size(), 1U);
}

}  // namespace
}  // namespace intray::store
