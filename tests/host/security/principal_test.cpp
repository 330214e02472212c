#include "host/security/principal.hpp"

#include <gtest/gtest.h>

namespace intray::security {
namespace {

TEST(Permissions, AreDeniedUnlessListed) {
  EXPECT_TRUE(permits(Role::kDevice, "device.poll"));
  EXPECT_TRUE(permits(Role::kViewer, "customer.view"));
  EXPECT_FALSE(permits(Role::kViewer, "customer.apply"));
  EXPECT_TRUE(permits(Role::kAdministrator, "customer.apply"));
  EXPECT_FALSE(permits(Role::kAdministrator, "operator.view"));
  EXPECT_FALSE(permits(Role::kOperator, "customer.view"));
  EXPECT_TRUE(permits(Role::kOperator, "operator.tokens"));
  EXPECT_FALSE(permits(Role::kNobody, "device.poll"));
  EXPECT_FALSE(permits(Role::kOperator, ""));
  EXPECT_FALSE(permits(Role::kOperator, "operator.unheard-of"));
}

TEST(Permissions, ThatAreOpenAreEverybodys) {
  EXPECT_TRUE(permits(Role::kNobody, "any.open"));
  EXPECT_TRUE(permits(Role::kNobody, "device.open"));
  EXPECT_FALSE(permits(Role::kNobody, "customer.open"));
}

TEST(Permissions, AreKnownByName) {
  EXPECT_TRUE(is_permission("customer.stop"));
  EXPECT_FALSE(is_permission("customer."));
}

TEST(Roles, HaveNamesThatAreReadBack) {
  for (const auto role : {Role::kDevice, Role::kViewer, Role::kAdministrator, Role::kOperator}) {
    EXPECT_EQ(parse_role(role_name(role)), role);
  }
  EXPECT_EQ(parse_role("root"), Role::kNobody);
}

}  // namespace
}  // namespace intray::security
