#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::IsEmpty;

using Inventory = StoreTest;

TokenHash hash(unsigned char seed) {
  TokenHash hash{};
  hash.fill(seed);
  return hash;
}

TEST_F(Inventory, CountsDevicesAndModels) {
  must({PutDevice{device("D1", "A")}, PutDevice{device("D2", "A")}, PutDevice{device("D3", "B")}});
  must({PutDevice{device("D2", "B")}, EraseDevice{"D3"}});
  const auto snapshot = this->snapshot();
  const auto view = snapshot.customer("C001");
  EXPECT_EQ(view.device_count(), 2U);
  const auto models = view.models();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].model, "A");
  EXPECT_EQ(models[0].devices, 1U);
  EXPECT_EQ(models[1].devices, 1U);
  EXPECT_EQ(view.device("D2")->model, "B");
  EXPECT_EQ(view.devices("D1", 10).size(), 1U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Inventory, KnowsWhoHoldsADevice) {
  must({PutDevice{device("D1")}});
  EXPECT_EQ(snapshot().customer_of("D1"), "C001");
  EXPECT_EQ(status_of({PutDevice{device("D1")}}, "C002"), INTRAY_E_CONFLICT);
  must({EraseDevice{"D1"}});
  must({PutDevice{device("D1")}}, "C002");
  EXPECT_EQ(snapshot().customer_of("D1"), "C002");
  EXPECT_EQ(snapshot().customers("", 10).size(), 2U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Inventory, ADeviceLeavesWithAllThatBelongsToIt) {
  must({PutDevice{device("D1")}, send("D1", "r"), PutTries{"D1", "service-x", {1, 0, 0, 0}},
        PutPresence{"D1", {now_, now_, 0, 0}},
        PutProvisioningCode{hash(1), {"C001", "D1", 0, now_ + kDayNs, false, {}}}});
  must({UseProvisioningCode{hash(1), hash(2)}});
  EXPECT_TRUE(snapshot().token(hash(2)));
  must({EraseDevice{"D1"}});
  const auto snapshot = this->snapshot();
  EXPECT_FALSE(snapshot.token(hash(2)));
  EXPECT_FALSE(snapshot.provisioning_code(hash(1)));
  EXPECT_EQ(snapshot.customer("C001").presence("D1").last_poll, 0);
  EXPECT_EQ(snapshot.customer("C001").tries("D1", "service-x").wrong, 0U);
  EXPECT_THAT(snapshot.customer("C001").mailbox("D1", 0, 10), IsEmpty());
  EXPECT_EQ(snapshot.customer("C001").counts("service-x").waiting, 0U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Inventory, AProvisioningCodeWorksOnceAndItsRepeatIsHarmless) {
  must({PutDevice{device("D1")},
        PutProvisioningCode{hash(1), {"C001", "D1", 0, now_ + kDayNs, false, {}}}});
  must({UseProvisioningCode{hash(1), hash(2)}});
  must({UseProvisioningCode{hash(1), hash(2)}});
  EXPECT_EQ(status_of({UseProvisioningCode{hash(1), hash(3)}}), INTRAY_E_CONFLICT);
  EXPECT_EQ(status_of({UseProvisioningCode{hash(9), hash(3)}}), INTRAY_E_CONFLICT);
  const auto token = snapshot().token(hash(2));
  ASSERT_TRUE(token);
  EXPECT_EQ(token->role, "device");
  EXPECT_EQ(token->id, "D1");
  EXPECT_EQ(token->customer, "C001");
}

TEST_F(Inventory, ANewProvisioningReplacesTheDevicesToken) {
  must({PutDevice{device("D1")},
        PutProvisioningCode{hash(1), {"C001", "D1", 0, now_ + kDayNs, false, {}}}});
  must({UseProvisioningCode{hash(1), hash(2)}});
  must({PutProvisioningCode{hash(3), {"C001", "D1", 0, now_ + kDayNs, false, {}}}});
  EXPECT_FALSE(snapshot().provisioning_code(hash(1)));
  EXPECT_TRUE(snapshot().token(hash(2)));
  must({UseProvisioningCode{hash(3), hash(4)}});
  EXPECT_FALSE(snapshot().token(hash(2)));
  EXPECT_TRUE(snapshot().token(hash(4)));
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Inventory, ADeviceMayNotTakeAnothersToken) {
  must({PutDevice{device("D1")}, PutDevice{device("D2")},
        PutProvisioningCode{hash(1), {"C001", "D1", 0, now_ + kDayNs, false, {}}},
        PutProvisioningCode{hash(2), {"C001", "D2", 0, now_ + kDayNs, false, {}}}});
  must({UseProvisioningCode{hash(1), hash(7)}});
  EXPECT_EQ(status_of({UseProvisioningCode{hash(2), hash(7)}}), INTRAY_E_CONFLICT);
}

TEST_F(Inventory, TokensAreListedWithoutThoseOfDevices) {
  must({PutDevice{device("D1")},
        PutProvisioningCode{hash(1), {"C001", "D1", 0, now_ + kDayNs, false, {}}},
        UseProvisioningCode{hash(1), hash(2)}});
  must({PutToken{hash(5), {"t-1", "operator", "", "the console", 0}}}, "");
  ASSERT_EQ(snapshot().tokens("", 10).size(), 1U);
  EXPECT_EQ(snapshot().tokens("", 10)[0].name, "the console");
  must({EraseToken{"t-1"}}, "");
  EXPECT_FALSE(snapshot().token(hash(5)));
  EXPECT_EQ(status_of({EraseToken{"t-1"}}, ""), INTRAY_E_NOT_FOUND);
}

TEST_F(Inventory, SettingsAreReadFromMemoryAndSurviveAReopen) {
  EXPECT_EQ(store_->settings("C001").poll_interval_s, 86400U);
  CustomerSettings settings;
  settings.poll_interval_s = 60;
  must({PutSettings{settings}});
  EXPECT_EQ(store_->settings("C001").poll_interval_s, 60U);
  open();
  EXPECT_EQ(store_->settings("C001"), settings);
  EXPECT_TRUE(snapshot().customer("C001").known());
  EXPECT_FALSE(snapshot().customer("C002").known());
}

}  // namespace
}  // namespace intray::store
