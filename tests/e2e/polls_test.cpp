// What a poll answers, and what becomes of an instruction that was taken (M8, M9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/raw_client.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing_support::RawClient;
using testing_support::status_of;

class PollsTest : public testing::Test {
 protected:
  PollsTest() {
    daemon_.import(fig9_inventory());
    token_ = daemon_.provision("D10010101");
  }
  std::string raw_poll(const std::string& more = "") {
    RawClient client(daemon_.device_url().substr(std::string("http://").size()));
    client.send("GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token_ +
                "\r\n" + more + "\r\n");
    return client.receive();
  }
  void apply() {
    const auto reply = daemon_.as_administrator(
        "C001", "POST", "/v1/applications", R"({"service":"service-x","devices":["D10010101"]})");
    ASSERT_EQ(reply.status, 201) << reply.body;
  }
  Instruction waiting() {
    const auto list = instructions_of(daemon_.poll(token_));
    return list.empty() ? Instruction() : list[0];
  }
  int send_code(const std::string& code) {
    return daemon_
        .as_device(token_, "POST", "/v1/services/service-x/register", R"({"code":")" + code + "\"}")
        .status;
  }

  Daemon daemon_;
  std::string token_;
};

TEST_F(PollsTest, AnEmptyMailboxIs204WithTheTimeOfTheNextPoll) {
  ASSERT_TRUE(
      daemon_.as_operator("PATCH", "/v1/operator/customers/C001", R"({"poll_interval_s":77})")
          .ok());

  const auto answer = raw_poll();

  EXPECT_EQ(status_of(answer), 204);
  EXPECT_THAT(answer, HasSubstr("Intray-Next-Poll: 77\r\n"));
}

TEST_F(PollsTest, TheSameInstructionsAre304AndAPollNeverDeletes) {
  apply();
  const auto first = raw_poll();
  const auto at = first.find("ETag: ") + 6;
  const auto tag = first.substr(at, first.find("\r\n", at) - at);

  const auto again = raw_poll("If-None-Match: " + tag + "\r\n");

  EXPECT_EQ(status_of(first), 200);
  EXPECT_EQ(status_of(again), 304);
  EXPECT_EQ(status_of(raw_poll()), 200);
  EXPECT_THAT(first, Not(HasSubstr("nonce")));
}

TEST_F(PollsTest, ATakenInstructionIsDeletedOrKeptWithItsTimeAsTheCustomerSays) {
  const auto acquired = [&] {
    return column(
        daemon_.as_operator("GET", "/v1/operator/mailboxes?customer=C001&acquired=D10010101"),
        "acquired");
  };
  apply();
  ASSERT_EQ(send_code(waiting().code), 200);
  EXPECT_THAT(acquired(), IsEmpty()) << "retention is delete by default";
  ASSERT_TRUE(
      daemon_.as_operator("PATCH", "/v1/operator/customers/C001", R"({"retention":"keep"})").ok());
  ASSERT_EQ(
      daemon_.as_administrator("C001", "DELETE", "/v1/entitlements/service-x/D10010101").status,
      204);
  const auto stop = waiting();
  ASSERT_EQ(stop.type, "stop-service");
  ASSERT_EQ(daemon_
                .as_device(token_, "POST",
                           "/v1/mailbox/" + std::to_string(stop.sequence) + "/acknowledge",
                           R"({"result":"done"})")
                .status,
            204);
  apply();

  ASSERT_EQ(send_code(waiting().code), 200);

  const auto kept = acquired();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_THAT(kept[1], HasSubstr("T")) << "with its time";
}

TEST_F(PollsTest, AProvisioningCodeIsSpentOnceAndOneTokenReplacesTheOther) {
  const auto made = daemon_.as_operator("POST", "/v1/operator/devices/D10010101/provisioning-code");
  const auto body = [&](const std::string& token) {
    return R"({"device":"D10010101","code":")" + text(made.json, "code") + R"(","token":")" +
           token + "\"}";
  };
  const std::string first(43, 'A'), second(43, 'B');

  EXPECT_EQ(daemon_.as_device("", "POST", "/v1/provision", body(first)).status, 200);
  EXPECT_EQ(daemon_.as_device("", "POST", "/v1/provision", body(first)).status, 200) << "repeated";
  EXPECT_EQ(daemon_.as_device("", "POST", "/v1/provision", body(second)).status, 403);
  EXPECT_EQ(daemon_.poll(first).status, 204);
  EXPECT_EQ(daemon_.poll(token_).status, 401) << "the earlier token is revoked";
}

}  // namespace
}  // namespace intray::e2e
