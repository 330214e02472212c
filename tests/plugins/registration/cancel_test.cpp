#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::IsEmpty;

class CancelTest : public RegistrationTest {
 protected:
  FakeResponse cancel(const std::string& id) {
    return post("/v1/applications/" + id + "/cancel", "");
  }
};

TEST_F(CancelTest, EndsWhatWaitsAndLeavesWhatIsRegistered) {
  const auto id = applied(R"({"service":"service-x"})");
  const auto waiting = code("D10020102");
  ASSERT_EQ(register_device("D10010101"), 200U);

  const auto reply = cancel(id);

  ASSERT_EQ(reply.status, 200U) << reply.body;
  EXPECT_EQ(text(json(reply), "state"), "canceled");
  EXPECT_EQ(count(id, "canceled"), "2");
  EXPECT_TRUE(entitled("D10010101"));
  EXPECT_THAT(host_.store.mail, IsEmpty());
  EXPECT_THAT(host_.store.timers, IsEmpty());
  EXPECT_EQ(send_code("D10020102", "service-x", waiting).status, 410U);
  EXPECT_EQ(events("application.canceled"), 1U);
  EXPECT_EQ(events("enrolment.canceled"), 2U);
}

TEST_F(CancelTest, ARepeatIsHarmlessAnUnknownIsNotFoundACompletedConflicts) {
  const auto id = applied(R"({"service":"service-x"})");
  cancel(id);

  EXPECT_EQ(cancel(id).status, 200U);
  EXPECT_EQ(events("application.canceled"), 1U);
  EXPECT_EQ(cancel("nothing").status, 404U);
  const auto done = applied(R"({"service":"service-z"})");
  ASSERT_EQ(register_device("D10010101", "service-z"), 200U);
  EXPECT_EQ(cancel(done).status, 409U);
}

TEST_F(CancelTest, TheDevicesCanBeAppliedForAgain) {
  cancel(applied(R"({"service":"service-x"})"));

  EXPECT_EQ(apply(R"({"service":"service-x"})").status, 201U);
  EXPECT_EQ(register_device("D10010101"), 200U);
}

TEST_F(CancelTest, ALargeOneIsFinalAtOnceThoughItsRowsFollowInChunks) {
  hold_fleet(1000);
  const auto id = applied(R"({"service":"service-x"})");
  host_.run_timers();
  ASSERT_EQ(count(id, "posted"), "1003");
  const auto early = code("F000001");
  const auto late = code("F000999");

  EXPECT_EQ(text(json(cancel(id)), "state"), "canceling");

  EXPECT_EQ(send_code("F000999", "service-x", late).status, 410U);
  EXPECT_EQ(send_code("F000001", "service-x", early).status, 410U);
  EXPECT_EQ(apply(R"({"service":"service-x","devices":["F000999"]})").status, 201U)
      << "and can be applied for again";
  host_.run_timers();
  EXPECT_EQ(state(id), "canceled");
  EXPECT_EQ(count(id, "canceled"), "1003");
  EXPECT_EQ(register_device("F000999"), 200U);
}

TEST_F(CancelTest, ACrashInTheMiddleIsResumed) {
  hold_fleet(1000);
  const auto id = applied(R"({"service":"service-x"})");
  host_.run_timers();
  cancel(id);
  int left = 2;
  host_.before_commit = [&](const auto&) { return left-- > 0 ? INTRAY_OK : INTRAY_E_UNAVAILABLE; };
  host_.run_timers(1);
  host_.before_commit = nullptr;
  host_.crash();
  start();
  ASSERT_EQ(count(id, "canceled"), "400");

  pass(kHour);

  EXPECT_EQ(state(id), "canceled");
  EXPECT_EQ(count(id, "canceled"), "1003");
  EXPECT_EQ(events("enrolment.canceled"), 1003U);
}

TEST_F(CancelTest, StopsAnApplicationThatIsStillBeingIssued) {
  hold_fleet(5000);
  const auto id = applied(R"({"service":"service-x"})");
  host_.run_timers(1);
  ASSERT_EQ(state(id), "issuing");

  cancel(id);
  host_.run_timers();

  EXPECT_EQ(state(id), "canceled");
  EXPECT_EQ(count(id, "posted"), "0");
  EXPECT_THAT(host_.store.mail, IsEmpty());
}

TEST_F(CancelTest, AnAcknowledgementBeforeItsChunkEndsTheEnrolmentAsCanceled) {
  hold_fleet(1000);
  const auto id = applied(R"({"service":"service-x"})");
  host_.run_timers();
  cancel(id);
  const auto sequence = host_.mailbox("C001", "F000500").front();

  EXPECT_EQ(host_.acknowledge("C001", "F000500", sequence, INTRAY_ACK_LATER, "busy", 60), 204);

  EXPECT_THAT(host_.mailbox("C001", "F000500"), IsEmpty());
  EXPECT_EQ(count(id, "canceled"), "1");
  host_.run_timers();
  EXPECT_EQ(count(id, "canceled"), "1003");
}

TEST_F(CancelTest, AConflictFallsBackToTheMarkAloneWhichIsAsFinal) {
  const auto id = applied(R"({"service":"service-x"})");
  const auto waiting = code("D10020102");
  refuse_once(INTRAY_E_CONFLICT);

  EXPECT_EQ(text(json(cancel(id)), "state"), "canceling");
  EXPECT_EQ(send_code("D10020102", "service-x", waiting).status, 410U);
  host_.run_timers();
  EXPECT_EQ(state(id), "canceled");
}

}  // namespace
}  // namespace intray::registration
