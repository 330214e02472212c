// A plugin written with the C++ classes, seen as a host sees it: through its C tables alone.
#include <gtest/gtest.h>

#include <intray/declare.hpp>
#include <intray/plugin.hpp>
#include <stdexcept>

#include "tests/api/fake_host.hpp"

namespace intray {
namespace {

using testing_support::FakeHost;
using testing_support::KeptParams;
using testing_support::KeptVerdict;

class Greeter final : public ServicePlugin {
 public:
  static inline int alive = 0;

  explicit Greeter(Host host) : ServicePlugin(host) { ++alive; }
  ~Greeter() override { --alive; }

  static const intray_plugin_desc& descriptor() {
    static const auto desc = plugin_desc(INTRAY_KIND_SERVICE, INTRAY_SERIAL, "com.example.greeter",
                                         "Greeter", "Example", "1.0.0", "Greets");
    return desc;
  }
  Result<void> init() override {
    greeting_ = host().config("greeting").value_or("");
    if (greeting_ == "none") return fail(INTRAY_E_INVALID, "greeting: none is no greeting");
    service_.model("M1");
    return {};
  }
  Result<void> start() override { throw std::runtime_error("start broke"); }
  Result<void> stop(std::int64_t deadline_mono_ns) override {
    host().log(INTRAY_LOG_INFO, "stop by " + std::to_string(deadline_mono_ns));
    return {};
  }
  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }
  Result<void> validate(const intray_call&, const intray_application& app,
                        const intray_verdict_sink& verdict) override {
    if (app.device == nullptr) return {};
    verdict.set(&verdict, INTRAY_VERDICT_VETO, str("shy"), str("the device is shy"));
    return {};
  }
  Result<void> registration_params(const intray_call&, std::string_view service_id,
                                   const intray_device& device,
                                   const intray_kv_sink& params) override {
    const auto value = greeting_ + ", " + copy(device.device_id) + " of " + std::string(service_id);
    params.add(&params, str("greeting"), str(value));
    return {};
  }

 private:
  ServiceDeclaration service_{"greeter", "Greeter"};
  std::string greeting_;
};

class PluginTest : public testing::Test {
 protected:
  ~PluginTest() override {
    if (plugin_ != nullptr) plugin_->destroy(plugin_);
    EXPECT_EQ(Greeter::alive, 0) << "destroy() must free the instance";
  }
  const intray_plugin_factory& factory() const {
    const auto* entry = PluginLibrary<Greeter>::entry();
    return *static_cast<const intray_plugin_factory*>(entry->get_factory(INTRAY_FACTORY_PLUGIN));
  }
  intray_status create(std::string_view id = "com.example.greeter") {
    return factory().create(str(id), &host_.table, &plugin_, error_);
  }
  const intray_service& services() const {
    return *static_cast<const intray_service*>(plugin_->get_extension(plugin_, INTRAY_EXT_SERVICE));
  }

  FakeHost host_;
  ErrorSlot error_;
  const intray_plugin* plugin_ = nullptr;
};

TEST_F(PluginTest, TheEntryIsCompleteConstantAndOfThisAbi) {
  const auto* entry = PluginLibrary<Greeter>::entry();

  EXPECT_EQ(entry, PluginLibrary<Greeter>::entry());
  EXPECT_EQ(entry->struct_size, sizeof *entry);
  EXPECT_EQ(entry->magic, INTRAY_ENTRY_MAGIC);
  EXPECT_EQ(entry->abi_major, INTRAY_ABI_MAJOR);
  EXPECT_EQ(entry->abi_min_minor, 0U);
  EXPECT_EQ(entry->init(str("x.so"), error_), INTRAY_OK);
  EXPECT_EQ(entry->get_factory("intray.unknown/1"), nullptr);
}

TEST_F(PluginTest, TheFactoryHoldsOnePluginAndRefusesOtherIds) {
  EXPECT_EQ(factory().count(), 1U);
  EXPECT_EQ(view(factory().descriptor(0)->id), "com.example.greeter");
  EXPECT_EQ(factory().descriptor(1), nullptr);

  EXPECT_EQ(create("com.example.other"), INTRAY_E_NOT_FOUND);
  EXPECT_EQ(plugin_, nullptr);
}

TEST_F(PluginTest, AnInstanceImplementsItsServiceAndNothingElse) {
  ASSERT_EQ(create(), INTRAY_OK);
  ASSERT_EQ(plugin_->init(plugin_, error_), INTRAY_OK);

  EXPECT_EQ(plugin_->get_extension(plugin_, "intray.timer/1"), nullptr);
  EXPECT_EQ(services().service_count(plugin_), 1U);
  EXPECT_EQ(view(services().service(plugin_, 0)->service_id), "greeter");
  EXPECT_EQ(services().service(plugin_, 1), nullptr);
}

TEST_F(PluginTest, AWrongConfigurationRefusesThePluginInASentence) {
  host_.config["greeting"] = "none";
  ASSERT_EQ(create(), INTRAY_OK);

  const auto done = error_.result(plugin_->init(plugin_, error_));

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().status, INTRAY_E_INVALID);
  EXPECT_EQ(done.error().message, "greeting: none is no greeting");
}

TEST_F(PluginTest, AnExceptionOfAVirtualFunctionDoesNotReachTheHost) {
  ASSERT_EQ(create(), INTRAY_OK);

  const auto done = error_.result(plugin_->start(plugin_, error_));

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().status, INTRAY_E_INTERNAL);
  EXPECT_EQ(done.error().message, "start broke");
}

TEST_F(PluginTest, StopPassesTheDeadlineOnAndMayLog) {
  ASSERT_EQ(create(), INTRAY_OK);

  EXPECT_EQ(plugin_->stop(plugin_, 42, error_), INTRAY_OK);

  EXPECT_EQ(host_.last_line, "stop by 42");
}

TEST_F(PluginTest, HooksGetAndGiveValuesThroughTheSinks) {
  host_.config["greeting"] = "hello";
  ASSERT_EQ(create(), INTRAY_OK);
  ASSERT_EQ(plugin_->init(plugin_, error_), INTRAY_OK);
  const intray_call call{};
  intray_device device{};
  device.struct_size = sizeof device;
  device.device_id = str("D1");
  KeptParams params;
  KeptVerdict verdict;
  intray_application app{};
  app.struct_size = sizeof app;
  app.device = &device;

  EXPECT_EQ(
      services().registration_params(plugin_, &call, str("greeter"), &device, &params.sink, error_),
      INTRAY_OK);
  EXPECT_EQ(services().validate_application(plugin_, &call, &app, &verdict.sink, error_),
            INTRAY_OK);

  EXPECT_EQ(params.values["greeting"], "hello, D1 of greeter");
  EXPECT_EQ(verdict.reason_code, "shy");
}

TEST_F(PluginTest, HooksThatAreNotOverriddenDoNothing) {
  ASSERT_EQ(create(), INTRAY_OK);
  const intray_call call{};
  const intray_device device{};

  EXPECT_EQ(services().device_registered(plugin_, &call, str("greeter"), &device, error_),
            INTRAY_OK);
  EXPECT_EQ(services().device_stopped(plugin_, &call, str("greeter"), &device,
                                      INTRAY_STOP_UNREGISTERED, error_),
            INTRAY_OK);
}

TEST_F(PluginTest, AKeyThatIsNotSetIsNoValue) {
  host_.config["greeting"] = "";
  const Host host(&host_.table);

  EXPECT_EQ(host.config("missing"), std::nullopt);
  EXPECT_EQ(host.config("greeting"), "");
  EXPECT_EQ(host.find<intray_host_clock>(INTRAY_HOST_CLOCK), nullptr);
}

}  // namespace
}  // namespace intray
