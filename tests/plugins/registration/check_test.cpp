// The check finds what is broken: each test breaks one thing behind the plugin's back.
#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class CheckTest : public RegistrationTest {
 protected:
  CheckTest() {
    id_ = applied(R"({"service":"service-x"})");
    EXPECT_EQ(register_device("D10010101"), 200U);
    EXPECT_THAT(host_.check("C001"), IsEmpty());
    expect_sound_ = false;
  }
  void expect_broken(const std::string& where, const std::string& what) {
    EXPECT_THAT(host_.check("C001"), Contains(Pair(HasSubstr(where), HasSubstr(what))));
  }
  std::string& own(const std::string& key) { return host_.store.own.at({"C001", key}).value; }
  static void replace(std::string& text, const std::string& from, const std::string& to) {
    ASSERT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), to);
  }
  std::string id_;
};

TEST_F(CheckTest, AnInstructionThatIsGone) {
  host_.store.mail.erase(host_.store.mail.begin());
  expect_broken("enrolment D10020102 service-x", "0 instructions");
}

TEST_F(CheckTest, AnInstructionTwice) {
  host_.store.mail[{{"C001", "D10020102"}, 99}] = host_.store.mail.begin()->second;
  expect_broken("enrolment D10020102 service-x", "2 instructions");
}

TEST_F(CheckTest, AnInstructionOfADeadGenerationOrOfNobody) {
  auto mail = host_.store.mail.begin()->second;
  host_.store.mail[{{"C001", "D10010101"}, 98}] = mail;
  expect_broken("mailbox D10010101", "not open");
  host_.store.mail[{{"C001", "D0"}, 99}] = mail;
  expect_broken("mailbox D0", "not open");
  host_.store.mail[{{"C001", "Z9"}, 99}] = mail;
  expect_broken("mailbox Z9", "not open");
}

TEST_F(CheckTest, AnEntitlementWithoutRegistrationAndTheOtherWayRound) {
  host_.store.entitlements[{"C001", "service-x", "D10020102"}] = "{}";
  expect_broken("enrolment D10020102 service-x", "posted and entitled");
  host_.store.entitlements[{"C001", "service-q", "D10020102"}] = "{}";
  expect_broken("entitlement service-q D10020102", "no registered enrolment");
  host_.store.entitlements.erase({"C001", "service-x", "D10010101"});
  expect_broken("enrolment D10010101 service-x", "registered and not entitled");
}

TEST_F(CheckTest, ACounterThatIsWrong) {
  own("count " + id_ + " posted")[0] = 7;
  expect_broken("application " + id_, "counts 7 posted, it has 2");
}

TEST_F(CheckTest, AMemberThatSaysSomethingElse) {
  replace(own("member " + id_ + " D10020102"), "posted", "expired");
  expect_broken("enrolment D10020102 service-x", "its member row says expired");
}

TEST_F(CheckTest, AMemberThatIsMissing) {
  host_.store.own.erase({"C001", "member " + id_ + " D10020102"});
  expect_broken("enrolment D10020102 service-x", "no member");
}

TEST_F(CheckTest, AnEnrolmentThatNeverExpires) {
  auto& row = own("enrolment D10020102 service-x");
  const auto from = row.find("\"expires\":");
  row.replace(from, row.find(',', from) - from, "\"expires\":0");
  expect_broken("enrolment D10020102 service-x", "never expires");
}

TEST_F(CheckTest, ACompletedApplicationWithOpenDevicesAndAMarkTooMany) {
  replace(own("application " + id_), "running", "completed");
  expect_broken("application " + id_, "2 devices still open");
  host_.store.own[{"C001", "canceled " + id_}] = {"{}", 1};
  expect_broken("application " + id_, "marked as canceled");
}

TEST_F(CheckTest, RowsThatCannotBeRead) {
  own("enrolment D10020102 service-x") = "rubbish";
  expect_broken("enrolment D10020102 service-x", "cannot be read");
  own("application " + id_) = "{}";
  expect_broken("application " + id_, "cannot be read");
}

TEST_F(CheckTest, AFleetLargerThanAPageIsWalkedToItsEnd) {
  hold_fleet(1200);
  const auto second = applied(R"({"service":"service-x"})");
  host_.run_timers();
  own("count " + id_ + " posted")[0] = 2;
  ASSERT_THAT(host_.check("C001"), IsEmpty());

  host_.store.mail.erase(std::prev(host_.store.mail.end()));

  expect_broken("enrolment F001199 service-x", "0 instructions");
}

}  // namespace
}  // namespace intray::registration
