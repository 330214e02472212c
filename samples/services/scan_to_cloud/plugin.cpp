// service-x of FIG. 3: scans go to a folder in the cloud. Takes part in every step: it vetoes
// devices, gives each a parameter, and hears of those that come and go.
//
// Configuration, in the section of com.example.scan-to-cloud:
//   registration_url   where devices register (FIG. 6); default: this host's own URL
//   folder             what a device is told to scan into; default "inbox"
//   excluded_models    models, separated by spaces, that do not take part; default: none
#include <intray/declare.hpp>
#include <intray/plugin.hpp>
#include <set>
#include <sstream>

namespace {

using namespace intray;

std::set<std::string, std::less<>> words_of(const std::string& text) {
  std::set<std::string, std::less<>> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.insert(word);
  return words;
}

class ScanToCloud final : public ServicePlugin {
 public:
  using ServicePlugin::ServicePlugin;

  static const intray_plugin_desc& descriptor() {
    static const auto desc = plugin_desc(
        INTRAY_KIND_SERVICE, INTRAY_CONCURRENT, "com.example.scan-to-cloud", "Scan to cloud",
        "Example", "1.0.0", "Sends what a device scans to a folder in the cloud");
    return desc;
  }

  // What a plugin declares may come from its configuration, so it is declared here.
  Result<void> init() override {
    for (const auto* model : {"M1001", "M1002", "M1003", "M1004", "M1005", "M1006"}) {
      service_.model(model);
    }
    service_.description("Scans go to a folder in the cloud");
    service_.param("folder", "Folder that the device scans into", INTRAY_PARAM_STRING, "inbox");
    service_.registration_url(host().config("registration_url").value_or(""));
    folder_ = host().config("folder").value_or("");
    excluded_models_ = words_of(host().config("excluded_models").value_or(""));
    return {};
  }

  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }

  // Decides, and does nothing else: it is asked in dry runs, too. No verdict means no objection.
  Result<void> validate(const intray_call&, const intray_application& app,
                        const intray_verdict_sink& verdict) override {
    if (app.device == nullptr) return {};
    const auto model = view(app.device->model);
    if (excluded_models_.find(model) == excluded_models_.end()) return {};
    const auto message = "model " + std::string(model) + " is excluded from scan to cloud";
    verdict.set(&verdict, INTRAY_VERDICT_VETO, str("model_excluded"), str(message));
    return {};
  }

  // Asked while a device registers; must have no side effect. The default comes from the
  // declaration when nothing is added.
  Result<void> registration_params(const intray_call&, std::string_view, const intray_device&,
                                   const intray_kv_sink& params) override {
    if (!folder_.empty()) params.add(&params, str("folder"), str(folder_));
    return {};
  }

  // Come at least once for each device, after it is durable: be idempotent on call.sequence.
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
  ServiceDeclaration service_{"service-x", "Scan to cloud"};
  std::string folder_;
  std::set<std::string, std::less<>> excluded_models_;
};

}  // namespace

INTRAY_PLUGIN(ScanToCloud)
