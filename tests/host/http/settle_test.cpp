// Answers that wait until what they say is durable, while their worker does other work.
#include "tests/host/http/fixture.hpp"
#include "tests/support/process.hpp"

namespace intray::http {
namespace {

using ::testing::HasSubstr;

// A route whose answers wait until the test settles them.
class SettleTest : public FrontTest, public ::testing::WithParamInterface<Way> {
 protected:
  void SetUp() override {
    options_.workers = 1;
    route({"POST", "/durable", "any.open", 1024, GetParam(), [this](const Request& request) {
             ++asked_;
             auto response = text("stored " + request.body);
             response.settle = [this](Settled settled) {
               const std::lock_guard lock(mutex_);
               waiting_.push_back(std::move(settled));
             };
             return response;
           }});
    start();
  }
  void settle(const Result<void>& outcome) {
    ASSERT_TRUE(testing_support::eventually([this] { return waiting() > 0; }));
    Settled settled;
    {
      const std::lock_guard lock(mutex_);
      settled = std::move(waiting_.back());
      waiting_.pop_back();
    }
    settled(outcome);
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

  std::atomic<int> asked_ = 0;

 private:
  std::mutex mutex_;
  std::vector<Settled> waiting_;
};

TEST_P(SettleTest, AnAnswerIsSentOnlyOnceItHasSettled) {
  RawClient client(address_);
  client.send(post("/durable", "x"));
  ASSERT_TRUE(testing_support::eventually([this] { return waiting() == 1; }));
  EXPECT_EQ(client.receive(std::chrono::milliseconds(50)), "");
  settle({});
  EXPECT_THAT(client.receive(), HasSubstr("stored x"));
}

TEST_P(SettleTest, TheOneWorkerServesOthersMeanwhile) {
  RawClient first(address_);
  first.send(post("/durable", "1"));
  ASSERT_TRUE(testing_support::eventually([this] { return waiting() == 1; }));
  EXPECT_EQ(status_of(ask(post("/echo/x", ""))), 200);
  RawClient second(address_);
  second.send(post("/durable", "2"));
  ASSERT_TRUE(testing_support::eventually([this] { return waiting() == 2; }));
  settle({});
  EXPECT_THAT(second.receive(), HasSubstr("stored 2")) << "each its own, whichever settles first";
  settle({});
  EXPECT_THAT(first.receive(), HasSubstr("stored 1"));
}

TEST_P(SettleTest, AHandlerWhoseRowsWereChangedMeanwhileIsAskedAgain) {
  RawClient client(address_);
  client.send(post("/durable", "x"));
  settle(fail(INTRAY_E_CONFLICT, "a row was changed meanwhile"));
  settle({});
  EXPECT_THAT(client.receive(), HasSubstr("stored x"));
  EXPECT_EQ(asked_, 2);
}

TEST_P(SettleTest, GivesUpWhenItIsInConflictAgainAndAgain) {
  RawClient client(address_);
  client.send(post("/durable", "x"));
  constexpr int kAttempts = 8;
  for (int i = 0; i < kAttempts; ++i) settle(fail(INTRAY_E_CONFLICT, "changed meanwhile"));
  EXPECT_EQ(status_of(client.receive()), 409);
  EXPECT_EQ(asked_, kAttempts);
}

TEST_P(SettleTest, AnyOtherErrorIsAnsweredInItsPlace) {
  RawClient client(address_);
  client.send(post("/durable", "x"));
  settle(fail(INTRAY_E_FULL, "the store is full"));
  const auto answer = client.receive();
  EXPECT_EQ(status_of(answer), 507);
  EXPECT_THAT(answer, HasSubstr("the store is full"));
  EXPECT_EQ(asked_, 1);
}

TEST_P(SettleTest, SettlingAfterTheFrontIsGoneHarmsNothing) {
  RawClient client(address_);
  client.send(post("/durable", "x"));
  ASSERT_TRUE(testing_support::eventually([this] { return waiting() == 1; }));
  front_->stop(std::chrono::milliseconds(50));
  front_.reset();
  settle({});
  EXPECT_EQ(client.receive(), "");
}

INSTANTIATE_TEST_SUITE_P(EachWay, SettleTest, ::testing::Values(Way::kLibrary, Way::kWorker),
                         [](const auto& instance) {
                           return instance.param == Way::kWorker ? "WrittenByTheFront"
                                                                 : "ThroughTheLibrary";
                         });

TEST_F(FrontTest, AnAnswerThatComesAfterTheDrainLeavesNothingBehind) {
  std::promise<void> entered;
  auto held = std::make_shared<int>(0);
  const std::weak_ptr<int> watched = held;
  route({"GET", "/slow", "any.open", 0, Way::kLibrary, [&entered, held](const Request&) {
           entered.set_value();
           std::this_thread::sleep_for(
               std::chrono::milliseconds(700));  // the loop looks each 250 ms
           return text("late");
         }});
  held.reset();
  start();
  RawClient client(address_);
  client.send(get("/slow"));
  entered.get_future().wait();
  front_->stop(std::chrono::milliseconds(10));
  front_.reset();
  router_.remove("GET", "/slow", Listener::kDevice);
  EXPECT_TRUE(watched.expired()) << "the answer, its request and its route are gone";
}

}  // namespace
}  // namespace intray::http
