// A service plugin that logs what it hears, and behaves as its configuration says:
//   fail_told    so many device_registered calls fail first
//   hang_ms      each hook sleeps that long first
//   health       "down"
//   params       "undeclared", "mistyped", "none": what registration_params adds
#include <atomic>
#include <chrono>
#include <intray/declare.hpp>
#include <intray/plugin.hpp>
#include <thread>

namespace {

using namespace intray;

class Good final : public ServicePlugin {
 public:
  using ServicePlugin::ServicePlugin;

  static const intray_plugin_desc& descriptor() {
    static const auto desc = plugin_desc(INTRAY_KIND_SERVICE, INTRAY_CONCURRENT, PLUGIN_ID, "Good",
                                         "Test", "1.0.0", "Logs what it hears");
    return desc;
  }

  Result<void> init() override {
    service_.model("M1*");
    service_.param("folder", "Folder", INTRAY_PARAM_STRING, "inbox");
    service_.param("pages", "Pages", INTRAY_PARAM_INT, "", true);
    fail_told_ = std::stoi(host().config("fail_told").value_or("0"));
    hang_ = std::chrono::milliseconds(std::stoi(host().config("hang_ms").value_or("0")));
    params_ = host().config("params").value_or("");
    down_ = host().config("health").value_or("") == "down";
    return {};
  }
  Result<void> stop(std::int64_t) override {
    host().log(INTRAY_LOG_INFO, "stopped");
    return {};
  }
  const intray_service_desc* service(std::uint32_t index) const noexcept override {
    return index == 0 ? service_.get() : nullptr;
  }

  Result<void> validate(const intray_call&, const intray_application& app,
                        const intray_verdict_sink& verdict) override {
    std::this_thread::sleep_for(hang_);
    if (app.device != nullptr && view(app.device->device_id) == "D2") {
      verdict.set(&verdict, INTRAY_VERDICT_VETO, str("not_d2"), str("not for D2"));
    }
    return {};
  }
  Result<void> registration_params(const intray_call&, std::string_view, const intray_device&,
                                   const intray_kv_sink& params) override {
    if (params_ == "undeclared") params.add(&params, str("secret"), str("x"));
    if (params_ == "none") return {};
    params.add(&params, str("pages"), str(params_ == "mistyped" ? "many" : "12"));
    return {};
  }
  Result<void> device_registered(const intray_call& call, std::string_view service,
                                 const intray_device& device) override {
    std::this_thread::sleep_for(hang_);
    const bool fails = fail_told_.fetch_sub(1) > 0;
    host().log(INTRAY_LOG_INFO, "registered " + copy(device.device_id) + " " +
                                    std::string(service) + " model " + copy(device.model) +
                                    ((call.flags & INTRAY_CALL_REPLAY) != 0 ? " again" : "") +
                                    (fails ? " failing" : ""));
    return fails ? Result<void>(fail(INTRAY_E_BUSY, "not now")) : Result<void>();
  }
  Result<void> device_stopped(const intray_call&, std::string_view service,
                              const intray_device& device, std::uint32_t reason) override {
    host().log(INTRAY_LOG_INFO, "stopped " + copy(device.device_id) + " " + std::string(service) +
                                    " reason " + std::to_string(reason));
    return {};
  }
  Result<void> health(const intray_call&, const intray_health_sink& sink) override {
    sink.report(&sink, str("backend"), down_ ? INTRAY_HEALTH_DOWN : INTRAY_HEALTH_OK,
                str("the backend"));
    return {};
  }

 private:
  ServiceDeclaration service_{SERVICE_ID, "Good"};
  std::atomic<int> fail_told_{0};
  std::chrono::milliseconds hang_{0};
  std::string params_;
  bool down_ = false;
};

}  // namespace

INTRAY_PLUGIN(Good)
