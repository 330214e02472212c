#include "plugins/registration/request.hpp"

#include <algorithm>

namespace intray::registration {
namespace {

using Services = std::vector<Platform::ServiceRow>;

std::string listed(const Services& services) {
  std::string names;
  for (const auto& service : services) {
    names.append(names.empty() ? "" : ", ").append(service.service_id);
  }
  return names;
}

// The ids that the request names, or the only one that is offered (M3).
Result<std::vector<std::string>> named_services(const boost::json::object& body,
                                                const Services& offered) {
  const auto one = text_member(body, "service", kIdBytesMax);
  if (!one) return fail(one.error());
  auto several = list_member(body, "services", kServicesMax, kIdBytesMax);
  if (!several) return fail(several.error());
  if (!one->empty() && !several->empty()) {
    return fail(INTRAY_E_INVALID, "give 'service' or 'services', not both");
  }
  if (!one->empty()) return std::vector<std::string>{*one};
  if (!several->empty()) return several;
  if (offered.size() == 1) return std::vector<std::string>{offered.front().service_id};
  return fail(INTRAY_E_INVALID, offered.empty()
                                    ? "no service is offered here"
                                    : "say which service: " + listed(offered) + " are offered");
}

}  // namespace

Result<Wanted> wanted_of(const Scope& scope, const HttpRequest& request) {
  const auto body = body_of(request, {"service", "services", "devices", "models", "reissue"});
  if (!body) return fail(body.error());
  const auto offered = scope.platform.services();
  if (!offered) return fail(offered.error());
  const auto names = named_services(*body, *offered);
  if (!names) return fail(names.error());
  auto devices = list_member(*body, "devices", kNamedDevicesMax, kIdBytesMax);
  if (!devices) return fail(devices.error());
  const auto models = list_member(*body, "models", kModelsMax, kIdBytesMax);
  if (!models) return fail(models.error());
  if (!devices->empty() && !models->empty()) {
    return fail(INTRAY_E_INVALID, "give 'devices' or 'models', not both");
  }
  const auto reissue = flag_member(*body, "reissue");
  if (!reissue) return fail(reissue.error());

  Wanted wanted;
  wanted.devices = std::move(*devices);
  for (const auto& name : *names) {
    const auto found = std::find_if(offered->begin(), offered->end(), [&](const auto& service) {
      return service.service_id == name;
    });
    if (found == offered->end()) {
      return fail(INTRAY_E_NOT_FOUND, "no service '" + name + "' is offered here");
    }
    wanted.criteria.push_back({*found, *models, *reissue, std::string(request.principal()), "",
                               std::string(request.body()), scope.now()});
  }
  return wanted;
}

}  // namespace intray::registration
