#include <atomic>
#include <future>
#include <thread>

#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using Commits = StoreTest;

TEST_F(Commits, ThatWaitTogetherShareAnFsync) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  const auto before = store_->stats();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(commit({AddOwn{"p", "n", 1}}, "C" + std::to_string(t)));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto after = store_->stats();
  EXPECT_EQ(after.batches - before.batches, static_cast<std::uint64_t>(kThreads * kEach));
  EXPECT_LT(after.commits - before.commits, after.batches - before.batches);
}

TEST_F(Commits, WithoutWaitingAreAnsweredOnceEach) {
  std::atomic<int> answered = 0;
  std::promise<void> all;
  for (int i = 0; i < 100; ++i) {
    store_->commit_then({"C001", "test", {AddOwn{"p", "n", 1}}}, [&](Result<Committed> outcome) {
      EXPECT_TRUE(outcome);
      if (++answered == 100) all.set_value();
    });
  }
  all.get_future().wait();
  open();  // the last answer has left the writer
  EXPECT_EQ(snapshot().customer("C001").own("p", "n")->value[0], 100);
}

TEST_F(Commits, AreMadeAtOnceWhileNobodyElseCommits) {
  bool answered = false;
  store_->commit_or_queue(
      {"C001", "test", {AddOwn{"p", "n", 1}}},
      [&](const Result<Committed>& outcome) { answered = outcome.has_value(); });
  EXPECT_TRUE(answered) << "before it returned";
}

TEST_F(Commits, MadeAtOnceOrQueuedAreAllAnswered) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::atomic<int> answered = 0;
  std::promise<void> all;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        store_->commit_or_queue({"C001", "test", {AddOwn{"p", "n", 1}}},
                                [&](const Result<Committed>& outcome) {
                                  EXPECT_TRUE(outcome);
                                  if (++answered == kThreads * kEach) all.set_value();
                                });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  all.get_future().wait();
  open();  // the last answer has left the writer
  EXPECT_EQ(static_cast<unsigned char>(snapshot().customer("C001").own("p", "n")->value[0]),
            kThreads * kEach);
}

TEST_F(Commits, OneThatConflictsHarmsNoOtherOfItsGroup) {
  must({PutOwn{"p", "taken", ""}});
  std::atomic<int> good = 0;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 50; ++i) {
    store_->commit_then({"C001", "test", {AddOwn{"p", "n", 1}}},
                        [&](const Result<Committed>& outcome) { good += outcome ? 1 : 0; });
    store_->commit_then(
        {"C001", "test", {AddOwn{"p", "n", 1}, PutOwn{"p", "taken", "", kMustNotExist}}},
        [&](const Result<Committed>& outcome) { refused += outcome ? 0 : 1; });
  }
  open();  // closing answers what still waits
  EXPECT_EQ(good, 50);
  EXPECT_EQ(refused, 50);
  EXPECT_EQ(snapshot().customer("C001").own("p", "n")->value[0], 50);
}

TEST_F(Commits, OneThatFailsHalfwayLeavesNoTraceOfItself) {
  must({PutOwn{"p", "taken", ""}});
  std::promise<void> begun;
  std::promise<void> go;
  // Holds the writer, so that the rest waits and becomes one group.
  store_->commit_then({"C001", "test", {AddOwn{"p", "first", 1}}}, [&](const auto&) {
    begun.set_value();
    go.get_future().wait();
  });
  begun.get_future().wait();
  std::atomic<int> refused = 0;
  for (int i = 0; i < 3; ++i) {
    store_->commit_then({"C001", "test", {AddOwn{"p", "n", 1}}}, [](const auto&) {});
    store_->commit_then(
        {"C001", "test", {AddOwn{"p", "n", 100}, PutOwn{"p", "taken", "", kMustNotExist}}},
        [&](const auto& outcome) { refused += outcome ? 0 : 1; });
  }
  go.set_value();
  open();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(snapshot().customer("C001").own("p", "n")->value[0], 3);
}

TEST_F(Commits, ReadersSeeWholeBatchesOnly) {
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      const auto snapshot = this->snapshot();
      const auto a = snapshot.customer("C001").own("p", "a");
      const auto b = snapshot.customer("C001").own("p", "b");
      EXPECT_EQ(a ? a->value : "", b ? b->value : "");
    }
  });
  for (int i = 0; i < 100; ++i) {
    must({PutOwn{"p", "a", std::to_string(i)}, PutOwn{"p", "b", std::to_string(i)}});
  }
  done = true;
  reader.join();
}

TEST_F(Commits, WhoseOuterCommitFailsAreUnknownAndTheStoreGoesOn) {
  auto failing = options();
  std::atomic<bool> fail_next = false;
  failing.commit_fails = [&] { return fail_next.exchange(false); };
  open(failing);
  must({PutOwn{"p", "k", "before"}});
  fail_next = true;
  EXPECT_EQ(status_of({PutOwn{"p", "k", "lost"}}), INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(snapshot().customer("C001").own("p", "k")->value, "before");
  must({PutOwn{"p", "k", "after"}});
  EXPECT_EQ(snapshot().customer("C001").own("p", "k")->value, "after");
  store_.reset();
}

TEST_F(Commits, ThatGrowAreRefusedWhenTheDiskIsShortAndOthersGoOn) {
  must({PutDevice{device("D1")}, send("D1", "r")});
  auto short_of_disk = options();
  short_of_disk.reserve_bytes = 1000;
  short_of_disk.free_disk_bytes = [] { return std::uint64_t{999}; };
  open(short_of_disk);
  EXPECT_EQ(status_of({send("D1", "s")}), INTRAY_E_FULL);
  Batch import{"C001", "test", {PutDevice{device("D2")}}, true};
  const auto imported = store_->commit(import);
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().status, INTRAY_E_FULL);
  must({TakeOff{"D1", "r"}, Entitle{"D1", "service-x", "{}"}});
  EXPECT_EQ(store_->stats().refused_full, 2U);
}

TEST_F(Commits, LeaveTheReserveOfTheMapToRegistrations) {
  auto small = options();
  small.map_bytes = 1U << 20U;
  open(small);
  must({PutDevice{device("D1")}});
  intray_status status = INTRAY_OK;
  for (int i = 0; status == INTRAY_OK && i < 100; ++i) {
    auto instruction = send("D1", "r" + std::to_string(i));
    instruction.payload.assign(20'000, 'x');
    status = status_of({instruction});
  }
  EXPECT_EQ(status, INTRAY_E_FULL);
  must({TakeOff{"D1", "r0"}, Entitle{"D1", "service-x", "{}"}});
  const auto stats = store_->stats();
  EXPECT_LT(stats.used_bytes, stats.map_bytes);

  for (int i = 0; status != INTRAY_E_BUSY && i < 100; ++i) {
    status = status_of({PutOwn{"p", "k" + std::to_string(i), std::string(20'000, 'x')}});
  }
  EXPECT_EQ(status, INTRAY_E_BUSY);
  EXPECT_TRUE(snapshot().customer("C001").device("D1"));
}

TEST_F(Commits, OfAFullMapAreRefusedOutright) {
  auto small = options();
  small.map_bytes = 1U << 20U;
  open(small);
  // Not one that grows the store by the writer's rules, so that only LMDB itself stops it.
  const std::string value(1000, 'x');
  intray_status refused = INTRAY_OK;
  int stored = 0;
  for (; refused == INTRAY_OK && stored < 2000; ++stored) {
    refused = status_of({PutOwn{"p", "row" + std::to_string(stored), value}});
  }
  ASSERT_LT(stored, 2000);
  // Until nothing fits any more, however small.
  for (int i = 0; i < 200; ++i) {
    const auto status = status_of({PutOwn{"p", "more" + std::to_string(i), "x"}});
    EXPECT_TRUE(status == INTRAY_OK || status == INTRAY_E_BUSY) << status << " at " << i;
  }
  EXPECT_EQ(refused, INTRAY_E_BUSY);
  EXPECT_TRUE(snapshot().customer("C001").own("p", "row0"));
  EXPECT_THAT(broken(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace intray::store
