// Whom a woken device wakes, when, and in whose place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device_sdk/wake_world.hpp"

namespace intray::testing_support {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class DeviceRelay : public testing::Test {
 protected:
  void SetUp() override { world_.settle(); }
  /// These neighbours do not answer.
  void kill(std::set<std::string> dead, int how = LanTransport::kGone) {
    world_.lan.neighbour = [dead, how](const std::string& url) {
      return dead.count(url) ? how : 202;
    };
  }
  WakeWorld world_;
};

/// What a test expects, in one order over the host and the neighbours.
class MockOutside {
 public:
  MOCK_METHOD(void, host, (const std::string& path));
  MOCK_METHOD(void, neighbour, (const std::string& url));
};

TEST_F(DeviceRelay, RegistersBeforeItWakesAnybody) {
  testing::StrictMock<MockOutside> outside;
  world_.host.post_registration(7, "service-x", "c0de");
  const auto answer = world_.lan.answer;
  world_.lan.answer = [&](const HttpRequest& request) {
    outside.host(request.url.substr(world_.host.origin.size()));
    return answer(request);
  };
  world_.lan.neighbour = [&](const std::string& url) {
    outside.neighbour(url);
    return 200;
  };
  const testing::InSequence in_order;
  EXPECT_CALL(outside, host("/v1/mailbox"));
  EXPECT_CALL(outside, host("/v1/services/service-x/register"));
  EXPECT_CALL(outside, host("/v1/mailbox/7/acknowledge"));
  EXPECT_CALL(outside, neighbour("http://10.0.0.2"));
  EXPECT_CALL(outside, neighbour("http://10.0.0.3"));

  EXPECT_EQ(world_.wake(world_.mint(order_with_children(2))), 200);
  world_.run_for(10'000);
  EXPECT_FALSE(world_.device.busy());
}

TEST_F(DeviceRelay, SendsTheVerySameCommandOnceToEachChild) {
  auto order = order_with_children(2);
  order.plain_http = false;
  order.port = 8443;
  order.targets.back().address = "mfp-3.example.com";
  const auto command = world_.mint(order);
  world_.wake(command);
  world_.run_for(60'000);
  EXPECT_THAT(world_.lan.calls,
              ElementsAre("https://10.0.0.2:8443", "https://mfp-3.example.com:8443"));
  EXPECT_THAT(world_.lan.commands, ElementsAre(command, command));
}

TEST_F(DeviceRelay, WakesItsOwnChildrenOnlyWhereverItStands) {
  // A -> this, C; this -> E; C -> F
  const security::WakeOrder order{.plain_http = true,
                                  .targets = {at("10.0.0.7", 2), the_device(1), at("10.0.0.3", 1),
                                              at("10.0.0.5"), at("10.0.0.6")}};
  world_.wake(world_.mint(order));
  world_.run_for(10'000);
  EXPECT_THAT(world_.lan.calls, ElementsAre("http://10.0.0.5"));
}

TEST_F(DeviceRelay, CallsAtMostEightAtOnceAndEachTwice) {
  kill({}, 0);
  world_.lan.neighbour = [](const std::string&) { return LanTransport::kSilent; };
  world_.wake(world_.mint(order_with_children(20)));
  world_.run_for(60'000);
  EXPECT_EQ(world_.lan.most_at_once, INTRAY_DEVICE_LAN_CALLS_MAX);
  EXPECT_THAT(world_.lan.calls, SizeIs(40));
  EXPECT_EQ(world_.panel.count(INTRAY_DEVICE_RELAYED), 20);
  EXPECT_THAT(world_.panel.details.back(), HasSubstr("/doPolling: no answer"));
  EXPECT_FALSE(world_.device.busy());
}

TEST_F(DeviceRelay, GivesASilentNeighbour3SecondsTwice) {
  kill({"http://10.0.0.2"}, LanTransport::kSilent);
  world_.wake(world_.mint(order_with_children(1)));
  world_.run_for(5'900);
  EXPECT_TRUE(world_.device.busy());
  world_.run_for(400);
  EXPECT_FALSE(world_.device.busy());
}

TEST_F(DeviceRelay, EveryStatusIsASignOfLife) {
  int next = 0;
  constexpr int kStatuses[] = {200, 202, 302, 403, 404, 429, 500};
  world_.lan.neighbour = [&](const std::string&) { return kStatuses[next++]; };
  world_.wake(world_.mint(order_with_children(7)));
  world_.run_for(10'000);
  EXPECT_THAT(world_.lan.calls, SizeIs(7));
}

TEST_F(DeviceRelay, WakesTheChildrenOfTheDeadAndTheirsInTurn) {
  // this -> 2, 3; 2 -> 4, 5; 3 -> 6; 4 -> 7; dead: 2 and 4
  const security::WakeOrder order{
      .plain_http = true,
      .targets = {the_device(2), at("10.0.0.2", 2), at("10.0.0.3", 1), at("10.0.0.4", 1),
                  at("10.0.0.5"), at("10.0.0.6"), at("10.0.0.7")}};
  kill({"http://10.0.0.2", "http://10.0.0.4"});
  world_.wake(world_.mint(order));
  world_.run_for(30'000);
  EXPECT_THAT(world_.lan.calls,
              UnorderedElementsAre("http://10.0.0.2", "http://10.0.0.2", "http://10.0.0.3",
                                   "http://10.0.0.4", "http://10.0.0.4", "http://10.0.0.5",
                                   "http://10.0.0.7"));
}

TEST_F(DeviceRelay, AForbiddenAddressCountsAsDead) {
  const security::WakeOrder order{.plain_http = true,
                                  .targets = {the_device(2), at("127.0.0.1", 1), at("10.0.0.1", 1),
                                              at("10.0.0.4"), at("10.0.0.5")}};
  auto own_again = order;
  own_again.targets[2].device_id = "another at this address";
  world_.wake(world_.mint(own_again));
  world_.run_for(10'000);
  EXPECT_THAT(world_.lan.calls, ElementsAre("http://10.0.0.4", "http://10.0.0.5"));
}

TEST_F(DeviceRelay, WakesEachAtItsTurn) {
  security::WakeOrder order{.plain_http = true,
                            .step_ms = 2000,
                            .targets = {the_device(3, 1), at("10.0.0.2", 0, 1),
                                        at("10.0.0.3", 0, 3), at("10.0.0.4", 0, 6)}};
  world_.wake(world_.mint(order));
  world_.run_for(3'900);
  EXPECT_THAT(world_.lan.calls, ElementsAre("http://10.0.0.2"));
  world_.run_for(200);
  EXPECT_THAT(world_.lan.calls, SizeIs(2));
  world_.run_for(5'700);
  EXPECT_THAT(world_.lan.calls, SizeIs(2));
  world_.run_for(300);
  EXPECT_THAT(world_.lan.calls, SizeIs(3));
}

TEST_F(DeviceRelay, WaitsForThePollThatTheCommandAsksFor) {
  auto order = order_with_children(1);
  order.at_s = 100;
  EXPECT_EQ(world_.wake(world_.mint(order)), 202);
  world_.run_for(99'000);
  EXPECT_THAT(world_.lan.calls, IsEmpty());
  world_.run_for(2'000);
  EXPECT_EQ(world_.polls(), 2);
  EXPECT_THAT(world_.lan.calls, SizeIs(1));
}

TEST_F(DeviceRelay, AHostThatIsAwayDoesNotHoldTheOthersUp) {
  world_.host.instead["/v1/mailbox"] = {503};
  world_.wake(world_.mint(order_with_children(1)));
  world_.run_for(3'000);
  EXPECT_THAT(world_.lan.calls, SizeIs(1));
}

TEST_F(DeviceRelay, EndsWhenTheCommandExpires) {
  auto order = order_with_children(1);
  order.ttl_s = 50;
  order.step_ms = 60'000;
  order.targets.back().step = 1;
  world_.wake(world_.mint(order));
  world_.run_for(49'000);
  EXPECT_TRUE(world_.device.busy());
  world_.run_for(20'000);
  EXPECT_FALSE(world_.device.busy());
  EXPECT_THAT(world_.lan.calls, IsEmpty());
}

TEST_F(DeviceRelay, APowerCutEndsIt) {
  auto order = order_with_children(1);
  order.step_ms = 60'000;
  order.targets.back().step = 1;
  const auto command = world_.mint(order);
  world_.wake(command);
  ASSERT_TRUE(world_.start());
  EXPECT_EQ(world_.wake(command), 200);
  world_.run_for(120'000);
  EXPECT_THAT(world_.lan.calls, IsEmpty());
}

TEST_F(DeviceRelay, PassesOnTwoCommandsAtOnceAndRefusesAThird) {
  auto order = order_with_children(1);
  order.step_ms = 30'000;
  order.targets.back().step = 1;
  EXPECT_EQ(world_.wake(world_.mint(order)), 200);
  EXPECT_EQ(world_.wake(world_.mint(order)), 202);
  const auto third = world_.mint(order);
  EXPECT_EQ(world_.wake(third), 429);
  world_.run_for(31'000);
  EXPECT_THAT(world_.lan.calls, SizeIs(2));
  EXPECT_EQ(world_.wake(third), 200);
}

TEST_F(DeviceRelay, WithOnlyTheFirstRelayingTheOthersAreLeaves) {
  security::WakeOrder order{.plain_http = true,
                            .first_relays_only = true,
                            .targets = {at("10.0.0.7", 1), the_device(1), at("10.0.0.3")}};
  EXPECT_EQ(world_.wake(world_.mint(order)), 200);
  world_.run_for(10'000);
  EXPECT_THAT(world_.lan.calls, IsEmpty());
  EXPECT_EQ(world_.polls(), 2);
}

TEST_F(DeviceRelay, ANewProvisioningEndsWhatTheOldCustomerHasOrdered) {
  auto order = order_with_children(1);
  order.step_ms = 60'000;
  order.targets.back().step = 1;
  world_.wake(world_.mint(order));
  ASSERT_TRUE(world_.device.provision("PROVISION-2"));
  world_.run_for(120'000);
  EXPECT_THAT(world_.lan.calls, IsEmpty());
}

TEST_F(DeviceRelay, AnUnstartableCallCountsAsATry) {
  world_.lan.neighbour = [](const std::string&) { return 200; };
  intray_device_transport broken = world_.options.transport;
  broken.context = &world_.lan;
  broken.start = [](void* context, unsigned slot, const intray_device_request* request) {
    return slot == 0 && static_cast<LanTransport*>(context)->start(slot, *request);
  };
  world_.options.transport = broken;
  ASSERT_TRUE(world_.start());
  world_.wake(world_.mint(order_with_children(2)));
  world_.run_for(10'000);
  EXPECT_FALSE(world_.device.busy());
  EXPECT_THAT(world_.panel.details, testing::Contains("http://10.0.0.3/doPolling: no answer"));
}

}  // namespace
}  // namespace intray::testing_support
