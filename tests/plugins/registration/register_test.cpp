#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class RegisterTest : public RegistrationTest {
 protected:
  RegisterTest() { host_.services[0].params = {{"folder", "inbox"}}; }
  std::size_t refusals() { return events("registration.refused"); }
};

TEST_F(RegisterTest, TheRightCodeEntitlesTheDeviceAndAnswersTheParameters) {
  const auto id = applied(R"({"service":"service-x","devices":["D10010101"]})");

  const auto reply = send_code("D10010101", "service-x", code("D10010101"));

  ASSERT_EQ(reply.status, 200U) << reply.body;
  EXPECT_EQ(text(json(reply), "service"), "service-x");
  EXPECT_EQ(text(json(reply).at("parameters"), "folder"), "inbox");
  EXPECT_TRUE(entitled("D10010101"));
  EXPECT_THAT(host_.mailbox("C001", "D10010101"), IsEmpty());
  EXPECT_EQ(events("enrolment.registered"), 1U);
  EXPECT_EQ(state(id), "completed");
  EXPECT_EQ(events("application.completed"), 1U);
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

TEST_F(RegisterTest, TheSameCodeAgainGetsTheSameAnswerAndHasNoEffect) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  const auto first = send_code("D10010101", "service-x", right);
  const auto commits = host_.commits;
  host_.store.now += kHour;
  host_.services[0].params = {{"folder", "another"}};

  const auto again = send_code("D10010101", "service-x", right);

  EXPECT_EQ(again.status, 200U);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(host_.commits, commits);
}

TEST_F(RegisterTest, AnythingWrongGetsOneAndTheSame403AndOneLogRowEach) {
  applied(R"({"service":"service-x","devices":["D10010101","D10020102"]})");

  const auto wrong = send_code("D10010101", "service-x", "nonsense");
  const auto others = send_code("D10010101", "service-x", code("D10020102"));
  const auto none = send_code("D10020103", "service-x", "nonsense");
  const auto missing =
      host_.request({"POST", "/v1/services/service-x/register", "{}", "device:D10010101", "C001"});

  for (const auto& reply : {wrong, others, none, missing}) {
    EXPECT_EQ(reply.status, 403U);
    EXPECT_EQ(reply.body, wrong.body);
  }
  EXPECT_EQ(refusals(), 4U);
  EXPECT_THAT(host_.store.entitlements, IsEmpty());
}

TEST_F(RegisterTest, NamesOfServicesThatNobodyOffersLeaveNothingBehind) {
  const auto reply = send_code("D10010101", "made-up", "x");

  EXPECT_EQ(reply.status, 403U);
  EXPECT_EQ(reply.body, send_code("D10010101", "service-x", "x").body);
  EXPECT_EQ(refusals(), 1U);
  EXPECT_EQ(host_.locks.size(), 1U);
}

TEST_F(RegisterTest, ParametersThatCannotBeKeptRegisterNobody) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  host_.services[0].params = {{"folder", std::string(17'000, 'x')}};

  EXPECT_EQ(register_device("D10010101"), 503U);
  EXPECT_FALSE(entitled("D10010101"));
}

TEST_F(RegisterTest, AMalformedBodyIsRefusedWithoutCountingATry) {
  for (const std::string body : {"[1]", R"({"code":7})", R"({"cod":"x"})"}) {
    EXPECT_EQ(
        host_.request({"POST", "/v1/services/service-x/register", body, "device:D10010101", "C001"})
            .status,
        400U);
  }
  EXPECT_EQ(refusals(), 0U);
}

TEST_F(RegisterTest, TenWrongCodesLockThePairButNotARegisteredOneAndNotAnother) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  applied(R"({"service":"service-z","devices":["D10010101"]})");
  const auto right = code("D10010101");
  for (int i = 0; i < 10; ++i) send_code("D10010101", "service-x", "wrong");

  const auto locked = send_code("D10010101", "service-x", right);

  EXPECT_EQ(locked.status, 429U);
  EXPECT_EQ(locked.header("Retry-After"), "900");
  EXPECT_EQ(register_device("D10010101", "service-z"), 200U);
  host_.store.now += kHour;
  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 200U);
  for (int i = 0; i < 10; ++i) send_code("D10010101", "service-x", "wrong");
  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 200U) << "even when locked";
}

TEST_F(RegisterTest, ACodeOfAnEndedGenerationIsGone) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto stopped = code("D10010101");
  ASSERT_EQ(register_device("D10010101"), 200U);
  ASSERT_EQ(stop("service-x", "D10010101").status, 204U);

  EXPECT_EQ(send_code("D10010101", "service-x", stopped).status, 410U);
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  EXPECT_EQ(send_code("D10010101", "service-x", stopped).status, 410U);
  EXPECT_FALSE(entitled("D10010101"));
  EXPECT_EQ(register_device("D10010101"), 200U);
  EXPECT_EQ(refusals(), 2U);
}

TEST_F(RegisterTest, AnExpiredCodeNeverWorksEvenBeforeItsTimerCame) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto late = code("D10010101");
  host_.store.now += 30 * kDay;

  EXPECT_EQ(send_code("D10010101", "service-x", late).status, 410U);
  host_.run_timers();
  EXPECT_EQ(send_code("D10010101", "service-x", late).status, 410U);
}

TEST_F(RegisterTest, AServiceThatIsDownAsksTheDeviceToComeBack) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  host_.services[0].up = false;
  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 503U);
  const auto offered = host_.services;
  host_.services.clear();
  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 503U);
  EXPECT_FALSE(entitled("D10010101"));

  host_.services = offered;
  host_.services[0].up = true;
  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 200U);
}

TEST_F(RegisterTest, AConflictIsJudgedAgain) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  refuse_once(INTRAY_E_CONFLICT);

  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 200U);
}

TEST_F(RegisterTest, TheSameRegistrationTwiceAtOnceTakesEffectOnce) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  FakeResponse between;
  host_.before_commit = [&](const auto&) {
    host_.before_commit = nullptr;
    between = send_code("D10010101", "service-x", right);
    return INTRAY_OK;
  };

  const auto reply = send_code("D10010101", "service-x", right);

  EXPECT_EQ(between.status, 200U);
  EXPECT_EQ(reply.status, 200U);
  EXPECT_EQ(reply.body, between.body);
  EXPECT_EQ(events("enrolment.registered"), 1U);
  EXPECT_EQ(events("application.completed"), 1U);
}

TEST_F(RegisterTest, ACancelThatComesInBetweenWins) {
  const auto id = applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  host_.before_commit = [&](const auto&) {
    host_.before_commit = nullptr;
    EXPECT_EQ(post("/v1/applications/" + id + "/cancel", "").status, 200U);
    return INTRAY_OK;
  };

  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 410U);
  EXPECT_FALSE(entitled("D10010101"));
}

TEST_F(RegisterTest, AReplyThatWasLostIsGivenAgain) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  host_.after_commit = [this] {
    host_.after_commit = nullptr;
    return INTRAY_E_UNAVAILABLE;  // it took effect, but nobody knows
  };

  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 503U);
  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 200U);
  EXPECT_EQ(events("enrolment.registered"), 1U);
}

TEST_F(RegisterTest, ACrashBeforeTheCompletionIsMadeUpByTheTimer) {
  const auto id = applied(R"({"service":"service-x","devices":["D10010101"]})");
  const auto right = code("D10010101");
  host_.after_commit = [this] {
    host_.before_commit = [](const auto&) { return INTRAY_E_UNAVAILABLE; };  // dead from here on
    return INTRAY_OK;
  };
  send_code("D10010101", "service-x", right);
  host_.after_commit = nullptr;
  host_.before_commit = nullptr;
  host_.crash();
  start();
  EXPECT_EQ(state(id), "running");

  pass(kHour);

  EXPECT_EQ(state(id), "completed");
  EXPECT_EQ(events("application.completed"), 1U);
}

TEST_F(RegisterTest, OnlyADeviceOfTheCustomerRegistersItself) {
  applied(R"({"service":"service-x","devices":["D10010101"]})");

  EXPECT_EQ(host_
                .request({"POST", "/v1/services/service-x/register",
                          R"({"code":")" + code("D10010101") + "\"}", "device:D10010201", "C002"})
                .status,
            403U);
  EXPECT_EQ(
      host_.request({"POST", "/v1/services/service-x/register", "{}", "token:t", "C001"}).status,
      403U);
}

}  // namespace
}  // namespace intray::registration
