#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::IsEmpty;

using Timers = StoreTest;

TEST_F(Timers, AreDueInOrderOfTime) {
  must({SetTimer{"p", "late", now_ + 2}, SetTimer{"p", "soon", now_ + 1}});
  EXPECT_EQ(snapshot().next_timer(), now_ + 1);
  EXPECT_THAT(snapshot().timers_due(now_, 10), IsEmpty());
  const auto due = snapshot().timers_due(now_ + 2, 10);
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[0].name, "soon");
  EXPECT_EQ(due[0].customer, "C001");
}

TEST_F(Timers, AreMovedWhenSetAgainAndGoneWhenCanceled) {
  must({SetTimer{"p", "t", now_ + 1}});
  must({SetTimer{"p", "t", now_ + 5}});
  EXPECT_EQ(snapshot().next_timer(), now_ + 5);
  must({SetTimer{"p", "t", 0}, SetTimer{"p", "never set", 0}});
  EXPECT_EQ(snapshot().next_timer(), 0);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Timers, AreConsumedOnce) {
  must({SetTimer{"p", "t", now_}});
  must({ConsumeTimer{"p", "t", now_}, SetTimer{"p", "t", now_ + 9}});
  EXPECT_EQ(snapshot().next_timer(), now_ + 9);
  EXPECT_EQ(status_of({ConsumeTimer{"p", "t", now_}}), INTRAY_E_CONFLICT);
  EXPECT_EQ(status_of({ConsumeTimer{"p", "other", now_}}), INTRAY_E_CONFLICT);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Timers, OfTheSameNameDoNotMeetAcrossOwnersAndCustomers) {
  must({SetTimer{"p", "t", now_}, SetTimer{"q", "t", now_}});
  must({SetTimer{"p", "t", now_}}, "C002");
  EXPECT_EQ(snapshot().timers_due(now_, 10).size(), 3U);
}

}  // namespace
}  // namespace intray::store
