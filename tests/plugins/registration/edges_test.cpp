#include <gtest/gtest.h>

#include "plugins/registration/changes.hpp"

namespace intray::registration {
namespace {

constexpr State kAll[] = {State::kPosted,   State::kDeferred,   State::kRegistered,
                          State::kDeclined, State::kFailed,     State::kExpired,
                          State::kCanceled, State::kSuperseded, State::kStopped};

bool may(State from, State to, Actor actor) { return edge(from, to, actor).has_value(); }

TEST(EdgesTest, NothingLeavesAStateThatIsOver) {
  for (const auto from : kAll) {
    if (is_open(from) || from == State::kRegistered) continue;
    for (const auto to : kAll) {
      for (const auto actor : {kAdministrator, kDevice, kTimer, kInventory}) {
        EXPECT_FALSE(may(from, to, actor)) << name_of(from) << " to " << name_of(to);
      }
    }
  }
}

TEST(EdgesTest, OnlyADeviceRegistersDefersDeclinesOrFails) {
  for (const auto to : {State::kRegistered, State::kDeferred, State::kDeclined, State::kFailed}) {
    EXPECT_TRUE(may(State::kPosted, to, kDevice));
    EXPECT_TRUE(may(State::kDeferred, to, kDevice));
    for (const auto actor : {kAdministrator, kTimer, kInventory}) {
      EXPECT_FALSE(may(State::kPosted, to, actor));
      EXPECT_FALSE(may(State::kDeferred, to, actor));
    }
  }
}

TEST(EdgesTest, OnlyTimeExpiresAndOnlyTheAdministratorSupersedes) {
  EXPECT_TRUE(may(State::kPosted, State::kExpired, kTimer));
  EXPECT_FALSE(may(State::kPosted, State::kExpired, kDevice));
  EXPECT_FALSE(may(State::kPosted, State::kExpired, kAdministrator));
  EXPECT_TRUE(may(State::kPosted, State::kSuperseded, kAdministrator));
  EXPECT_FALSE(may(State::kPosted, State::kSuperseded, kDevice));
}

TEST(EdgesTest, ARegisteredOneCanOnlyBeStoppedAndNotByTheDevice) {
  for (const auto to : kAll) {
    if (to == State::kStopped) continue;
    for (const auto actor : {kAdministrator, kDevice, kTimer, kInventory}) {
      EXPECT_FALSE(may(State::kRegistered, to, actor));
    }
  }
  EXPECT_TRUE(may(State::kRegistered, State::kStopped, kAdministrator));
  EXPECT_TRUE(may(State::kRegistered, State::kStopped, kInventory));
  EXPECT_FALSE(may(State::kRegistered, State::kStopped, kDevice));
}

TEST(EdgesTest, ARefusedEdgeAddsNothingToTheBatch) {
  Changes changes(1);
  Enrolment enrolment;
  enrolment.generation = 1;
  enrolment.state = State::kExpired;

  const auto fired = changes.fire(enrolment, State::kRegistered, kDevice, {});

  ASSERT_FALSE(fired);
  EXPECT_EQ(fired.error().status, INTRAY_E_BAD_STATE);
  EXPECT_EQ(enrolment.state, State::kExpired);
  EXPECT_EQ(changes.take().size(), 0U);
}

TEST(EdgesTest, GenerationsGrowAndTheLastEightAreRemembered) {
  Changes changes(1);
  Enrolment enrolment;
  for (int i = 0; i < 12; ++i) {
    changes.post(enrolment, {"a1", std::string(16, static_cast<char>('a' + i)), "https://h/", 9});
    ASSERT_TRUE(changes.fire(enrolment, State::kExpired, kTimer, {}));
  }

  EXPECT_EQ(enrolment.generation, 12U);
  const auto ended = enrolment.ended.all();
  ASSERT_EQ(ended.size(), kEndedKept);
  EXPECT_EQ(ended.front().generation, 11U);
  EXPECT_EQ(ended.front().nonce, std::string(16, 'k'));
  EXPECT_EQ(ended.back().generation, 4U);
}

TEST(EdgesTest, AnEnrolmentIsReadBackAsItWasWritten) {
  Enrolment enrolment;
  enrolment.device_id = "D-1.a:b_c";
  enrolment.service = "service-x";
  enrolment.generation = 7;
  enrolment.state = State::kDeferred;
  enrolment.application = "a1";
  enrolment.since = 5;
  enrolment.nonce = std::string("\0\1\xff", 3) + std::string(13, 'n');
  enrolment.expires = 9;
  enrolment.until = 8;
  enrolment.reason = "busy \"now\"";
  enrolment.ended.add({4, std::string("\0\n", 2) + std::string(14, 'f')});
  enrolment.ended.add({6, std::string(16, 'e')});

  const auto read = decode_enrolment(
      {enrolment_key(enrolment.device_id, enrolment.service), encode(enrolment), 3});

  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(encode(*read), encode(enrolment));
  EXPECT_EQ(read->device_id, enrolment.device_id);
  EXPECT_EQ(read->service, enrolment.service);
  EXPECT_EQ(read->revision, 3U);
  const auto ended = read->ended.all();
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[1].generation, 4U);
  EXPECT_EQ(ended[1].nonce, std::string("\0\n", 2) + std::string(14, 'f'));
}

TEST(EdgesTest, ARowThatIsNotAsWrittenIsUnreadableAndNamed) {
  for (const std::string value : {"", "{}", "[]", R"({"v":2})", R"({"v":1,"generation":-1})"}) {
    const auto read = decode_enrolment({"enrolment D1 service-x", value, 1});
    ASSERT_FALSE(read) << value;
    EXPECT_NE(read.error().message.find("enrolment D1 service-x"), std::string::npos);
  }
}

}  // namespace
}  // namespace intray::registration
