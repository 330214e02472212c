#include "host/security/wake_mail.hpp"

#include "host/security/keys.hpp"
#include "tests/host/store/fixture.hpp"

namespace intray::security {
namespace {

using ::testing::ElementsAre;

class RelayWake : public store::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    hold("A", "10.0.0.1");
    hold("B", "10.0.0.2");
    hold("C", "printer.example");
    hold("D", std::string(kWakeNameBytesMax + 1, 'd'));
    store::CustomerSettings settings;
    settings.wake_scheme = "http";
    settings.wake_port = 8631;
    must({store::PutSettings{settings}});
  }
  void hold(const std::string& id, const std::string& address) {
    auto held = device(id);
    held.address = address;
    must({store::PutDevice{held}});
  }
  Result<Secret> mint(const std::string& payload, const std::string& customer = "C001") {
    store::Mail mail;
    mail.device_id = "A";
    mail.payload = payload;
    return mint_relay_wake(key_, customer, mail, snapshot().customer(customer),
                           store_->settings(customer), now_ / store::kSecondNs);
  }
  Result<WakeCommand> command(const std::string& payload) {
    const auto token = mint(payload);
    if (!token) return fail(token.error());
    return read_wake(token->reveal(), wake_public_key(key_, "C001"));
  }
  static std::vector<std::string> addresses(const WakeCommand& command) {
    std::vector<std::string> found;
    for (const auto& target : command.order.targets) found.push_back(target.address);
    return found;
  }
  Secret key_{std::string(32, 'w')};
};

TEST_F(RelayWake, NamesTheRelayItselfAndItsOwnChildrenAtTheirAddressesOfNow) {
  const auto minted = command(
      R"({"service":"x","wake":{"children":[1,1],"steps":[2,1],"step_ms":500,"targets":["B","C"]}})");

  ASSERT_TRUE(minted) << minted.error().message;
  EXPECT_THAT(minted->tags, ElementsAre(wake_tag("A"), wake_tag("B"), wake_tag("C")));
  EXPECT_THAT(addresses(*minted), ElementsAre("10.0.0.1", "10.0.0.2", "printer.example"));
  EXPECT_TRUE(minted->order.first_relays_only);
  EXPECT_TRUE(minted->order.plain_http);
  EXPECT_EQ(minted->order.port, 8631);
  EXPECT_EQ(minted->order.step_ms, 500U);
  EXPECT_EQ(minted->order.targets[0].children, 1);
  EXPECT_EQ(minted->order.targets[2].step, 3);
  hold("B", "10.0.0.99");
  EXPECT_EQ(command(R"({"wake":{"children":[1],"targets":["B"]}})")->order.targets[1].address,
            "10.0.0.99");
}

TEST_F(RelayWake, CountsADeviceThatLeftOrCannotBeReachedAsDead) {
  const auto minted = command(R"({"wake":{"children":[3],"targets":["gone","D","B"]}})");
  ASSERT_TRUE(minted) << minted.error().message;
  EXPECT_THAT(addresses(*minted), ElementsAre("10.0.0.1", "", "", "10.0.0.2"));
}

TEST_F(RelayWake, NeverTellsAnAddressOfAnotherCustomer) {
  const auto token = mint(R"({"wake":{"children":[1],"targets":["B"]}})", "C002");
  ASSERT_TRUE(token);
  EXPECT_THAT(addresses(*read_wake(token->reveal(), wake_public_key(key_, "C002"))),
              ElementsAre("", ""));
}

TEST_F(RelayWake, RefusesAPayloadThatIsNone) {
  for (const auto* payload :
       {"", "[]", "{", R"({"wake":7})", R"({"wake":{"targets":[1],"children":[1]}})",
        R"({"wake":{"targets":["B"],"children":[-1]}})",
        R"({"wake":{"targets":["B"],"children":[256]}})",
        R"({"wake":{"targets":["B"],"children":[1],"steps":["x"]}})",
        R"({"wake":{"targets":["B"],"children":[1],"steps":[65536]}})",
        R"({"wake":{"targets":["B","C"],"children":[2],"steps":[65535,1]}})",
        R"({"wake":{"targets":["B"],"children":[1],"step_ms":4294967296}})",
        R"({"wake":{"targets":["B"]}})", R"({"wake":{"targets":["A"],"children":[1]}})"}) {
    const auto minted = mint(payload);
    ASSERT_FALSE(minted) << payload;
    EXPECT_EQ(minted.error().status, INTRAY_E_INVALID) << payload;
  }
}

}  // namespace
}  // namespace intray::security
