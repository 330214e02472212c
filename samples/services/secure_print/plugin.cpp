// service-z of FIG. 3: jobs wait at the device until their owner is there. Uses two hooks: it
// refuses devices whose firmware is too old, and it hears of every device that comes and goes.
//
// Configuration, in the section of com.example.secure-print:
//   firmware_min   devices with an older firmware do not take part; default: any will do
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
    firmware_min_ = host().config("firmware_min").value_or("");
    return {};
  }

  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }

  // Decides, and does nothing else: it is asked in dry runs, too. No verdict means no objection.
  Result<void> validate(const intray_call&, const intray_application& app,
                        const intray_verdict_sink& verdict) override {
    if (app.device == nullptr || firmware_min_.empty()) return {};
    if (view(app.device->firmware) >= firmware_min_) return {};
    const auto message = "firmware " + firmware_min_ + " or newer is needed";
    verdict.set(&verdict, INTRAY_VERDICT_VETO, str("firmware_too_old"), str(message));
    return {};
  }

  // Comes at least once for each device, after it is durable: be idempotent on call.sequence.
  Result<void> device_registered(const intray_call&, std::string_view service_id,
                                 const intray_device& device) override {
    host().log(INTRAY_LOG_INFO, "device " + copy(device.device_id) + " may use " +
                                    std::string(service_id) + " from now on");
    return {};
  }
  Result<void> device_stopped(const intray_call&, std::string_view service_id,
                              const intray_device& device, std::uint32_t) override {
    host().log(INTRAY_LOG_INFO,
               "device " + copy(device.device_id) + " stopped using " + std::string(service_id));
    return {};
  }

 private:
  ServiceDeclaration service_{"service-z", "Secure print"};
  std::string firmware_min_;
};

}  // namespace

INTRAY_PLUGIN(SecurePrint)
