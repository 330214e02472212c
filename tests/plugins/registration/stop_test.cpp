#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::IsEmpty;

class StopTest : public RegistrationTest {
 protected:
  StopTest() {
    id_ = applied(R"({"service":"service-x","devices":["D10010101"]})");
    EXPECT_EQ(register_device("D10010101"), 200U);
  }
  std::string id_;
};

TEST_F(StopTest, IsFinalAndTellsTheDevice) {
  EXPECT_EQ(stop("service-x", "D10010101").status, 204U);

  EXPECT_FALSE(entitled("D10010101"));
  EXPECT_EQ(count(id_, "stopped"), "1");
  EXPECT_EQ(count(id_, "registered"), "0");
  ASSERT_EQ(host_.mailbox("C001", "D10010101").size(), 1U);
  EXPECT_EQ(host_.store.mail.begin()->second.type, "stop-service");
  EXPECT_EQ(events("enrolment.stopped"), 1U);
}

TEST_F(StopTest, ARepeatIsHarmlessAndWhatNeverWasIsNotFound) {
  stop("service-x", "D10010101");

  EXPECT_EQ(stop("service-x", "D10010101").status, 204U);
  EXPECT_EQ(events("enrolment.stopped"), 1U);
  EXPECT_EQ(stop("service-y", "D10010101").status, 404U);
  EXPECT_EQ(stop("service-x", "nowhere").status, 404U);
  EXPECT_EQ(stop("service-x", std::string(4000, 'x')).status, 404U);
}

TEST_F(StopTest, AFullStoreDoesNotKeepACustomerFromStopping) {
  host_.store.full = true;

  EXPECT_EQ(stop("service-x", "D10010101").status, 204U);
  EXPECT_FALSE(entitled("D10010101"));
  EXPECT_THAT(host_.mailbox("C001", "D10010101"), IsEmpty());
}

TEST_F(StopTest, AConflictIsTriedAgain) {
  refuse_once(INTRAY_E_CONFLICT);

  EXPECT_EQ(stop("service-x", "D10010101").status, 204U);
}

TEST_F(StopTest, TheDevicesAcknowledgementTakesTheInstructionOff) {
  stop("service-x", "D10010101");
  const auto sequence = host_.mailbox("C001", "D10010101").front();

  EXPECT_EQ(host_.acknowledge("C001", "D10010101", sequence, INTRAY_ACK_LATER, "", 60), 204);
  EXPECT_EQ(host_.mailbox("C001", "D10010101").size(), 1U);
  EXPECT_EQ(host_.acknowledge("C001", "D10010101", sequence, INTRAY_ACK_DONE), 204);

  EXPECT_THAT(host_.mailbox("C001", "D10010101"), IsEmpty());
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

TEST_F(StopTest, ADeviceThatNeverComesDoesNotKeepTheInstructionForEver) {
  stop("service-x", "D10010101");

  pass(31 * kDay);

  EXPECT_THAT(host_.mailbox("C001", "D10010101"), IsEmpty());
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

TEST_F(StopTest, ApplyingAgainTakesTheOldStopOffSoThatItCannotUndoTheNewRegistration) {
  stop("service-x", "D10010101");

  applied(R"({"service":"service-x","devices":["D10010101"]})");

  ASSERT_EQ(host_.mailbox("C001", "D10010101").size(), 1U);
  EXPECT_EQ(host_.store.mail.begin()->second.type, "register-device");
  EXPECT_EQ(register_device("D10010101"), 200U);
  EXPECT_TRUE(entitled("D10010101"));
}

}  // namespace
}  // namespace intray::registration
