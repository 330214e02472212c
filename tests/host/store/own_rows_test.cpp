#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::ElementsAre;

using OwnRows = StoreTest;

TEST_F(OwnRows, AreReadBackWithTheRevisionOfTheirCommit) {
  const auto committed = commit({PutOwn{"p", "key", "value"}});
  ASSERT_TRUE(committed);
  const auto row = snapshot().customer("C001").own("p", "key");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->value, "value");
  EXPECT_EQ(row->revision, committed->revision);
}

TEST_F(OwnRows, OfAnotherPluginOrCustomerAreNotSeen) {
  must({PutOwn{"p", "key", "value"}});
  EXPECT_FALSE(snapshot().customer("C001").own("q", "key"));
  EXPECT_FALSE(snapshot().customer("C002").own("p", "key"));
  EXPECT_TRUE(snapshot().customer("C00").own_walk("p", "", "", 10).empty());
}

TEST_F(OwnRows, ConflictWhenTheRevisionIsAnother) {
  must({PutOwn{"p", "key", "1"}});
  const auto revision = snapshot().customer("C001").own("p", "key")->revision;
  EXPECT_EQ(status_of({PutOwn{"p", "key", "2", kMustNotExist}}), INTRAY_E_CONFLICT);
  must({PutOwn{"p", "key", "2", revision}});
  EXPECT_EQ(status_of({PutOwn{"p", "key", "3", revision}}), INTRAY_E_CONFLICT);
  EXPECT_EQ(status_of({EraseOwn{"p", "key", revision}}), INTRAY_E_CONFLICT);
  EXPECT_EQ(snapshot().customer("C001").own("p", "key")->value, "2");
}

TEST_F(OwnRows, OfABatchThatConflictsLeaveNoTrace) {
  must({PutOwn{"p", "b", "old"}});
  const auto before = snapshot().revision();
  EXPECT_EQ(status_of({PutOwn{"p", "a", "new"}, AddOwn{"p", "n", 1}, Event{"t", "o", "x", ""},
                       PutOwn{"p", "b", "new", kMustNotExist}}),
            INTRAY_E_CONFLICT);
  EXPECT_FALSE(snapshot().customer("C001").own("p", "a"));
  EXPECT_FALSE(snapshot().customer("C001").own("p", "n"));
  EXPECT_EQ(snapshot().customer("C001").newest_log_sequence(), 0U);
  EXPECT_GE(snapshot().revision(), before);
}

TEST_F(OwnRows, CountersAddWithoutAPrecondition) {
  must({AddOwn{"p", "n", 3}, AddOwn{"p", "n", -1}});
  const auto row = snapshot().customer("C001").own("p", "n");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->value, std::string("\x02\0\0\0\0\0\0\0", 8));
  must({PutOwn{"p", "text", "no counter"}});
  EXPECT_EQ(status_of({AddOwn{"p", "text", 1}}), INTRAY_E_INVALID);
}

TEST_F(OwnRows, AreWalkedInByteOrderInPages) {
  must({PutOwn{"p", "a/2", ""}, PutOwn{"p", "a/1", ""}, PutOwn{"p", "b/1", ""},
        PutOwn{"p", "a/3", ""}});
  const auto keys_of = [&](std::string_view after, std::size_t limit) {
    std::vector<std::string> keys;
    const auto snapshot = this->snapshot();
    for (const auto& row : snapshot.customer("C001").own_walk("p", "a/", after, limit)) {
      keys.push_back(row.key);
    }
    return keys;
  };
  EXPECT_THAT(keys_of("", 2), ElementsAre("a/1", "a/2"));
  EXPECT_THAT(keys_of("a/2", 2), ElementsAre("a/3"));
  EXPECT_THAT(keys_of("", 10), ElementsAre("a/1", "a/2", "a/3"));
}

TEST_F(OwnRows, WithAKeyBeyondLmdbsLimitAreRefused) {
  EXPECT_EQ(status_of({PutOwn{"p", std::string(600, 'k'), ""}}), INTRAY_E_INVALID);
}

TEST_F(OwnRows, OfABatchThatIsTooLongAreRefused) {
  std::vector<Operation> operations(kBatchOperationsMax + 1, PutOwn{"p", "k", "v"});
  EXPECT_EQ(status_of(std::move(operations)), INTRAY_E_INVALID);
}

TEST_F(OwnRows, OfHostJobsObeyTheSameRevisions) {
  must({PutHostRow{"job/1", "half"}});
  const auto row = snapshot().customer("C001").host_row("job/1");
  ASSERT_TRUE(row);
  must({PutHostRow{"job/1", "whole", row->revision}});
  EXPECT_EQ(status_of({EraseHostRow{"job/1", row->revision}}), INTRAY_E_CONFLICT);
  must({EraseHostRow{"job/1"}});
  EXPECT_TRUE(snapshot().customer("C001").host_rows("job/", "", 10).empty());
}

TEST_F(OwnRows, OfRepliesAreKeptForADay) {
  Reply reply;
  reply.status = 201;
  reply.body = "{}";
  must({PutReply{"token:t", "key-1", reply}});
  EXPECT_EQ(status_of({PutReply{"token:t", "key-1", reply}}), INTRAY_E_CONFLICT);
  EXPECT_EQ(snapshot().reply("token:t", "key-1")->status, 201U);
  EXPECT_FALSE(snapshot().reply("token:u", "key-1"));
  now_ += kReplyKeptNs;
  must({PutReply{"token:t", "key-1", reply}});
  now_ += kReplyKeptNs;
  must({Purge{}}, "");
  EXPECT_FALSE(snapshot().reply("token:t", "key-1"));
}

}  // namespace
}  // namespace intray::store
