// kill -9 between any two lines of an import: it is whole after the restart, and told once.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/host/inventory/fixture.hpp"

namespace intray::inventory {
namespace {

using ::testing::IsEmpty;

constexpr int kFleet = 1500;
constexpr int kRounds = 12;
constexpr int kRoundStepMs = 9;

std::string all_at_c1() { return kHeader + fleet("C1", 0, kFleet); }
std::string half_at_c2() {
  return kHeader + fleet("C1", 0, kFleet / 2, "M2") + fleet("C2", kFleet / 2, kFleet);
}

class KilledImportTest : public InventoryTest {
 protected:
  bool is_running() {
    const auto known = jobs(*store_);
    EXPECT_TRUE(known);
    for (const auto& job : *known) {
      if (job.running()) return true;
    }
    return false;
  }

  void import_until_killed(int pipe) {
    open();
    restart();
    for (int n = 0;; ++n) {
      while (is_running()) run_timers();
      // Always a change for both customers.
      const auto csv = devices_of("C2").empty() ? half_at_c2() : all_at_c1();
      if (!importer_->submit(csv, true, caller_)) _exit(1);
      if (write(pipe, &n, sizeof n) != sizeof n) _exit(2);
    }
  }
};

TEST_F(KilledImportTest, IsWholeAfterTheRestartAndToldOnce) {
  for (int round = 0; round < kRounds; ++round) {
    importer_.reset();
    store_.reset();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) import_until_killed(ends[1]);
    close(ends[1]);
    int accepted = 0;
    ASSERT_EQ(read(ends[0], &accepted, sizeof accepted), ssize_t{sizeof accepted});
    usleep(static_cast<useconds_t>(round * kRoundStepMs * 1000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the importer ended by itself";

    open();
    restart();
    while (is_running()) ASSERT_TRUE(run_timers());

    const auto first = devices_of("C1").size();
    const auto second = devices_of("C2").size();
    EXPECT_TRUE((first == kFleet && second == 0) || (first == kFleet / 2 && second == kFleet / 2))
        << first << " and " << second;
    EXPECT_EQ(log_of("", "inventory.imported").size(), log_of("", "inventory.accepted").size());
    EXPECT_EQ(log_of("C2", "inventory.imported").size(), log_of("", "inventory.accepted").size());
    EXPECT_THAT(broken(), IsEmpty());
  }
}

}  // namespace
}  // namespace intray::inventory
