#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ChunksTest : public RegistrationTest {
 protected:
  // The process dies at its n-th commit from now on, and is started again.
  void die_at_commit(int n) {
    int left = n;
    host_.before_commit = [&left](const auto&) {
      return left-- > 1 ? INTRAY_OK : INTRAY_E_UNAVAILABLE;
    };
    host_.run_timers(1);
    host_.before_commit = nullptr;
    host_.crash();
    start();
  }
};

TEST_F(ChunksTest, TwoHundredPairsAreDoneAtOnceAndOneMoreIsAccepted) {
  hold_fleet(197);
  EXPECT_EQ(apply(R"({"service":"service-x"})").status, 201U);

  hold_fleet(201);
  const auto reply = apply(R"({"service":"service-x","reissue":true})");

  EXPECT_EQ(reply.status, 202U);
  EXPECT_EQ(text(json(reply).at("applications").at(0), "state"), "issuing");
  EXPECT_EQ(text(json(reply).at("applications").at(0), "devices"), "204");
}

TEST_F(ChunksTest, TenThousandDevicesAreIssuedInBoundedBatches) {
  hold_fleet(10'000);
  std::size_t largest = 0;
  host_.before_commit = [&](const auto& ops) {
    largest = std::max(largest, ops.size());
    return INTRAY_OK;
  };

  const auto id = applied(R"({"service":"service-x"})");
  EXPECT_EQ(host_.commits, 1);
  host_.run_timers();

  EXPECT_EQ(state(id), "running");
  EXPECT_EQ(count(id, "posted"), "10003");
  EXPECT_EQ(text(application(id), "devices"), "10003");
  EXPECT_EQ(host_.store.mail.size(), 10'003U);
  EXPECT_LE(largest, 2000U);
  const auto notices = host_.log("application.waiting");
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_THAT(notices[0].payload, HasSubstr(R"("count":10003)"));
  EXPECT_THAT(notices[0].payload, HasSubstr(R"("left_out":9603)"));
}

TEST_F(ChunksTest, EarlyDevicesRegisterWhileTheRestIsIssued) {
  hold_fleet(5000);
  const auto id = applied(R"({"service":"service-x"})");
  host_.run_timers(1);
  ASSERT_EQ(state(id), "issuing");

  EXPECT_EQ(register_device("D10010101"), 200U);
  EXPECT_EQ(state(id), "issuing");
  host_.run_timers();

  EXPECT_EQ(count(id, "registered"), "1");
  EXPECT_EQ(count(id, "posted"), "5002");
}

TEST_F(ChunksTest, ACrashAtAnyCommitLosesNothingAndDoublesNothing) {
  hold_fleet(2000);
  const auto id = applied(R"({"service":"service-x"})");
  for (int n = 1; n <= 4; ++n) die_at_commit(n);
  ASSERT_EQ(state(id), "issuing");

  pass(kHour);

  EXPECT_EQ(state(id), "running");
  EXPECT_EQ(count(id, "posted"), "2003");
  EXPECT_EQ(events("enrolment.posted"), 2003U);
  EXPECT_EQ(host_.store.mail.size(), 2003U);
  EXPECT_EQ(events("application.waiting"), 1U);
}

TEST_F(ChunksTest, AChunkWhoseOutcomeIsUnknownIsNotIssuedTwice) {
  hold_fleet(500);
  const auto id = applied(R"({"service":"service-x"})");
  host_.after_commit = [this] {
    host_.after_commit = nullptr;
    return INTRAY_E_UNAVAILABLE;
  };
  host_.run_timers(1);

  pass(kHour);

  EXPECT_EQ(count(id, "posted"), "503");
  EXPECT_EQ(events("enrolment.posted"), 503U);
}

TEST_F(ChunksTest, AFullStoreHoldsItUpAndTheApplicationSaysSo) {
  hold_fleet(500);
  const auto id = applied(R"({"service":"service-x"})");
  host_.store.full = true;
  host_.run_timers();

  EXPECT_EQ(state(id), "issuing");
  EXPECT_THAT(text(application(id), "why"), HasSubstr("full"));
  host_.store.full = false;
  pass(60 * kSecond);
  EXPECT_EQ(state(id), "running");
  EXPECT_EQ(text(application(id), "why"), "");
  EXPECT_EQ(count(id, "posted"), "503");
}

TEST_F(ChunksTest, AServiceThatGoesAwayHoldsItUpToo) {
  hold_fleet(500);
  const auto id = applied(R"({"service":"service-x"})");
  const auto offered = host_.services;
  host_.services.clear();
  host_.run_timers();

  EXPECT_THAT(text(application(id), "why"), HasSubstr("not offered"));
  host_.services = offered;
  pass(60 * kSecond);
  EXPECT_EQ(state(id), "running");
}

TEST_F(ChunksTest, AConflictInAChunkIsTriedAgain) {
  hold_fleet(500);
  const auto id = applied(R"({"service":"service-x"})");
  refuse_once(INTRAY_E_CONFLICT);

  host_.run_timers();

  EXPECT_EQ(count(id, "posted"), "503");
}

TEST_F(ChunksTest, ADeviceThatTakesNoMoreIsLeftOutAndTheOthersAreIssued) {
  hold_fleet(500);
  const auto id = applied(R"({"service":"service-x"})");
  host_.before_commit = [](const auto& ops) {
    for (const auto* op : ops) {
      if (op->kind == INTRAY_OP_SEND && view(op->key) == "F000300") return INTRAY_E_TOO_LARGE;
    }
    return INTRAY_OK;
  };

  host_.run_timers();

  EXPECT_EQ(state(id), "running");
  EXPECT_EQ(count(id, "posted"), "502");
  EXPECT_EQ(text(application(id), "skipped"), "1");
}

TEST_F(ChunksTest, ManyNamedDevicesAreIssuedAndOnlyThose) {
  hold_fleet(1000);
  boost::json::array names;
  for (int i = 0; i < 500; ++i) {
    auto number = std::to_string(i * 2);
    names.emplace_back("F" + number.insert(0, 6 - number.size(), '0'));
  }
  const boost::json::object body{{"service", "service-x"}, {"devices", names}};

  const auto id = applied(boost::json::serialize(body));
  EXPECT_EQ(state(id), "issuing");
  die_at_commit(2);
  pass(kHour);

  EXPECT_EQ(count(id, "posted"), "500");
  EXPECT_THAT(host_.mailbox("C001", "F000001"), IsEmpty());
  for (const auto& [key, row] : host_.store.own) {
    EXPECT_NE(key.second.rfind("named ", 0), 0U) << "names that are issued are forgotten";
  }
}

TEST_F(ChunksTest, OneMistakeAmongManyNamedDevicesWritesNothing) {
  hold_fleet(500);
  boost::json::array names{"nowhere"};
  for (int i = 0; i < 500; ++i) {
    auto number = std::to_string(i);
    names.emplace_back("F" + number.insert(0, 6 - number.size(), '0'));
  }

  const auto reply = apply(
      boost::json::serialize(boost::json::object{{"service", "service-x"}, {"devices", names}}));

  EXPECT_EQ(reply.status, 422U);
  EXPECT_EQ(host_.commits, 0);
}

TEST_F(ChunksTest, SeveralServicesAreAcceptedTogether) {
  hold_fleet(300);

  const auto reply = apply(R"({"services":["service-x","service-y"]})");

  ASSERT_EQ(reply.status, 202U);
  EXPECT_EQ(host_.commits, 1);
  host_.run_timers();
  const auto made = json(reply).at("applications");
  EXPECT_EQ(count(text(made.at(0), "id"), "posted"), "303");
  EXPECT_EQ(count(text(made.at(1), "id"), "posted"), "302");
}

TEST_F(ChunksTest, AnApplicationThatFindsNobodyLeftCompletesByItself) {
  hold_fleet(500);
  const auto id = applied(R"({"service":"service-x"})");
  const auto other = applied(R"({"service":"service-x"})");
  host_.run_timers();

  pass(kHour);

  EXPECT_EQ(state(id), "running");
  EXPECT_EQ(state(other), "completed");
  EXPECT_EQ(text(application(other), "skipped"), "503");
}

TEST_F(ChunksTest, AWholeFleetRegistersAndItCompletesOnce) {
  hold_fleet(300);
  const auto id = applied(R"({"service":"service-x"})");
  host_.run_timers();

  for (const auto& [key, device] : std::map(host_.store.devices)) {
    if (key.first != "C001") continue;
    ASSERT_EQ(register_device(key.second), 200U) << key.second;
  }

  EXPECT_EQ(state(id), "completed");
  EXPECT_EQ(count(id, "registered"), "303");
  EXPECT_EQ(events("application.completed"), 1U);
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

}  // namespace
}  // namespace intray::registration
