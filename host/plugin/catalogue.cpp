#include "host/plugin/catalogue.hpp"

#include <algorithm>

namespace intray::plugin {

Result<void> Catalogue::add(const std::string& plugin_id, const std::vector<ServiceInfo>& services,
                            const std::string& public_device_url) {
  auto all = services_;
  for (const auto& info : services) {
    auto url = info.registration_url.empty()
                   ? public_device_url + "/v1/services/" + info.service_id + "/register"
                   : info.registration_url;
    for (const auto& [id, other] : all) {
      if (id != info.service_id && other.url != url) continue;
      return fail(INTRAY_E_CONFLICT, "service " + info.service_id + " at " + url +
                                         " collides with " + id + " of " + other.plugin_id);
    }
    all.emplace(info.service_id, Service{plugin_id, info, std::move(url)});
  }
  services_ = std::move(all);
  return {};
}

void Catalogue::remove(const std::string& plugin_id) {
  std::erase_if(services_, [&](const auto& row) { return row.second.plugin_id == plugin_id; });
}

const Service* Catalogue::find(std::string_view service_id) const {
  const auto found = services_.find(service_id);
  return found == services_.end() ? nullptr : &found->second;
}

std::vector<const Service*> Catalogue::all() const {
  std::vector<const Service*> services;
  for (const auto& [id, service] : services_) services.push_back(&service);
  return services;
}

bool Catalogue::applies(const Service& service, std::string_view vendor, std::string_view model) {
  return std::any_of(service.info.models.begin(), service.info.models.end(),
                     [&](const ModelMatch& match) { return matches(match, vendor, model); });
}

std::string Catalogue::models_of(const Service& service) {
  std::string models;
  for (const auto& match : service.info.models) {
    models += (models.empty() ? "" : ", ") + match.model;
  }
  return models;
}

}  // namespace intray::plugin
