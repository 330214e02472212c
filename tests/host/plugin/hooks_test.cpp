#include "tests/host/plugin/fixture.hpp"

namespace intray::plugin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HooksTest : public PluginTest {
 protected:
  void SetUp() override {
    PluginTest::SetUp();
    install("test_platform");
    install("test_good");
  }
};

TEST_F(HooksTest, ValidationAsksTheOneService) {
  must_begin();
  EXPECT_EQ(told("validate", "good-service D1"), "");
  EXPECT_EQ(told("validate", "good-service D2"), "not for D2");
  EXPECT_EQ(status_when("validate", "no-such-service D1"), INTRAY_E_NOT_FOUND);
}

TEST_F(HooksTest, ParametersCarryDefaults) {
  must_begin();
  EXPECT_EQ(told("params", "good-service"), "folder=inbox;pages=12;");
}

TEST_F(HooksTest, AnUndeclaredParameterIsRefusedAndTold) {
  options_.config = {{"test.good", {{"params", "undeclared"}}}};
  must_begin();
  EXPECT_EQ(told("params", "good-service"), "folder=inbox;pages=12;");
  EXPECT_EQ(count("parameter secret is not declared"), 1U);
}

TEST_F(HooksTest, AMistypedParameterIsNotGivenToADevice) {
  options_.config = {{"test.good", {{"params", "mistyped"}}}};
  must_begin();
  EXPECT_EQ(status_when("params", "good-service"), INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(count("the value of parameter pages is not of its type"), 1U);
}

TEST_F(HooksTest, AMissingRequiredParameterMakesTheServiceUnavailable) {
  options_.config = {{"test.good", {{"params", "none"}}}};
  must_begin();
  EXPECT_EQ(status_when("params", "good-service"), INTRAY_E_UNAVAILABLE);
}

TEST_F(HooksTest, APluginThatIsDownIsUnavailable) {
  options_.config = {{"test.good", {{"health", "down"}}}};
  must_begin();
  const auto answer = ask("params", "good-service");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_THAT(answer.error().message, HasSubstr("backend: the backend"));
}

TEST_F(HooksTest, ALatePluginIsLeftAtTheDeadline) {
  options_.config = {{"test.good", {{"hang_ms", "700"}}}};
  must_begin();
  CallContext context;
  context.customer = "C001";
  context.deadline_mono_ns = mono_ns() + 50'000'000;
  const auto begun = steady_clock::now();
  const auto answer = ask("validate", "good-service D1", context);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, INTRAY_E_UNAVAILABLE);
  EXPECT_LT(steady_clock::now() - begun, milliseconds(600));
  EXPECT_EQ(status_of("test_good").state, "faulty");
  EXPECT_TRUE(testing_support::eventually([this] {
    return status_of("test_good").state == "running";
  })) << "it came back";
}

TEST_F(HooksTest, AnExceptionMakesThatPluginFaultyAndNoOther) {
  install("test_throws");
  must_begin();
  EXPECT_EQ(status_when("validate", "throwing-service D1"), INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(status_of("test_throws").state, "faulty");
  EXPECT_THAT(status_of("test_throws").reason, HasSubstr("a bug of the plugin"));
  EXPECT_EQ(status_when("validate", "throwing-service D1"), INTRAY_E_UNAVAILABLE);
  EXPECT_EQ(told("validate", "good-service D1"), "");
}

TEST_F(HooksTest, TellsOfRegistrationsAndStopsInOrderAndErasesTheRows) {
  must_begin();
  add_device("D1");
  EXPECT_EQ(told("entitle", "D1"), "done");
  EXPECT_EQ(told("disentitle", "D1"), "done");
  ASSERT_TRUE(comes("stopped D1 good-service reason 2"));
  const auto all = lines();
  const auto registered = std::find_if(all.begin(), all.end(), [](const std::string& line) {
    return line == "test.good: registered D1 good-service model M1001";
  });
  ASSERT_NE(registered, all.end());
  EXPECT_THAT(*(registered + 1), StartsWith("test.good: stopped D1"));
  EXPECT_TRUE(testing_support::eventually([this] { return host_->outbox_waiting() == 0; }));
}

TEST_F(HooksTest, RepeatsAHookThatFailedUntilItSucceeds) {
  options_.config = {{"test.good", {{"fail_told", "2"}}}};
  must_begin();
  add_device("D1");
  EXPECT_EQ(told("entitle", "D1"), "done");
  ASSERT_TRUE(comes("registered D1", 3));
  EXPECT_EQ(count("registered D1 good-service model M1001 failing"), 1U) << "the first, no repeat";
  EXPECT_EQ(count("registered D1 good-service model M1001 again failing"), 1U);
  EXPECT_TRUE(testing_support::eventually([this] { return host_->outbox_waiting() == 0; }));
}

TEST_F(HooksTest, AStuckPluginDoesNotBlockAnother) {
  install("test_other");
  options_.config = {{"test.good", {{"fail_told", "1000000"}}}};
  must_begin();
  add_device("D1");
  EXPECT_EQ(told("entitle", "D1"), "done");
  must_commit({store::Entitle{"D1", "other-service", "{}"}});
  EXPECT_TRUE(comes("test.other: registered D1 other-service"));
  EXPECT_TRUE(testing_support::eventually([this] { return host_->outbox_waiting() == 1; }));
}

TEST_F(HooksTest, TellsAfterARestartWhatWasNotTold) {
  add_device("D1");
  must_commit({store::Entitle{"D1", "good-service", "{}"}});
  must_begin();
  EXPECT_TRUE(comes("registered D1 good-service model M1001 again"));
}

TEST_F(HooksTest, AWaveIsToldWhole) {
  constexpr int kDevices = 300;
  must_begin();
  std::vector<store::Operation> operations;
  for (int i = 0; i < kDevices; ++i) {
    store::Device device;
    device.device_id = "W" + std::to_string(i);
    device.customer = "C001";
    device.model = "M1001";
    operations.emplace_back(store::PutDevice{device});
    operations.emplace_back(store::Entitle{device.device_id, "good-service", "{}"});
  }
  must_commit(std::move(operations));
  EXPECT_TRUE(comes("registered W", kDevices));
  EXPECT_TRUE(testing_support::eventually([this] { return host_->outbox_waiting() == 0; }));
  EXPECT_EQ(count("registered W"), static_cast<std::size_t>(kDevices)) << "each once";
}

}  // namespace
}  // namespace intray::plugin
