#include "host/plugin/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "host/store/round.hpp"

namespace intray::plugin {
namespace {

TEST(WorkerPool, AJobThatBlocksKeepsNoOtherWaiting) {
  constexpr int kThreads = 4;
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::atomic<int> entered = 0;
  std::promise<void> all;
  WorkerPool pool(kThreads, 100);
  // Each waits for the others: it takes all threads, called one by another.
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_TRUE(pool.post([&] {
      if (++entered == kThreads) all.set_value();
      gone.wait();
    }));
  }
  EXPECT_EQ(all.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  go.set_value();
}

TEST(WorkerPool, RunsEveryJobOfManyPosters) {
  std::atomic<int> ran = 0;
  constexpr int kPosters = 4;
  constexpr int kEach = 5000;
  {
    WorkerPool pool(3, kPosters * kEach);
    std::vector<std::thread> posters;
    for (int i = 0; i < kPosters; ++i) {
      posters.emplace_back([&] {
        for (int job = 0; job < kEach; ++job) EXPECT_TRUE(pool.post([&] { ++ran; }));
      });
    }
    for (auto& poster : posters) poster.join();
  }
  EXPECT_EQ(ran, kPosters * kEach);
}

TEST(WorkerPool, BeginsWhatARoundPostsAtItsEndAtTheLatest) {
  std::atomic<int> ran = 0;
  std::promise<void> all;
  constexpr int kJobs = 100;
  WorkerPool pool(3, kJobs);
  {
    store::Round round;
    for (int i = 0; i < kJobs; ++i) {
      ASSERT_TRUE(pool.post([&] {
        if (++ran == kJobs) all.set_value();
      }));
    }
  }
  EXPECT_EQ(all.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(WorkerPool, MayEndBeforeTheRoundThatPostedIntoIt) {
  std::atomic<int> ran = 0;
  store::Round round;
  {
    WorkerPool pool(2, 100);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(pool.post([&] { ++ran; }));
  }
  EXPECT_EQ(ran, 10);
}

TEST(WorkerPool, MayEndAsSoonAsAJobSaysSo) {
  for (int i = 0; i < 200; ++i) {
    std::promise<void> last;
    auto pool = std::make_unique<WorkerPool>(2, 100);
    std::thread poster([&, into = pool.get()] { into->post([&] { last.set_value(); }); });
    last.get_future().wait();
    pool.reset();  // while post() may still be on its way back
    poster.join();
  }
}

TEST(WorkerPool, SaysNoWhenItsQueueIsFull) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::promise<void> entered;
  WorkerPool pool(1, 1);
  ASSERT_TRUE(pool.post([&] {
    entered.set_value();
    gone.wait();
  }));
  entered.get_future().wait();
  EXPECT_TRUE(pool.post([] {}));
  EXPECT_FALSE(pool.post([] {}));
  EXPECT_EQ(pool.waiting(), 1U);
  go.set_value();
}

}  // namespace
}  // namespace intray::plugin
