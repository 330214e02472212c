#include "host/security/tokens.hpp"

#include "tests/host/store/fixture.hpp"

namespace intray::security {
namespace {

class Tokens : public store::StoreTest {
 protected:
  Principal who(std::string_view token) { return authenticate(snapshot(), token); }
};

TEST_F(Tokens, AreMadeInTheirForm) {
  const auto token = new_api_token();
  EXPECT_EQ(token.reveal().size(), 47U);
  EXPECT_EQ(token.reveal().substr(0, 4), "int_");
  EXPECT_TRUE(is_device_token(token.reveal().substr(4)));
  EXPECT_EQ(new_provisioning_code().reveal().size(), 26U);
  EXPECT_FALSE(is_device_token(std::string(42, 'a')));
  EXPECT_FALSE(is_device_token(std::string(42, 'a') + "+"));
}

TEST_F(Tokens, OfAnAdministratorCarryTheCustomer) {
  const auto token = new_api_token();
  must({store::PutToken{sha256(token.reveal()), {"t-1", "administrator", "C001", "", 0}}}, "");
  const auto principal = who(token.reveal());
  EXPECT_EQ(principal.role, Role::kAdministrator);
  EXPECT_EQ(principal.customer, "C001");
  EXPECT_EQ(principal.id, "token:t-1");
  EXPECT_EQ(who("int_" + std::string(43, 'a')).role, Role::kNobody);
  EXPECT_EQ(who("").role, Role::kNobody);
}

TEST_F(Tokens, OfADeviceAreBoundByItsProvisioningCode) {
  const std::string token(43, 'T');
  must({store::PutDevice{device("D1")},
        store::PutProvisioningCode{sha256("CODE"), {"C001", "D1", 0, now_ + 1, false, {}}},
        store::UseProvisioningCode{sha256("CODE"), sha256(token)}});
  const auto principal = who(token);
  EXPECT_EQ(principal.role, Role::kDevice);
  EXPECT_EQ(principal.device_id, "D1");
  EXPECT_EQ(principal.customer, "C001");
}

TEST_F(Tokens, OfOneKindNeverSpeakAsTheOther) {
  const std::string token(43, 'T');
  must({store::PutToken{sha256(token), {"t-1", "operator", "", "", 0}}}, "");
  EXPECT_EQ(who(token).role, Role::kNobody);
}

}  // namespace
}  // namespace intray::security
