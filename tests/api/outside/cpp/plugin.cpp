// A service of somebody else, in C++17: refuses one device, and gives the others a parameter.
#include <intray/declare.hpp>
#include <intray/plugin.hpp>

namespace {

using namespace intray;

class Outside final : public ServicePlugin {
 public:
  using ServicePlugin::ServicePlugin;

  static const intray_plugin_desc& descriptor() {
    static const auto desc =
        plugin_desc(INTRAY_KIND_SERVICE, INTRAY_SERIAL, "org.example.outside-cpp", "Outside, C++",
                    "Somebody else", "0.1.0", "Built against the installed package");
    return desc;
  }

  Result<void> init() override {
    service_.model("M9*").param("greeting", "A greeting", INTRAY_PARAM_STRING, "hello");
    return {};
  }

  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }

  Result<void> validate(const intray_call&, const intray_application& app,
                        const intray_verdict_sink& verdict) override {
    if (app.device == nullptr || view(app.device->model) != "M9000") return {};
    verdict.set(&verdict, INTRAY_VERDICT_VETO, str("model_too_old"),
                str("model M9000 cannot be greeted"));
    return {};
  }

  Result<void> registration_params(const intray_call&, std::string_view,
                                   const intray_device& device,
                                   const intray_kv_sink& params) override {
    params.add(&params, str("greeting"), str("hello, " + copy(device.device_id)));
    return {};
  }

 private:
  ServiceDeclaration service_{"outside-cpp", "Outside, C++"};
};

}  // namespace

INTRAY_PLUGIN(Outside)
