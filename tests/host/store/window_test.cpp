#include "host/store/window.hpp"

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

TEST_F(Windows, ShowTheSameSnapshotWhileNothingIsCommitted) {
  write("1");
  Window window(store_.get());
  const auto revision = (*window.look())->revision();
  EXPECT_EQ((*window.look())->revision(), revision);
  EXPECT_TRUE((*window.look())->is_newest());
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

TEST_F(Windows, WithoutAStoreShowNothing) {
  Window window(nullptr);
  const auto snapshot = window.look();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().status, INTRAY_E_UNAVAILABLE);
}

}  // namespace
}  // namespace intray::store
