// Every way to register that is refused, answered as the contract says, with one log row each; and
// messages that come twice, late or side by side, with one effect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class RefusalsTest : public testing::Test {
 protected:
  explicit RefusalsTest(Settings settings = {}) : daemon_(std::move(settings)) {
    daemon_.import(fig9_inventory());
  }

  std::string apply(const std::string& body = R"({"service":"service-x"})",
                    const std::string& customer = "C001") {
    const auto reply = daemon_.as_administrator(customer, "POST", "/v1/applications", body);
    EXPECT_EQ(reply.status, 201) << reply.body;
    const auto& made = cli::items_of(reply.json, "applications");
    return made.empty() ? "" : text(made[0], "id");
  }
  const std::string& token(const std::string& device) {
    auto& token = tokens_[device];
    if (token.empty()) token = daemon_.provision(device);
    return token;
  }
  std::vector<Instruction> waiting(const std::string& device) {
    return instructions_of(daemon_.poll(token(device)));
  }
  std::string code_of(const std::string& device) {
    for (const auto& instruction : waiting(device)) {
      if (instruction.type == "register-device") return instruction.code;
    }
    ADD_FAILURE() << "no code waits for " << device;
    return "";
  }
  Reply send_code(const std::string& device, const std::string& code) {
    return daemon_.as_device(token(device), "POST", "/v1/services/service-x/register",
                             R"({"code":")" + code + "\"}");
  }
  Reply acknowledge(const std::string& device, std::uint64_t sequence, const std::string& body) {
    return daemon_.as_device(token(device), "POST",
                             "/v1/mailbox/" + std::to_string(sequence) + "/acknowledge", body);
  }
  std::vector<std::string> log_rows(const std::string& topic,
                                    const std::string& customer = "C001") {
    std::vector<std::string> outcomes;
    const auto reply = daemon_.as_administrator(customer, "GET", "/v1/events?limit=500");
    for (const auto& row : cli::items_of(reply.json)) {
      if (text(row, "topic") == topic) outcomes.push_back(text(row, "outcome"));
    }
    return outcomes;
  }
  std::size_t entitlements() {
    return cli::items_of(daemon_.as_administrator("C001", "GET", "/v1/entitlements").json).size();
  }

  Daemon daemon_;
  std::map<std::string, std::string> tokens_;
};

TEST_F(RefusalsTest, WrongMissingAndForeignCodesAreOneBodyAndOneLogRowEach) {
  apply();
  apply(R"({"service":"service-x"})", "C002");
  const auto other = code_of("D10020102");
  const auto foreign = code_of("D10010201");

  const auto wrong = send_code("D10010101", std::string(26, 'A'));
  const auto missing =
      daemon_.as_device(token("D10010101"), "POST", "/v1/services/service-x/register", "{}");
  const auto of_another_device = send_code("D10010101", other);
  const auto of_another_customer = send_code("D10010101", foreign);
  const auto no_enrolment = daemon_.as_device(token("D10010101"), "POST",
                                              "/v1/services/service-z/register", R"({"code":"x"})");

  EXPECT_EQ(wrong.status, 403);
  for (const auto* reply : {&missing, &of_another_device, &of_another_customer, &no_enrolment}) {
    EXPECT_EQ(reply->status, 403);
    EXPECT_EQ(reply->body, wrong.body) << "they must not be told apart";
  }
  EXPECT_EQ(log_rows("registration.refused").size(), 5U);
  EXPECT_EQ(entitlements(), 0U);
  EXPECT_EQ(waiting("D10010101").size(), 1U) << "a refusal changes nothing";
}

TEST_F(RefusalsTest, ACodeSpentTwiceIsAnsweredAsBeforeAndHasOneEffect) {
  apply();
  const auto code = code_of("D10010101");

  const auto first = send_code("D10010101", code);
  const auto second = send_code("D10010101", code);

  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(log_rows("enrolment.registered").size(), 1U);
  EXPECT_EQ(entitlements(), 1U);
}

TEST_F(RefusalsTest, CanceledStoppedAndSupersededCodesAreGone) {
  const auto application = apply();
  const auto canceled = code_of("D10010101");
  const auto kept = code_of("D10020102");
  ASSERT_EQ(send_code("D10020102", kept).status, 200);
  EXPECT_EQ(
      daemon_.as_administrator("C001", "POST", "/v1/applications/" + application + "/cancel", "{}")
              .status /
          100,
      2);
  EXPECT_EQ(send_code("D10010101", canceled).status, 410);

  EXPECT_EQ(
      daemon_.as_administrator("C001", "DELETE", "/v1/entitlements/service-x/D10020102").status,
      204);
  EXPECT_EQ(send_code("D10020102", kept).status, 410) << "stopped";

  apply(R"({"service":"service-x","devices":["D10020103"]})");
  const auto superseded = code_of("D10020103");
  apply(R"({"service":"service-x","devices":["D10020103"],"reissue":true})");
  const auto newest = waiting("D10020103").back().code;
  EXPECT_EQ(send_code("D10020103", superseded).status, 410);
  EXPECT_EQ(send_code("D10020103", newest).status, 200);
  EXPECT_EQ(log_rows("registration.refused").size(), 3U);
}

class ShortLifeTest : public RefusalsTest {
 protected:
  ShortLifeTest() : RefusalsTest({{"codes.life_s", "2"}}) {}
};

TEST_F(ShortLifeTest, AnExpiredCodeIsGoneWithOneLogRowAndTheEnrolmentSaysSo) {
  token("D10010101");
  apply(R"({"service":"service-x","devices":["D10010101"]})");
  const auto code = code_of("D10010101");
  ASSERT_TRUE(testing_support::eventually([&] { return waiting("D10010101").empty(); },
                                          std::chrono::seconds(20)));

  EXPECT_EQ(send_code("D10010101", code).status, 410);
  EXPECT_EQ(log_rows("enrolment.expired").size(), 1U);
  EXPECT_EQ(log_rows("registration.refused").size(), 1U);
  EXPECT_EQ(entitlements(), 0U);
  const auto why = daemon_.as_administrator("C001", "GET", "/v1/devices/D10010101/why");
  EXPECT_THAT(text(why.json, "text"), HasSubstr("its code expired at"));
  EXPECT_THAT(daemon_.check(), IsEmpty());
}

TEST_F(RefusalsTest, AnInstructionSaysWhenItsCodeExpiresAsTheCustomerHasSetIt) {
  ASSERT_TRUE(
      daemon_.as_operator("PATCH", "/v1/operator/customers/C001", R"({"code_life_s":60})").ok());
  apply(R"({"service":"service-x","devices":["D10010101"]})");
  const auto poll = daemon_.poll(token("D10010101"));
  ASSERT_EQ(instructions_of(poll).size(), 1U);

  EXPECT_THAT(poll.body, HasSubstr("\"expires\":\""));
  const auto why = daemon_.as_administrator("C001", "GET", "/v1/devices/D10010101/why");
  EXPECT_THAT(text(why.json, "text"), HasSubstr("expires"));
}

TEST_F(RefusalsTest, TenWrongCodesLockThePairAndOnlyThePair) {
  apply();
  const auto code = code_of("D10010101");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(send_code("D10010101", "wrong").status, 403);

  const auto locked = send_code("D10010101", code);

  EXPECT_EQ(locked.status, 429);
  EXPECT_EQ(log_rows("registration.locked").size(), 1U);
  EXPECT_EQ(log_rows("registration.refused").size(), 10U);
  EXPECT_EQ(send_code("D10020102", code_of("D10020102")).status, 200) << "others go on";
  const auto why =
      daemon_.as_administrator("C001", "GET", "/v1/devices/D10010101/why?service=service-x");
  EXPECT_THAT(text(why.json, "text"), HasSubstr("is locked until"));
}

TEST_F(RefusalsTest, ARemovedDeviceIsNobodyAndItsEntitlementEnds) {
  apply();
  ASSERT_EQ(send_code("D10010101", code_of("D10010101")).status, 200);

  daemon_.import(
      "customer,model,device,address\n"
      "C001,M1002,D10020102,111.222.111.2\nC001,M1002,D10020103,111.222.111.3\n");

  EXPECT_EQ(daemon_.poll(token("D10010101")).status, 401);
  EXPECT_EQ(entitlements(), 0U);
  EXPECT_THAT(daemon_.check(), IsEmpty());
}

TEST_F(RefusalsTest, AcknowledgementsTwiceLateOrOfNothingAre204AndChangeNothingMore) {
  apply();
  const auto first = waiting("D10010101");
  ASSERT_EQ(first.size(), 1U);

  EXPECT_EQ(acknowledge("D10010101", first[0].sequence, R"({"result":"done"})").status, 204);
  EXPECT_EQ(waiting("D10010101").size(), 1U) << "done before registration changes nothing";
  EXPECT_EQ(acknowledge("D10010101", first[0].sequence, R"({"result":"later","retry_after_s":600})")
                .status,
            204);
  EXPECT_THAT(waiting("D10010101"), IsEmpty()) << "deferred";
  EXPECT_EQ(send_code("D10010101", first[0].code).status, 200) << "a deferred code still works";
  EXPECT_EQ(acknowledge("D10010101", first[0].sequence, R"({"result":"done"})").status, 204);
  EXPECT_EQ(acknowledge("D10010101", 424242, R"({"result":"refused"})").status, 204);
  EXPECT_EQ(entitlements(), 1U);

  const auto other = waiting("D10020102");
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(
      acknowledge("D10020102", other[0].sequence, R"({"result":"refused","reason":"no"})").status,
      204);
  EXPECT_THAT(waiting("D10020102"), IsEmpty());
  EXPECT_EQ(send_code("D10020102", other[0].code).status, 410);
  EXPECT_THAT(daemon_.check(), IsEmpty());
}

TEST_F(RefusalsTest, ParallelRegistrationsAndAcknowledgementsHaveOneEffect) {
  apply();
  const auto instruction = waiting("D10010101").at(0);
  const auto mine = token("D10010101");
  std::vector<std::thread> threads;
  std::atomic<int> registered{0}, other{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (i % 2 == 0) {
        const auto reply = send_code("D10010101", instruction.code);
        ++(reply.status == 200 ? registered : other);
      } else {
        daemon_.poll(mine);
        acknowledge("D10010101", instruction.sequence, R"({"result":"done"})");
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(registered, 4);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(log_rows("enrolment.registered").size(), 1U);
  EXPECT_EQ(entitlements(), 1U);
  EXPECT_THAT(daemon_.check(), IsEmpty());
}

TEST_F(RefusalsTest, StopThenApplyAgainGivesANewCodeAndTellsTheDevice) {
  apply(R"({"service":"service-x","devices":["D10010101"]})");
  const auto first = code_of("D10010101");
  ASSERT_EQ(send_code("D10010101", first).status, 200);
  ASSERT_EQ(
      daemon_.as_administrator("C001", "DELETE", "/v1/entitlements/service-x/D10010101").status,
      204);
  ASSERT_EQ(waiting("D10010101").size(), 1U);
  EXPECT_EQ(waiting("D10010101")[0].type, "stop-service");

  apply(R"({"service":"service-x","devices":["D10010101"]})");

  const auto second = code_of("D10010101");
  EXPECT_NE(second, first);
  EXPECT_EQ(send_code("D10010101", second).status, 200);
  EXPECT_EQ(entitlements(), 1U);
}

TEST_F(RefusalsTest, ARepeatedRequestWithItsKeyIsAnsweredAsBeforeAndAnotherIsRefused) {
  const auto post = [&](const std::string& body) {
    return daemon_.as_administrator("C001", "POST", "/v1/applications", body, "key-1");
  };
  const auto first = post(R"({"service":"service-x"})");
  const auto again = post(R"({"service":"service-x"})");
  const auto other = post(R"({"service":"service-z"})");

  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(cli::items_of(daemon_.as_administrator("C001", "GET", "/v1/applications").json).size(),
            1U);
}

}  // namespace
}  // namespace intray::e2e
