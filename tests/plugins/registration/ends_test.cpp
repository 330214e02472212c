#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class EndsTest : public RegistrationTest {
 protected:
  EndsTest() {
    id_ = applied(R"({"service":"service-x","devices":["D10010101"]})");
    sequence_ = host_.mailbox("C001", "D10010101").front();
  }
  int acknowledge(std::uint32_t result, const std::string& reason = {}, std::int64_t retry = 0) {
    return host_.acknowledge("C001", "D10010101", sequence_, result, reason, retry);
  }
  std::string id_;
  std::uint64_t sequence_ = 0;
};

TEST_F(EndsTest, DoneBeforeTheRegistrationChangesNothing) {
  EXPECT_EQ(acknowledge(INTRAY_ACK_DONE), 204);

  EXPECT_THAT(host_.mailbox("C001", "D10010101"), SizeIs(1));
  EXPECT_EQ(register_device("D10010101"), 200U);
  EXPECT_EQ(acknowledge(INTRAY_ACK_DONE), 404) << "registration took it off";
}

TEST_F(EndsTest, LaterHidesTheInstructionUntilItsTimeAndThenItComesAgain) {
  const auto right = code("D10010101");
  EXPECT_EQ(acknowledge(INTRAY_ACK_LATER, "printing", 3600), 204);

  EXPECT_EQ(code("D10010101"), "");
  EXPECT_EQ(count(id_, "deferred"), "1");
  EXPECT_EQ(count(id_, "posted"), "0");
  pass(kHour);
  EXPECT_EQ(code("D10010101"), right);
  EXPECT_EQ(count(id_, "posted"), "1");
  EXPECT_EQ(register_device("D10010101"), 200U);
}

TEST_F(EndsTest, ADeferredDeviceMayStillRegister) {
  const auto right = code("D10010101");
  acknowledge(INTRAY_ACK_LATER, "", 3600);

  EXPECT_EQ(send_code("D10010101", "service-x", right).status, 200U);
  EXPECT_EQ(count(id_, "deferred"), "0");
  EXPECT_EQ(state(id_), "completed");
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

TEST_F(EndsTest, DeferringAgainAndAgainEndsWithTheCodesLife) {
  for (int i = 0; i < 10; ++i) {
    acknowledge(INTRAY_ACK_LATER, "", 604800);
    EXPECT_LE(host_.store.timers.size(), 2U) << "one of the enrolment, one of the application";
    pass(4 * kDay);
  }

  EXPECT_EQ(count(id_, "expired"), "1");
  EXPECT_EQ(state(id_), "completed");
  EXPECT_THAT(host_.store.timers, IsEmpty());
  EXPECT_THAT(host_.mailbox("C001", "D10010101"), IsEmpty());
}

TEST_F(EndsTest, RefusedIsDeclinedAndUnsupportedIsFailedWithTheDevicesWords) {
  EXPECT_EQ(acknowledge(INTRAY_ACK_REFUSED, "not \x01 me\xff"), 204);
  EXPECT_EQ(count(id_, "declined"), "1");
  const auto rows = host_.log("enrolment.declined");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_THAT(rows[0].payload, HasSubstr("not ? me?"));

  id_ = applied(R"({"service":"service-x","devices":["D10010101"]})");
  sequence_ = host_.mailbox("C001", "D10010101").front();
  EXPECT_EQ(acknowledge(INTRAY_ACK_UNSUPPORTED), 204);
  EXPECT_EQ(count(id_, "failed"), "1");
  pass(10 * kSecond);
  EXPECT_EQ(state(id_), "completed");
}

TEST_F(EndsTest, TheCodesLifeEndsTheEnrolmentAndTheApplication) {
  pass(31 * kDay);

  EXPECT_EQ(count(id_, "expired"), "1");
  EXPECT_EQ(state(id_), "completed");
  EXPECT_THAT(host_.mailbox("C001", "D10010101"), IsEmpty());
  EXPECT_THAT(host_.store.timers, IsEmpty());
  EXPECT_EQ(apply(R"({"service":"service-x","devices":["D10010101"]})").status, 201U);
}

TEST_F(EndsTest, AnExpiredOneWhoseTimerDidNotComeYetCanBeAppliedForAgain) {
  host_.store.now += 31 * kDay;

  EXPECT_EQ(apply(R"({"service":"service-x","devices":["D10010101"]})").status, 201U);
  EXPECT_EQ(count(id_, "expired"), "1");
  EXPECT_EQ(register_device("D10010101"), 200U);
}

TEST_F(EndsTest, ATimerThatComesTooEarlyIsArmedAgain) {
  auto& due = host_.store.timers.at({"C001", "enrolment D10010101 service-x"});
  const auto expires = due;
  due = host_.store.now;

  host_.run_timers();

  EXPECT_EQ((host_.store.timers.at({"C001", "enrolment D10010101 service-x"})), expires);
  EXPECT_EQ(register_device("D10010101"), 200U);
}

TEST_F(EndsTest, AnOldAcknowledgementDoesNotTouchANewGeneration) {
  const auto old = host_.store.mail.begin()->second;
  applied(R"({"service":"service-x","devices":["D10010101"],"reissue":true})");
  host_.store.mail[{{"C001", "D10010101"}, 99}] = old;  // as if it had not been taken off
  sequence_ = 99;

  EXPECT_EQ(acknowledge(INTRAY_ACK_REFUSED), 204);

  EXPECT_THAT(host_.mailbox("C001", "D10010101"), SizeIs(1));
  EXPECT_EQ(register_device("D10010101"), 200U);
}

TEST_F(EndsTest, ADeviceThatLeavesIsCanceledWhereItWaitsAndStoppedWhereItIsRegistered) {
  applied(R"({"service":"service-z","devices":["D10010101"]})");
  ASSERT_EQ(register_device("D10010101", "service-z"), 200U);

  ASSERT_TRUE(host_.remove_device("C001", "D10010101"));

  EXPECT_EQ(count(id_, "canceled"), "1");
  EXPECT_FALSE(entitled("D10010101", "service-z"));
  EXPECT_EQ(events("enrolment.canceled"), 1U);
  EXPECT_EQ(events("enrolment.stopped"), 1U);
  pass(10 * kSecond);
  EXPECT_EQ(state(id_), "completed");
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

TEST_F(EndsTest, ADeviceThatComesBackGoesOnCountingItsGenerations) {
  const auto old = code("D10010101");
  ASSERT_TRUE(host_.remove_device("C001", "D10010101"));
  hold("C001", "D10010101", "M1001");

  applied(R"({"service":"service-x","devices":["D10010101"]})");

  EXPECT_EQ(send_code("D10010101", "service-x", old).status, 410U);
  EXPECT_THAT(host_.store.own.at({"C001", "enrolment D10010101 service-x"}).value,
              HasSubstr(R"("generation":2)"));
}

}  // namespace
}  // namespace intray::registration
