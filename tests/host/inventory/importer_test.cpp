#include <atomic>
#include <thread>

#include "tests/host/inventory/fixture.hpp"

namespace intray::inventory {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using ImporterTest = InventoryTest;

TEST_F(ImporterTest, ASmallImportIsDoneBeforeItAnswers) {
  const auto submitted = submit(kHeader + "C1,M1,D1,a\nC2,M1,D2,b\n");

  EXPECT_EQ(submitted.state, State::kDone);
  EXPECT_EQ(submitted.diff.counts, (Counts{2, 0, 0, 0}));
  EXPECT_THAT(devices_of("C1"), ElementsAre("D1"));
  EXPECT_THAT(devices_of("C2"), ElementsAre("D2"));
  EXPECT_EQ(importer_->job(submitted.job)->is(), State::kDone);
  EXPECT_EQ(slices(), 0U);
  EXPECT_FALSE(run_timers());
}

TEST_F(ImporterTest, EachCustomersLogGetsOneRowWithCountsAndOneForEachRemovedDevice) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\nC2,M1,E1,b\n");
  const auto job = submit(kHeader + "C1,M2,D2,a\nC1,M1,D3,a\nC2,M1,E1,b\n").job;

  const auto rows = log_of("C1", "inventory.imported");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1].object, job);
  EXPECT_EQ(rows[1].principal, "token:t-operator");
  EXPECT_EQ(rows[1].payload, R"({"added":1,"changed":1,"removed":1})");
  const auto removed = log_of("C1", "inventory.removed");
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].object, "D1");
  EXPECT_EQ(removed[0].outcome, "removed");
  EXPECT_EQ(log_of("C2", "inventory.imported").size(), 1U) << "nothing changed for C2";
  EXPECT_EQ(log_of("", "inventory.accepted").size(), 2U);
  EXPECT_EQ(log_of("", "inventory.imported").size(), 2U);
}

TEST_F(ImporterTest, ARemovedDeviceLeavesTogetherWithWhatPluginsAdd) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");
  leaving_answer_ = {store::PutOwn{"plugin", "enrolment", "canceled"}};

  submit(kHeader + "C1,M1,D2,a\n");

  EXPECT_THAT(left_, ElementsAre("D1"));
  EXPECT_THAT(devices_of("C1"), ElementsAre("D2"));
  EXPECT_EQ(snapshot().customer("C1").own("plugin", "enrolment")->value, "canceled");
}

TEST_F(ImporterTest, PluginsAreAskedAgainWhenTheRemovalConflicts) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");
  must({store::PutOwn{"plugin", "counter", "1"}}, "C1");
  int asked = 0;
  Importer importer(*store_, [&](const auto&, const auto&) {
    const auto stale = ++asked < 3 ? std::uint64_t{1} : store::kAnyRevision;
    return std::vector<store::Operation>{store::PutOwn{"plugin", "counter", "2", stale}};
  });

  const auto submitted = importer.submit(kHeader + "C1,M1,D2,a\n", false, caller_);

  ASSERT_TRUE(submitted) << submitted.error().message;
  EXPECT_EQ(submitted->state, State::kDone);
  EXPECT_EQ(asked, 3);
  EXPECT_EQ(snapshot().customer("C1").own("plugin", "counter")->value, "2");
}

TEST_F(ImporterTest, RemovalsAreSplitSoThatEachBatchHoldsItsLimit) {
  run(submit(kHeader + fleet("C1", 0, 100)).job);
  leaving_answer_.assign(150, store::PutOwn{"plugin", "row", "x"});

  const auto submitted = submit(kHeader + fleet("C1", 99, 100));

  EXPECT_EQ(submitted.state, State::kDone) << submitted.why;
  EXPECT_EQ(devices_of("C1").size(), 1U);
  EXPECT_EQ(log_of("C1", "inventory.removed").size(), 99U);
}

TEST_F(ImporterTest, APluginThatIsDownMakesTheImportWaitAndSayWhy) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");
  leaving_fails_ = true;

  const auto submitted = submit(kHeader + "C1,M1,D2,a\n");

  EXPECT_EQ(submitted.state, State::kRunning);
  EXPECT_THAT(submitted.why, HasSubstr("plugin is down"));
  EXPECT_THAT(devices_of("C1"), ElementsAre("D1", "D2"));
  EXPECT_FALSE(run_timers());
  leaving_fails_ = false;
  now_ += store::kSecondNs;
  const auto state = run(submitted.job);
  EXPECT_EQ(state.is(), State::kDone);
  EXPECT_EQ(state.why, "");
  EXPECT_THAT(devices_of("C1"), ElementsAre("D2"));
}

TEST_F(ImporterTest, AMoveLeavesTheOldCustomerThenEntersTheNewOne) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\nC2,M1,E1,b\n");

  // D1 and E1 swap: C1 is named as well, so its D2 stays only because the file says so.
  const auto submitted = submit(kHeader + "C1,M1,D2,a\nC1,M1,E1,b\nC2,M1,D1,a\n", true);
  EXPECT_EQ(submitted.state, State::kRunning);
  EXPECT_THAT(devices_of("C1"), ElementsAre("D1", "D2"));
  EXPECT_EQ(run(submitted.job).is(), State::kDone);

  EXPECT_THAT(devices_of("C1"), ElementsAre("D2", "E1"));
  EXPECT_THAT(devices_of("C2"), ElementsAre("D1"));
  EXPECT_THAT(left_, ElementsAre("D1", "E1"));
  EXPECT_EQ(log_of("C1", "inventory.removed")[0].outcome, "moved");
  EXPECT_EQ(log_of("C1", "inventory.imported").size(), 2U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(ImporterTest, AMoveTakesADeviceFromACustomerThatTheFileDoesNotName) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");

  run(submit(kHeader + "C2,M1,D1,a\n", true).job);

  EXPECT_THAT(devices_of("C1"), ElementsAre("D2"));
  EXPECT_THAT(devices_of("C2"), ElementsAre("D1"));
  EXPECT_EQ(log_of("C1", "inventory.imported").back().payload,
            R"({"added":0,"changed":0,"removed":1})");
}

TEST_F(ImporterTest, ASecondImportIsRefusedWhileOneRunsAndToldWhich) {
  const auto job = submit(kHeader + fleet("C1", 0, 300)).job;

  const auto second = importer_->submit(kHeader + "C2,M1,D1,a\n", false, caller_);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().status, INTRAY_E_CONFLICT);
  EXPECT_THAT(second.error().message, HasSubstr(job));
  run(job);
  EXPECT_EQ(submit(kHeader + "C2,M1,D1,a\n").state, State::kDone);
}

TEST_F(ImporterTest, OfManyImportsAtOnceEachIsDoneOrRefused) {
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto csv = kHeader + "C" + std::to_string(i) + ",M1,D" + std::to_string(i) + ",a\n";
      const auto submitted = importer_->submit(csv, false, caller_);
      if (submitted && submitted->state == State::kDone) ++done;
      if (!submitted && submitted.error().status == INTRAY_E_CONFLICT) ++refused;
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(done + refused, 8);
  EXPECT_GE(done, 1);
  EXPECT_EQ(snapshot().customers("", 10).size(), static_cast<std::size_t>(done));
}

TEST_F(ImporterTest, NoSecondImportStartsWhileAPluginIsAsked) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");
  Importer* self = nullptr;
  Result<Submitted> inner = Submitted();
  Importer importer(*store_, [&](const auto&, const auto&) {
    inner = self->submit(kHeader + "C2,M1,E1,a\n", false, caller_);
    return std::vector<store::Operation>();
  });
  self = &importer;

  const auto outer = importer.submit(kHeader + "C1,M1,D2,a\n", false, caller_);

  ASSERT_TRUE(outer);
  EXPECT_EQ(outer->state, State::kDone);
  ASSERT_FALSE(inner);
  EXPECT_EQ(inner.error().status, INTRAY_E_CONFLICT);
  EXPECT_THAT(inner.error().message, HasSubstr(outer->job));
}

TEST_F(ImporterTest, ATimerThatFiresWhileASmallImportIsCarriedOutStepsAside) {
  submit(kHeader + "C1,M1,D1,a\nC1,M1,D2,a\n");
  Importer* self = nullptr;
  std::vector<store::Operation> aside;
  Importer importer(*store_, [&](const auto&, const auto&) {
    const auto known = jobs(*store_);
    for (const auto& job : *known) {
      if (job.running()) aside = *self->due("", timer_name(job.job));
    }
    return std::vector<store::Operation>();
  });
  self = &importer;

  EXPECT_EQ(importer.submit(kHeader + "C1,M1,D2,a\n", false, caller_)->state, State::kDone);

  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(std::get<store::SetTimer>(aside[0]).due, now_ + store::kSecondNs);
}

TEST_F(ImporterTest, TheReplyOfARepeatIsWrittenWithTheAcceptance) {
  caller_.idempotency_key = "key-1";
  caller_.digest.fill(7);
  const auto job = submit(kHeader + fleet("C1", 0, 300)).job;

  const auto reply = snapshot().reply(caller_.principal, "key-1");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->digest, caller_.digest);
  EXPECT_EQ(reply->status, 202U);
  EXPECT_THAT(reply->location, HasSubstr(job));
  run(job);
  const auto repeat = importer_->submit(kHeader + "C1,M1,D1,a\n", false, caller_);
  EXPECT_EQ(repeat.error().status, INTRAY_E_CONFLICT);
  EXPECT_EQ(devices_of("C1").size(), 300U);
  EXPECT_EQ(slices(), 0U);
}

TEST_F(ImporterTest, ARejectedImportKeepsNoReply) {
  caller_.idempotency_key = "key-1";

  EXPECT_EQ(submit(kHeader + "C1,M1,D1,1.2.3\n").state, State::kRejected);

  EXPECT_FALSE(snapshot().reply(caller_.principal, "key-1"));
}

TEST_F(ImporterTest, AFullStoreRefusesAnImportAndMakesARunningOneWait) {
  std::uint64_t disk = 1U << 30U;
  auto options = this->options();
  options.reserve_bytes = 1U << 20U;
  options.free_disk_bytes = [&disk] { return disk; };
  importer_.reset();
  open(options);
  restart();
  const auto job = submit(kHeader + fleet("C1", 0, 300)).job;
  // The store measures now and then; this many commits later it knows.
  disk = 0;
  for (int i = 0; i < 40; ++i) {
    (void)store_->commit({"C9", "test", {store::PutDevice{device("X")}}, true}).has_value();
  }

  const auto waiting = run(job);
  EXPECT_TRUE(waiting.running());
  EXPECT_THAT(waiting.why, Not(IsEmpty()));
  EXPECT_THAT(devices_of("C1"), IsEmpty());
  disk = 1U << 30U;
  now_ += store::kSecondNs;
  EXPECT_EQ(run(job).is(), State::kDone);
  EXPECT_EQ(devices_of("C1").size(), 300U);

  disk = 0;
  for (int i = 0; i < 40; ++i) {
    (void)store_->commit({"C9", "test", {store::PutDevice{device("X")}}, true}).has_value();
  }
  EXPECT_EQ(importer_->submit(kHeader + "C2,M1,D1,a\n", false, caller_).error().status,
            INTRAY_E_FULL);
}

TEST_F(ImporterTest, AnImportThatCannotSucceedFailsAndFreesTheWay) {
  const auto job = submit(kHeader + fleet("C1", 0, 1200)).job;
  // Nothing but an import adds devices; were it so, the import must not wait for ever.
  must({store::PutDevice{device("D1000700")}}, "C2");

  const auto state = run(job);

  EXPECT_EQ(state.is(), State::kFailed);
  EXPECT_THAT(state.why, HasSubstr("D1000700"));
  EXPECT_EQ(state.devices_done, 500U);
  EXPECT_EQ(slices(), 0U);
  EXPECT_EQ(log_of("", "inventory.imported").back().outcome, "failed");
  EXPECT_EQ(submit(kHeader + "C3,M1,D1,a\n").state, State::kDone);
}

TEST_F(ImporterTest, FinishedJobsGoAfterADayOrSeveralJobs) {
  const auto first = submit(kHeader + "C1,M1,D0,a\n").job;
  std::string last;
  for (std::size_t i = 1; i <= kFinishedJobsKept; ++i) {
    now_ += store::kSecondNs;
    last = submit(kHeader + "C1,M1,D" + std::to_string(i) + ",a\n").job;
  }
  EXPECT_EQ(importer_->job(first).error().status, INTRAY_E_NOT_FOUND);
  EXPECT_EQ(importer_->job(last)->is(), State::kDone);

  now_ += store::kDayNs;
  run_timers();
  EXPECT_EQ(importer_->job(last).error().status, INTRAY_E_NOT_FOUND);
  EXPECT_EQ(snapshot().next_timer(), 0);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(ImporterTest, AnImportWithoutChangesIsDone) {
  submit(kHeader + "C1,M1,D1,a\n");

  const auto again = submit(kHeader + "C1,M1,D1,a\n");

  EXPECT_EQ(again.state, State::kDone);
  EXPECT_EQ(again.diff.counts, Counts());
  EXPECT_EQ(log_of("C1", "inventory.imported").size(), 1U);
}

TEST_F(ImporterTest, UnknownJobsAreNotFound) {
  EXPECT_EQ(importer_->job("i-0").error().status, INTRAY_E_NOT_FOUND);
  EXPECT_EQ(importer_->job("../x").error().status, INTRAY_E_NOT_FOUND);
  EXPECT_THAT(*importer_->due("", "inventory/i-0"), IsEmpty());
}

}  // namespace
}  // namespace intray::inventory
