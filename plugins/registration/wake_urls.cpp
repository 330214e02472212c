#include "plugins/registration/wake_urls.hpp"

#include "plugins/registration/wake_request.hpp"

namespace intray::registration {
namespace {

constexpr std::size_t kUrlsBytesMax = 48 * 1024;  // a log row takes 63 KiB

Result<std::vector<WakeDevice>> wakeable(const Scope& scope,
                                         const std::vector<std::string>& device_ids) {
  std::vector<WakeDevice> devices;
  for (const auto& device_id : device_ids) {
    const auto device = scope.platform.device(scope.customer, device_id);
    if (!device) return fail(device.error());
    if (*device && is_wakeable((*device)->address)) {
      devices.push_back({device_id, (*device)->address, (*device)->performance});
    }
  }
  return devices;
}

void add_each(const WakeRequest& settings, const std::vector<WakeDevice>& devices,
              std::int64_t count, boost::json::object& notice) {
  boost::json::array urls;
  std::size_t bytes = 0;
  for (const auto& device : devices) {
    auto url = wake_url(settings, device.device_id, device.address);
    constexpr std::size_t kAround = 32;  // names, quotes, brackets
    bytes += kAround + device.device_id.size() + url.size();
    if (bytes > kUrlsBytesMax) break;
    urls.push_back(boost::json::object{{"device_id", device.device_id}, {"url", std::move(url)}});
  }
  const auto left_out = count - static_cast<std::int64_t>(urls.size());
  if (left_out > 0) notice["left_out"] = left_out;
  notice["wake_urls"] = std::move(urls);
}

}  // namespace

bool is_wakeable(const std::string& address) {
  constexpr std::size_t kAddressBytesMax = 64;  // intray/wake.h
  return !address.empty() && address.size() <= kAddressBytesMax;
}

std::string wake_url(const WakeRequest& settings, const std::string& device_id,
                     const std::string& address) {
  if (!is_wakeable(address)) return {};
  auto request = settings;
  request.mode = WakeMode::kEach;
  const auto plan = plan_wake({{device_id, address, 0}}, request);
  return plan ? wake_urls(*plan).front().url : std::string();
}

Result<void> add_wake_urls(const Scope& scope, const std::string& application,
                           const std::string& form, const std::vector<std::string>& device_ids,
                           std::int64_t count, boost::json::object& notice) {
  auto settings = wake_settings(scope);
  if (!settings) return fail(settings.error());
  auto devices = wakeable(scope, device_ids);
  if (!devices) return fail(devices.error());
  const auto* mode = form == "urls" ? "each" : "relay";
  notice["wake"] = "/v1/applications/" + application + "/wake?mode=" + mode;
  if (form == "urls") {
    add_each(*settings, *devices, count, notice);
    return {};
  }
  settings->mode = WakeMode::kRelay;
  const auto plan = plan_wake(std::move(*devices), *settings);
  // Without a device that can be woken there is no URL; the notice is given all the same.
  if (plan) notice["wake_url"] = wake_urls(*plan).front().url;
  return {};
}

}  // namespace intray::registration
