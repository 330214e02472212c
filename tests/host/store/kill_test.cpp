// kill -9 between any two lines: what was answered is there, and what is there is whole.
#include <algorithm>

#include "tests/host/store/fixture.hpp"
#include "tests/support/kill.hpp"

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
    const auto told = testing_support::told_before_kill(
        3 + round * 5, [this](int pipe) { write_until_killed(options(), pipe); });
    durable = std::max(durable, told);

    open();
    EXPECT_THAT(broken(), IsEmpty());
    EXPECT_GE(snapshot().customer("C001").device_count(), durable);
  }
}

}  // namespace
}  // namespace intray::store
