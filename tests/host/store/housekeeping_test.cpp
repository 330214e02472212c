#include "host/store/housekeeping.hpp"

#include "tests/host/store/fixture.hpp"
#include "tests/support/process.hpp"

namespace intray::store {
namespace {

using std::chrono::milliseconds;
using testing_support::eventually;

class Housekept : public StoreTest {
 protected:
  HousekeepingOptions often() const {
    HousekeepingOptions options;
    options.flush_every = milliseconds(10);
    options.purge_every = milliseconds(10);
    return options;
  }
  PresenceMarks marks_;
};

TEST_F(Housekept, TheLastPollsAreStoredNowAndThen) {
  must({PutDevice{device("D1")}});
  const Housekeeping housekeeping(*store_, marks_, often());

  marks_.polled("C001", "D1", 100, 200, 0);

  EXPECT_TRUE(
      eventually([&] { return snapshot().customer("C001").presence("D1").next_poll == 200; }));
}

TEST_F(Housekept, TheLastPollsAreStoredWhenItEnds) {
  must({PutDevice{device("D1")}});
  {
    const Housekeeping housekeeping(*store_, marks_, {});
    marks_.polled("C001", "D1", 100, 200, 0);
  }

  EXPECT_EQ(snapshot().customer("C001").presence("D1").next_poll, 200);
}

TEST_F(Housekept, RowsThatOutlivedTheirKeepGoFromEveryCustomer) {
  for (const auto* customer : {"C001", "C002"}) {
    must({Event{"topic", "old", "", ""}}, customer);
    must({Event{"topic", "newest", "", ""}}, customer);
  }
  now_ += kLogKeptNs + kDayNs;
  const Housekeeping housekeeping(*store_, marks_, often());

  for (const auto* customer : {"C001", "C002"}) {
    EXPECT_TRUE(eventually([&] { return snapshot().customer(customer).log(0, 10).size() == 1; }));
  }
}

}  // namespace
}  // namespace intray::store
