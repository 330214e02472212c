#include <sstream>
#include <thread>

#include "host/security/keys.hpp"
#include "host/security/wake.hpp"
#include "tests/host/plugin/fixture.hpp"

namespace intray::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class PlatformTest : public PluginTest {
 protected:
  void SetUp() override {
    PluginTest::SetUp();
    install("test_platform");
    install("test_good");
    options_.wake_key = wake_key_;
    must_begin();
    add_device("D1");
  }
  const security::Secret wake_key_{std::string(32, 'w')};
  store::Mail the_mail() { return snapshot().customer("C001").mailbox("D1", 0, 1).front(); }
  std::string judged(const std::string& code) {
    CallContext context;
    context.principal = "device:D1";
    context.customer = "C001";
    context.device_id = "D1";
    const auto answer = ask("judge", code, context);
    return answer ? *answer : "failed " + std::to_string(answer.error().status);
  }
  static std::string right_code() {
    const security::CodeSubject subject{"C001", "D1", "good-service", 1, std::string(16, '\0')};
    return security::derive_code(security::Secret(std::string(32, 'k')), 1, subject).reveal();
  }
};

TEST_F(PlatformTest, WritesAndReadsItsOwnRows) {
  EXPECT_EQ(told("put", "alpha"), "done");
  EXPECT_EQ(told("get", "alpha"), "alpha");
  EXPECT_EQ(told("get", "beta"), "none");
  EXPECT_EQ(told("once", "beta"), "done");
  EXPECT_EQ(status_when("once", "beta"), INTRAY_E_CONFLICT);
  EXPECT_EQ(told("own", "C001"), "alpha=alpha;beta=beta;");
}

TEST_F(PlatformTest, ABatchThatIsRefusedSaysForWhichOperation) {
  EXPECT_EQ(told("third", "alpha"), "0 " + std::to_string(UINT32_MAX));
  EXPECT_EQ(told("third", "alpha"), std::to_string(INTRAY_E_CONFLICT) + " 2");
}

TEST_F(PlatformTest, ACustomerIdCannotLeadToOtherRows) {
  must_commit({store::PutOwn{"other.plugin", std::string("test.platform\0key", 17), "theirs"}});
  EXPECT_EQ(status_when("own", std::string("C001\0other.plugin", 17)), INTRAY_E_INVALID);
}

TEST_F(PlatformTest, ACallWritesForItsCustomerAlone) {
  EXPECT_EQ(status_when("other", ""), INTRAY_E_DENIED);
}

TEST_F(PlatformTest, AMadeUpCallIsRefused) {
  EXPECT_EQ(status_when("forge", ""), INTRAY_E_INVALID);
}

TEST_F(PlatformTest, CommitThenTellsOnce) {
  EXPECT_EQ(told("then", ""), "begun");
  EXPECT_TRUE(comes("then 0 committed"));
  EXPECT_EQ(told("get", "then"), "x");
}

TEST_F(PlatformTest, EveryDoneHasReturnedBeforeThePluginIsStopped) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(told("then", ""), "begun");
  host_.reset();
  EXPECT_EQ(count("then 0 committed"), 20U);
}

TEST_F(PlatformTest, RoutesStayInsideWhatPolicyGrants) {
  EXPECT_EQ(count("outside: " + std::to_string(INTRAY_E_DENIED)), 1U);
  EXPECT_EQ(count("open: " + std::to_string(INTRAY_E_INVALID)), 1U);
  EXPECT_EQ(routes_.size(), 1U);
}

TEST_F(PlatformTest, ARouteIsGoneWithItsPlugin) {
  const auto route = routes_.front();
  host_.reset();
  EXPECT_THAT(routes_, IsEmpty());
  PluginRequest late;
  EXPECT_FALSE(route.handle(late)) << "a request that was already on its way";
}

TEST_F(PlatformTest, SendsOnlyInstructionsThatItOwns) {
  EXPECT_EQ(told("send", "D1"), "done");
  EXPECT_EQ(status_when("send", "D1"), INTRAY_E_CONFLICT);
  EXPECT_EQ(status_when("send", "D9"), INTRAY_E_NOT_FOUND);
  EXPECT_EQ(status_when("foreign", "D1"), INTRAY_E_DENIED);
  EXPECT_EQ(told("mailbox", "D1"), R"(D1={"service":"good-service"};)");
  EXPECT_EQ(told("mailbox", "D2"), "");
}

TEST_F(PlatformTest, WalksEntitlementsByPrefix) {
  for (const auto* id : {"D10", "D2"}) add_device(id);
  for (const auto* id : {"D1", "D10", "D2"}) EXPECT_EQ(told("entitle", id), "done");
  EXPECT_EQ(told("entitled", ""), "good-service={};good-service={};good-service={};");
  EXPECT_EQ(told("entitled", std::string("good-service\0D1", 15)),
            "good-service={};good-service={};");
  EXPECT_EQ(told("entitled", "other"), "");
}

TEST_F(PlatformTest, SeesDevicesMailboxesAndSettings) {
  add_device("D2");
  EXPECT_EQ(told("send", "D1"), "done");
  EXPECT_EQ(told("seen", "D1"), "D1 D2 M1001 ref-1 delete 2592000 500");
  EXPECT_EQ(told("seen", "D9"), "D1 D2 none delete 2592000 500");
}

TEST_F(PlatformTest, MintsWakeCommandsOfTheCallsOwnCustomer) {
  auto held = device("D1");
  held.address = "10.0.0.1";
  must_commit({store::PutDevice{held}});
  add_device("D2");  // has no address

  const auto told_twice = told("mint", "D1") + " " + told("mint", "D1");
  std::istringstream words(told_twice);
  std::string first, second, expires;
  words >> first >> expires >> second;

  const auto command = security::read_wake(first, security::wake_public_key(wake_key_, "C001"));
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(command->order.targets[0].address, "10.0.0.1");
  EXPECT_EQ(std::to_string(command->expires_unix_s), expires);
  EXPECT_NE(first, second);
  EXPECT_EQ(status_when("mint", "D2"), INTRAY_E_NOT_FOUND);
  EXPECT_EQ(status_when("mint", "D9"), INTRAY_E_NOT_FOUND);
  CallContext nobodys;
  nobodys.principal = "operator:local";
  const auto refused = ask("mint", "D1", nobodys);
  EXPECT_EQ(refused ? INTRAY_OK : refused.error().status, INTRAY_E_DENIED);
}

TEST_F(PlatformTest, PollsAreSharedOutToTheCallsOwnCustomer) {
  CallContext other;
  other.principal = "token:t-2";
  other.customer = "C002";
  EXPECT_EQ(told("reserve", "a1 1 300 600"), "250 polls for 10 min");
  const auto theirs = ask("reserve", "a1 1 400 600", other);
  ASSERT_TRUE(theirs) << theirs.error().message;
  EXPECT_EQ(*theirs, "125 polls for 10 min");
  EXPECT_EQ(host_->polls().reserved, 375U);
  EXPECT_EQ(host_->polls().limit, 500U);

  const auto refused = told("reserve", "a2 126 400 600");
  EXPECT_THAT(refused, StartsWith("busy for 10 min: "));
  EXPECT_THAT(refused, HasSubstr("250 of them are held by your other wakes (a1), 125 by those"));

  EXPECT_EQ(told("release", "a1"), "done");
  EXPECT_EQ(host_->polls().reserved, 125U) << "the other customer's a1 is another";
  CallContext nobodys;
  nobodys.principal = "operator:local";
  EXPECT_EQ(ask("reserve", "a1 1 1 600", nobodys).error().status, INTRAY_E_DENIED);
  EXPECT_EQ(ask("release", "a1", nobodys).error().status, INTRAY_E_DENIED);
  EXPECT_EQ(status_when("reserve", "forge 1 1 600"), INTRAY_E_DENIED);
}

TEST_F(PlatformTest, AWishForPollsThatIsOutOfItsRangesIsRefused) {
  const std::string longest(64, 'k');
  EXPECT_EQ(status_when("reserve", longest + " 1 1 600"), INTRAY_OK);
  for (const auto& wish :
       {longest + "k 1 1 600", std::string("a/b 1 1 600"), std::string("../x 1 1 600"),
        std::string("a 0 1 600"), std::string("a 2 1 600"), std::string("a 1 501 600"),
        std::string("a 501 501 600"), std::string("a 4294967295 4294967295 600"),
        std::string("a 1 1 0"), std::string("a 1 1 -5"), std::string("a 1 1 3601"),
        std::string("a 1 1 9223372036854775807")}) {
    EXPECT_EQ(status_when("reserve", wish), INTRAY_E_INVALID) << wish;
  }
  EXPECT_EQ(status_when("release", ""), INTRAY_E_INVALID);
  EXPECT_EQ(status_when("release", "a b"), INTRAY_E_INVALID);
  EXPECT_EQ(told("small", ""), "2 2 2 2 0 2 2");
  EXPECT_EQ(host_->polls().reserved, 1U);
}

TEST_F(PlatformTest, SharesOfPollsOutliveTheHost) {
  EXPECT_EQ(told("reserve", "a1 1 300 600"), "250 polls for 10 min");
  host_.reset();
  open_store();
  routes_.clear();
  must_begin();
  EXPECT_EQ(host_->polls().reserved, 250U);
  EXPECT_THAT(told("reserve", "a2 251 300 600"), StartsWith("busy"));
  EXPECT_EQ(told("reserve", "a1 250 250 900"), "250 polls for 15 min");
}

TEST_F(PlatformTest, AReplyIsKeptForItsIdempotencyKey) {
  EXPECT_EQ(told("reply", "without a key"), "done");
  CallContext context;
  context.principal = "token:t-1";
  context.customer = "C001";
  context.idempotency_key = "k-1";
  ASSERT_TRUE(ask("reply", "the body", context));
  const auto reply = snapshot().reply("token:t-1", "k-1");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "the body");
  EXPECT_EQ(reply->status, 201U);
}

TEST_F(PlatformTest, AnAcknowledgedInstructionIsItsOwnersToTakeOff) {
  EXPECT_EQ(told("send", "D1"), "done");
  CallContext context;
  context.principal = "device:D1";
  context.customer = "C001";
  const auto acknowledge = [&](const Acknowledgement& acknowledgement) -> Result<void> {
    auto added = host_->acknowledge(context, device("D1"), the_mail(), acknowledgement);
    if (!added) return fail(added.error());
    const auto committed = store_->commit({"C001", context.principal, std::move(*added)});
    return committed ? Result<void>() : fail(committed.error());
  };
  EXPECT_EQ(acknowledge({INTRAY_ACK_REFUSED, "", 0}).error().status, INTRAY_E_BUSY);
  EXPECT_EQ(the_mail().visible, 0);
  EXPECT_TRUE(acknowledge({INTRAY_ACK_LATER, "", 60}));
  EXPECT_GT(the_mail().visible, store_->now());
  EXPECT_TRUE(acknowledge({INTRAY_ACK_DONE, "", 0}));
  EXPECT_THAT(snapshot().customer("C001").mailbox("D1", 0, 1), IsEmpty());
  store::Mail foreign;
  foreign.type = "nobody-owns-this";
  EXPECT_EQ(host_->acknowledge(context, device("D1"), foreign, {}).error().status,
            INTRAY_E_NOT_FOUND);
}

TEST_F(PlatformTest, AddsToTheRemovalOfADevice) {
  add_device("D3");
  const auto added = host_->leaving({}, device("D1"));
  ASSERT_TRUE(added);
  ASSERT_EQ(added->size(), 1U);
  EXPECT_EQ(std::get<store::Event>(added->front()).topic, "device.left");
  EXPECT_FALSE(host_->leaving({}, device("D3"))) << "the device must stay";
}

TEST_F(PlatformTest, ProvesItsRowsSound) {
  EXPECT_THAT(*host_->check(snapshot(), 10), IsEmpty());
  EXPECT_EQ(told("put", "broken"), "done");
  EXPECT_THAT(*host_->check(snapshot(), 10),
              ElementsAre("test.platform, customer 'C001', broken: it is broken"));
  EXPECT_THAT(*host_->check(snapshot(), 0), IsEmpty());
}

TEST_F(PlatformTest, ARightCodeWritesNothing) {
  const auto before = store_->stats().batches;
  EXPECT_EQ(judged(right_code()), "1 0");
  EXPECT_EQ(store_->stats().batches, before);
}

TEST_F(PlatformTest, TheTenthWrongCodeLocksThePair) {
  std::vector<std::thread> guessers;
  for (int i = 0; i < 10; ++i) {
    guessers.emplace_back([this] { EXPECT_EQ(judged("WRONG"), "3 0"); });
  }
  for (auto& guesser : guessers) guesser.join();
  EXPECT_EQ(judged(right_code()).substr(0, 2), "4 ");
  EXPECT_EQ(snapshot().customer("C001").tries("D1", "good-service").locks, 1U);
}

TEST_F(PlatformTest, ACodeIsJudgedForTheDeviceBehindTheCallAlone) {
  EXPECT_EQ(status_when("judge", right_code()), INTRAY_E_INVALID);
}

}  // namespace
}  // namespace intray::plugin
