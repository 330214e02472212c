// The services that plugins offer on this host (patent: applied models 24, FIG. 3). It does not
// change while plugins run.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugin/values.hpp"

namespace intray::plugin {

struct Service {
  std::string plugin_id;
  ServiceInfo info;
  std::string url;  // where devices register: its own URL, or this host's
};

class Catalogue {
 public:
  /// Adds all services of a plugin, or none.
  /// INTRAY_E_CONFLICT  a service, or its own registration URL, is there already.
  Result<void> add(const std::string& plugin_id, const std::vector<ServiceInfo>& services,
                   const std::string& public_device_url);

  void remove(const std::string& plugin_id);

  /// nullptr when no plugin offers it. Lives as long as the catalogue.
  const Service* find(std::string_view service_id) const;
  /// In the order of their ids.
  std::vector<const Service*> all() const;
  static bool applies(const Service& service, std::string_view vendor, std::string_view model);
  /// "service-x applies to M1001, M1002": for the reason why it does not to another.
  static std::string models_of(const Service& service);

 private:
  std::map<std::string, Service, std::less<>> services_;
};

}  // namespace intray::plugin
