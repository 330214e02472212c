#include "host/store/window.hpp"

#include <atomic>
#include <future>
#include <thread>

#include "host/store/keys.hpp"
#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

class Windows : public StoreTest {
 protected:
  std::string value_in(Window& window) {
    const auto snapshot = window.look();
    if (!snapshot) return snapshot.error().message;
    const auto row = (*snapshot)->customer("C001").own("p", "key");
    return row ? row->value : "";
  }
  void write(const std::string& value) { must({PutOwn{"p", "key", value}}); }
  std::uint64_t used_after_commits(int count) {
    for (int i = 0; i < count; ++i) write(std::string(20'000, 'x'));
    return store_->stats().used_bytes;
  }
};

// A snapshot remembers the first row that does not read: what it was asked before shows.
TEST_F(Windows, ShowTheSameSnapshotWhileNothingIsCommitted) {
  write_raw(keys::key(keys::Table::kDevice, "C001", "D1"), "no device");
  Window window(store_.get());
  EXPECT_FALSE((*window.look())->customer("C001").device("D1"));
  EXPECT_NE((*window.look())->corruption(), "");
  write("1");
  EXPECT_EQ((*window.look())->corruption(), "");
}

TEST_F(Windows, ShowWhatWasCommittedBeforeTheLook) {
  Window window(store_.get());
  for (const auto* value : {"1", "2", "3"}) {
    write(value);
    EXPECT_EQ(value_in(window), value);
  }
}

TEST_F(Windows, ThatAreClosedLetTheFileUseItsPagesAgain) {
  Window window(store_.get());
  write("1");
  ASSERT_EQ(value_in(window), "1");
  const auto before = used_after_commits(50);
  const auto held_open = used_after_commits(200) - before;
  window.close();
  used_after_commits(10);
  const auto closed = used_after_commits(0);
  EXPECT_LT(used_after_commits(200) - closed, held_open / 10);
}

// The store is opened anew when a commit fails, which waits for whoever looks.
TEST_F(Windows, HoldUpAStoreThatIsOpenedAnewUntilTheyAreClosed) {
  auto failing = options();
  std::atomic<bool> fail_next = false;
  failing.commit_fails = [&] { return fail_next.exchange(false); };
  open(failing);
  write("1");
  Window window(store_.get());
  ASSERT_EQ(value_in(window), "1");
  fail_next = true;
  auto failed = std::async(std::launch::async, [&] {
    return status_of({PutOwn{"p", "key", "2"}});
  });

  while (fail_next) std::this_thread::yield();
  EXPECT_EQ(failed.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  EXPECT_EQ(value_in(window), "1");
  window.close();
  EXPECT_EQ(failed.get(), INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(value_in(window), "1");
  write("3");
  EXPECT_EQ(value_in(window), "3");
}

// They share a cursor.
TEST_F(Windows, WalkAgainAndAgainWhereverTheLastWalkEnded) {
  must({PutDevice{device("D1")}, PutDevice{device("D2")}, PutDevice{device("D3")}});
  write("1");
  Window window(store_.get());
  const auto rows = (*window.look())->customer("C001");
  const auto ids = [&](const std::string& after, std::size_t limit) {
    std::vector<std::string> found;
    for (const auto& each : rows.devices(after, limit)) found.push_back(each.device_id);
    return found;
  };
  EXPECT_THAT(ids("", 10), ::testing::ElementsAre("D1", "D2", "D3"));
  EXPECT_THAT(ids("", 1), ::testing::ElementsAre("D1"));
  EXPECT_THAT(ids("D2", 10), ::testing::ElementsAre("D3"));
  EXPECT_THAT(ids("D3", 10), ::testing::IsEmpty());
  EXPECT_EQ(rows.own_walk("p", "", "", 10).size(), 1U);
  EXPECT_THAT(ids("", 2), ::testing::ElementsAre("D1", "D2"));
  EXPECT_TRUE(rows.mailbox("D1", now_, 10).empty());
}

TEST_F(Windows, WithoutAStoreShowNothing) {
  Window window(nullptr);
  const auto snapshot = window.look();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().status, INTRAY_E_UNAVAILABLE);
}

}  // namespace
}  // namespace intray::store
