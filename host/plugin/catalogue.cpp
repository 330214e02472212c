#include "host/plugin/catalogue.hpp"

#include <algorithm>

namespace intray::plugin {

Result<void> Catalogue::add(std::string plugin_id, ServiceInfo info,
                            const std::string& public_device_url) {
  if (const auto* other = find(info.service_id)) {
    return fail(INTRAY_E_CONFLICT,
                "service " + info.service_id + " is offered already by " + other->plugin_id);
  }
  auto url = info.registration_url.empty()
                 ? public_device_url + "/v1/services/" + info.service_id + "/register"
                 : info.registration_url;
  auto id = info.service_id;
  services_.emplace(std::move(id), Service{std::move(plugin_id), std::move(info), std::move(url)});
  return {};
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
