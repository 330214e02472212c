// A service plugin that breaks rule R6: an exception leaves a hook.
#include <intray/declare.hpp>
#include <intray/plugin.hpp>
#include <stdexcept>

namespace {

using namespace intray;

class Throws final : public ServicePlugin {
 public:
  using ServicePlugin::ServicePlugin;

  static const intray_plugin_desc& descriptor() {
    static const auto desc = plugin_desc(INTRAY_KIND_SERVICE, INTRAY_SERIAL, "test.throws",
                                         "Throws", "Test", "1.0.0", "Lets an exception out");
    return desc;
  }
  Result<void> init() override {
    service_.model("M1*");
    return {};
  }
  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }
  const void* extension(std::string_view id) noexcept override {
    if (id != INTRAY_EXT_SERVICE) return nullptr;
    table_ = *static_cast<const intray_service*>(ServicePlugin::extension(id));
    table_.validate_application = [](const intray_plugin*, const intray_call*,
                                     const intray_application*, const intray_verdict_sink*,
                                     intray_error*) -> intray_status {
      throw std::runtime_error("a bug of the plugin");
    };
    return &table_;
  }

 private:
  ServiceDeclaration service_{"throwing-service", "Throws"};
  intray_service table_{};
};

}  // namespace

INTRAY_PLUGIN(Throws)
