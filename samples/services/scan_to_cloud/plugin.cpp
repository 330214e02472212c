// service-x of FIG. 3: scans go to a folder in the cloud. The smallest whole plugin in C++.
//
// Configuration, in the section of com.example.scan-to-cloud:
//   registration_url   where devices register; default: this host's own URL
//   folder             what a device is told to scan into; default "inbox"
#include <intray/declare.hpp>
#include <intray/plugin.hpp>

namespace {

using namespace intray;

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
    url_ = host().config("registration_url").value_or("");
    folder_ = host().config("folder").value_or("");
    service_.registration_url(url_);
    return {};
  }

  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }

  // Asked while a device registers; must have no side effect. The default comes from the
  // declaration when nothing is added.
  Result<void> registration_params(const intray_call&, std::string_view, const intray_device&,
                                   const intray_kv_sink& params) override {
    if (!folder_.empty()) params.add(&params, str("folder"), str(folder_));
    return {};
  }

 private:
  ServiceDeclaration service_{"service-x", "Scan to cloud"};
  std::string url_;
  std::string folder_;
};

}  // namespace

INTRAY_PLUGIN(ScanToCloud)
