// The process may die between any two commits: nothing is forgotten, nothing is done twice.
#include <chrono>

#include "tests/host/inventory/fixture.hpp"

namespace intray::inventory {
namespace {

using ::testing::IsEmpty;

using ResumeTest = InventoryTest;

constexpr int kHeld = 700;

// Two customers: devices added, changed, removed and moved, in six slices.
std::string held() { return kHeader + fleet("C1", 0, kHeld); }
std::string wanted() {
  return kHeader + fleet("C1", 600, kHeld, "M2") + fleet("C2", 0, 100) + fleet("C2", 5000, 5600);
}

TEST_F(ResumeTest, AnImportResumesAfterACrashAtEveryCommit) {
  for (int survived = 0;; ++survived) {
    importer_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_.path() / "store");
    int commits = -1;
    auto options = this->options();
    options.commit_fails = [&] { return commits == 0 || (commits > 0 && commits-- == 0); };
    open(options);
    restart();
    ASSERT_EQ(run(submit(held()).job).is(), State::kDone);

    // From the given commit on nothing reaches the disk any more.
    commits = survived;
    const auto submitted = importer_->submit(wanted(), true, caller_);
    bool crashed = !submitted;
    while (!crashed && importer_->job(submitted->job)->running()) {
      const auto timers = snapshot().timers_due(now_, 1);
      ASSERT_EQ(timers.size(), 1U);
      auto operations = importer_->due("", timers[0].name);
      ASSERT_TRUE(operations);
      operations->insert(operations->begin(),
                         store::ConsumeTimer{"host", timers[0].name, timers[0].due});
      crashed = commits == 0 || !store_->commit({"", "host", std::move(*operations)});
    }
    commits = -1;
    now_ += store::kSecondNs;
    restart();
    const auto job = submitted ? submitted->job : submit(wanted(), true).job;
    ASSERT_EQ(run(job).is(), State::kDone) << "after commit " << survived;

    EXPECT_EQ(devices_of("C1").size(), 100U);
    EXPECT_EQ(devices_of("C2").size(), 700U);
    EXPECT_EQ(snapshot().customer("C1").device("D1000650")->model, "M2");
    EXPECT_EQ(log_of("C1", "inventory.imported").size(), 2U) << "after commit " << survived;
    EXPECT_EQ(log_of("C2", "inventory.imported").size(), 1U) << "after commit " << survived;
    EXPECT_EQ(log_of("C1", "inventory.removed").size(), 600U) << "after commit " << survived;
    EXPECT_EQ(slices(), 0U);
    EXPECT_THAT(broken(), IsEmpty());
    if (!crashed) {
      EXPECT_GE(survived, 6) << "no crash was tried";
      return;
    }
  }
}

TEST_F(ResumeTest, ATurnWhoseRecordIsLostIsPassedOver) {
  const auto job = submit(kHeader + fleet("C1", 0, 1200)).job;
  const auto lost = importer_->due("", timer_name(job));
  ASSERT_TRUE(lost);
  EXPECT_EQ(importer_->job(job)->cursor, 0U);

  restart();
  EXPECT_EQ(run(job).is(), State::kDone);

  EXPECT_EQ(devices_of("C1").size(), 1200U);
  EXPECT_EQ(log_of("C1", "inventory.imported").size(), 1U);
}

TEST_F(ResumeTest, SlicesWithoutAJobAreErasedByTheNextImport) {
  must({store::PutHostRow{slice_key("i-lost", 0), "x"},
        store::PutHostRow{slice_key("i-lost", 1), "y"}},
       "");

  submit(kHeader + "C1,M1,D1,a\n");

  EXPECT_EQ(slices(), 0U);
}

TEST_F(ResumeTest, TwentyThousandDevicesAreImportedInLessThanThreeSeconds) {
  const auto begin = std::chrono::steady_clock::now();

  const auto job = submit(kHeader + fleet("C1", 0, 20'000)).job;
  const auto state = run(job);

  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(state.is(), State::kDone) << state.why;
  EXPECT_EQ(state.devices_done, 20'000U);
  EXPECT_LT(took, std::chrono::seconds(3));
  EXPECT_EQ(devices_of("C1").size(), 20'000U);
}

}  // namespace
}  // namespace intray::inventory
