// service-z of FIG. 3: jobs wait at the device until their owner is there. The smallest whole
// plugin in C++: it only declares its service.
#include <intray/declare.hpp>
#include <intray/plugin.hpp>

namespace {

using namespace intray;

class SecurePrint final : public ServicePlugin {
 public:
  using ServicePlugin::ServicePlugin;

  static const intray_plugin_desc& descriptor() {
    static const auto desc = plugin_desc(
        INTRAY_KIND_SERVICE, INTRAY_CONCURRENT, "com.example.secure-print", "Secure print",
        "Example", "1.0.0", "Holds print jobs until their owner is at the device");
    return desc;
  }

  Result<void> init() override {
    for (const auto* model : {"M1001", "M1002", "M1003", "M1004", "M1008", "M1009"}) {
      service_.model(model);
    }
    return {};
  }

  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }

 private:
  ServiceDeclaration service_{"service-z", "Secure print"};
};

}  // namespace

INTRAY_PLUGIN(SecurePrint)
