#include <atomic>

#include "tests/host/plugin/fixture.hpp"

namespace intray::plugin {
namespace {

using ::testing::IsEmpty;

class TimersTest : public PluginTest {
 protected:
  void SetUp() override {
    PluginTest::SetUp();
    install("test_platform");
  }
  std::size_t events(const std::string& object) {
    std::size_t found = 0;
    for (const auto& row : snapshot().customer("C001").log(0, 100)) {
      found += row.topic == "timer" && row.object == object ? 1 : 0;
    }
    return found;
  }
  bool comes_to(const std::string& object, std::size_t times) {
    return testing_support::eventually([&] { return events(object) == times; });
  }
};

TEST_F(TimersTest, WhatATimerAddsIsCommittedWithItsEnd) {
  must_begin();
  EXPECT_EQ(told("timer", "once"), "done");
  EXPECT_TRUE(comes_to("once", 1));
  EXPECT_EQ(snapshot().next_timer(), 0);
  EXPECT_EQ(count("due C001 once"), 1U);
}

TEST_F(TimersTest, ATimerMaySetItselfAgain) {
  must_begin();
  EXPECT_EQ(told("timer", "again"), "done");
  EXPECT_TRUE(comes_to("again", 2));
}

TEST_F(TimersTest, AConflictIsAskedAgainWithFreshData) {
  must_begin();
  EXPECT_EQ(told("timer", "conflict"), "done");
  EXPECT_TRUE(comes_to("conflict", 1));
  EXPECT_EQ(count("due C001 conflict"), 2U);
}

TEST_F(TimersTest, ATimerThatFailedComesAgainLater) {
  must_begin();
  EXPECT_EQ(told("timer", "fail"), "done");
  ASSERT_TRUE(comes("timer 'fail' of customer 'C001' is tried again in 1 s"));
  EXPECT_GT(snapshot().next_timer(), store_->now() - store::kSecondNs);
  EXPECT_TRUE(comes_to("fail", 1));
}

TEST_F(TimersTest, ATimerSurvivesARestart) {
  must_commit({store::SetTimer{"test.platform", "once", 1}});
  must_begin();
  EXPECT_TRUE(comes_to("once", 1));
}

TEST_F(TimersTest, ATimerOfAPluginThatIsGoneStays) {
  must_commit({store::SetTimer{"test.gone", "once", 1}});
  must_begin();
  EXPECT_TRUE(comes("test.gone: timer 'once'"));
  EXPECT_NE(snapshot().next_timer(), 0);
}

TEST_F(TimersTest, ManyTimersRunSideBySideAndEachOnce) {
  std::vector<store::Operation> timers;
  for (int i = 0; i < 90; ++i) {
    timers.emplace_back(store::SetTimer{"test.platform", "t" + std::to_string(i), 1 + i});
  }
  must_commit(std::move(timers));
  must_begin();
  EXPECT_TRUE(testing_support::eventually([this] { return snapshot().next_timer() == 0; }));
  EXPECT_EQ(count("due C001 t"), 90U);
}

TEST_F(TimersTest, TheHostsOwnTimersGoToItsHandlers) {
  std::atomic<int> inside{0};
  std::atomic<int> calls{0};
  host_timers_.emplace_back("import.",
                            [&](const std::string& customer,
                                const std::string& name) -> Result<std::vector<store::Operation>> {
                              EXPECT_EQ(++inside, 1) << "never twice at once";
                              std::this_thread::sleep_for(std::chrono::milliseconds(150));
                              --inside;
                              if (++calls == 1) return fail(INTRAY_E_BUSY, "not now");
                              return std::vector<store::Operation>{
                                  store::Event{"timer", "done", customer + " " + name, ""}};
                            });
  must_commit({store::SetTimer{"host", "import.1", 1}});
  must_begin();
  EXPECT_TRUE(comes_to("C001 import.1", 1));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(snapshot().next_timer(), 0);
}

TEST_F(TimersTest, NothingIsCalledAfterTheStop) {
  must_begin();
  host_->stop();
  must_commit({store::SetTimer{"test.platform", "once", 1}});
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_EQ(count("due C001 once"), 0U);
  EXPECT_NE(snapshot().next_timer(), 0);
}

}  // namespace
}  // namespace intray::plugin
