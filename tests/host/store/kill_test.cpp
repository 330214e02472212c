// kill -9 between any two lines: what was answered is there, and what is there is whole.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::IsEmpty;

// Registers one device after another and tells each that is durable through the pipe.
[[noreturn]] void write_until_killed(StoreOptions options, int pipe) {
  options.clock = nullptr;
  auto store = Store::open(std::move(options));
  if (!store) _exit(1);
  const auto view_count = [&] { return (*store)->snapshot()->customer("C001").device_count(); };
  for (std::uint64_t n = view_count();; ++n) {
    Device device;
    device.device_id = "D" + std::to_string(n);
    device.model = "MFP-X100";
    const auto committed = (*store)->commit(
        {"C001",
         "test",
         {PutDevice{device},
          Send{device.device_id, "register-device", "r", "p", "service-x", "{}", 0},
          AddOwn{"p", "n", 1}, Event{"t", "o", device.device_id, ""}}});
    if (!committed) _exit(2);
    if (write(pipe, &n, sizeof n) != sizeof n) _exit(3);
  }
}

using Killed = StoreTest;

TEST_F(Killed, TheStoreKeepsWhatItAnsweredAndBreaksNothing) {
  std::uint64_t durable = 0;
  for (int round = 0; round < 12; ++round) {
    store_.reset();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(options(), ends[1]);
    close(ends[1]);
    std::uint64_t last = 0;
    for (int commits = 0; commits < 3 + round * 5; ++commits) {
      if (read(ends[0], &last, sizeof last) != sizeof last) break;
      durable = last + 1;
    }
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    while (read(ends[0], &last, sizeof last) == sizeof last) durable = last + 1;
    close(ends[0]);

    open();
    EXPECT_THAT(broken(), IsEmpty());
    EXPECT_GE(snapshot().customer("C001").device_count(), durable);
  }
}

}  // namespace
}  // namespace intray::store
