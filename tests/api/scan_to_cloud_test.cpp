// The sample service-x, through the one symbol that it exports.
#include <gtest/gtest.h>
#include <intray/plugin.h>

#include "tests/api/fake_host.hpp"

namespace intray {
namespace {

using testing_support::FakeHost;
using testing_support::KeptParams;
using testing_support::KeptVerdict;

class ScanToCloudTest : public testing::Test {
 protected:
  ScanToCloudTest() {
    device_.struct_size = sizeof device_;
    device_.device_id = str("D1");
    device_.model = str("M1003");
    app_.struct_size = sizeof app_;
    app_.service_id = str("service-x");
    app_.device = &device_;
  }
  ~ScanToCloudTest() override { plugin_->destroy(plugin_); }

  void start() {
    const auto* factory = static_cast<const intray_plugin_factory*>(
        intray_plugin_entry_v1()->get_factory(INTRAY_FACTORY_PLUGIN));
    ErrorSlot error;
    ASSERT_EQ(factory->create(str("com.example.scan-to-cloud"), &host_.table, &plugin_, error),
              INTRAY_OK);
    ASSERT_EQ(plugin_->init(plugin_, error), INTRAY_OK);
    service_ =
        static_cast<const intray_service*>(plugin_->get_extension(plugin_, INTRAY_EXT_SERVICE));
  }
  void validate(KeptVerdict& verdict) {
    ErrorSlot error;
    EXPECT_EQ(service_->validate_application(plugin_, &call_, &app_, &verdict.sink, error),
              INTRAY_OK);
  }

  FakeHost host_;
  const intray_plugin* plugin_ = nullptr;
  const intray_service* service_ = nullptr;
  intray_call call_{};
  intray_device device_{};
  intray_application app_{};
};

TEST_F(ScanToCloudTest, VetoesExcludedModelsWithACodeAndASentence) {
  host_.config["excluded_models"] = "M1001 M1003";
  start();

  KeptVerdict verdict;
  validate(verdict);

  EXPECT_EQ(verdict.verdict, INTRAY_VERDICT_VETO);
  EXPECT_EQ(verdict.reason_code, "model_excluded");
  EXPECT_EQ(verdict.message, "model M1003 is excluded from scan to cloud");
}

TEST_F(ScanToCloudTest, HasNoObjectionToOtherModelsNorToTheApplicationAsAWhole) {
  host_.config["excluded_models"] = "M1001 M10030";
  start();
  KeptVerdict verdict;
  validate(verdict);
  app_.device = nullptr;
  validate(verdict);

  EXPECT_EQ(verdict.verdict, INTRAY_VERDICT_ABSTAIN);
  EXPECT_EQ(verdict.message, "") << "set() was not called";
}

TEST_F(ScanToCloudTest, DeclaresTheRegistrationUrlOfItsConfiguration) {
  host_.config["registration_url"] = "https://service-x.a.com/regist";
  start();

  EXPECT_EQ(view(service_->service(plugin_, 0)->registration_url),
            "https://service-x.a.com/regist");
}

TEST_F(ScanToCloudTest, GivesTheFolderOnlyWhenItIsSetSoThatTheDefaultHolds) {
  host_.config["folder"] = "scans";
  start();
  KeptParams params;
  ErrorSlot error;

  EXPECT_EQ(service_->registration_params(plugin_, &call_, str("service-x"), &device_, &params.sink,
                                          error),
            INTRAY_OK);

  EXPECT_EQ(params.values["folder"], "scans");
  EXPECT_EQ(view(service_->service(plugin_, 0)->params[0]->default_value), "inbox");
}

}  // namespace
}  // namespace intray
