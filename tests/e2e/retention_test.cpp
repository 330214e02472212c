// What is kept for how long, as an administrator meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "host/store/store.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;

// The daemon's store, while the daemon is not there, when the log is older than it is kept.
void purge_log_of(const Daemon& daemon, const std::string& customer) {
  store::StoreOptions options;
  options.directory = daemon.directory() / "store";
  options.map_bytes = 1ULL << 30;
  options.clock = [] { return store::kLogKeptNs + 4'000'000'000 * store::kSecondNs; };
  auto opened = store::Store::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto purged = (*opened)->commit({customer, "host", {store::Purge{}}});
  ASSERT_TRUE(purged) << purged.error().message;
}

TEST(RetentionTest, EventsThatAreGoneAreSaidToBeAndWhereToGoOn) {
  Daemon daemon;
  daemon.import(fig9_inventory());
  const auto applied =
      daemon.as_administrator("C001", "POST", "/v1/applications", R"({"service":"service-x"})");
  ASSERT_EQ(applied.status, 201);
  const auto before = cli::items_of(daemon.as_administrator("C001", "GET", "/v1/events").json);
  ASSERT_GT(before.size(), 3U);
  ASSERT_EQ(daemon.stop(), 0);
  purge_log_of(daemon, "C001");
  daemon.start();

  const auto gone = daemon.as_administrator("C001", "GET", "/v1/events?since=1");
  EXPECT_EQ(gone.status, 410);
  EXPECT_THAT(gone.body, HasSubstr("go on from `oldest`"));
  const auto oldest = std::to_string(number(gone.json, "oldest"));
  EXPECT_EQ(oldest, text(before.back(), "sequence")) << "the newest row stays: the chain goes on";

  const auto rest = daemon.as_administrator("C001", "GET", "/v1/events?since=" + oldest);
  EXPECT_EQ(rest.status, 200);
  const auto all = daemon.as_administrator("C001", "GET", "/v1/events");
  EXPECT_THAT(column(all, "sequence"), testing::Contains(oldest)) << all.body;
  EXPECT_THAT(daemon.check(), testing::IsEmpty());
}

}  // namespace
}  // namespace intray::e2e
