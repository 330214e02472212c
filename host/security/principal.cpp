#include "host/security/principal.hpp"

#include <array>

namespace intray::security {
namespace {

struct Grant {
  std::string_view permission;
  Role role;
};

// Who may do what. What is not listed is denied. An operator reads and acts for a customer through
// the operator's own routes.
constexpr std::array kGrants = {
    Grant{"device.poll", Role::kDevice},          Grant{"device.acknowledge", Role::kDevice},
    Grant{"device.register", Role::kDevice},      Grant{"customer.view", Role::kViewer},
    Grant{"customer.view", Role::kAdministrator}, Grant{"customer.apply", Role::kAdministrator},
    Grant{"customer.stop", Role::kAdministrator}, Grant{"operator.view", Role::kOperator},
    Grant{"operator.change", Role::kOperator},    Grant{"operator.tokens", Role::kOperator},
};

struct Name {
  Role role;
  std::string_view name;
};
constexpr std::array kNames = {
    Name{Role::kDevice, "device"},
    Name{Role::kViewer, "viewer"},
    Name{Role::kAdministrator, "administrator"},
    Name{Role::kOperator, "operator"},
};

}  // namespace

bool permits(Role role, std::string_view permission) {
  if (is_open(permission)) return true;
  for (const auto& grant : kGrants) {
    if (grant.role == role && grant.permission == permission) return true;
  }
  return false;
}

bool is_open(std::string_view permission) {
  return permission == "any.open" || permission == "device.open" || permission == "metrics.open";
}

bool is_permission(std::string_view permission) {
  if (is_open(permission)) return true;
  for (const auto& grant : kGrants) {
    if (grant.permission == permission) return true;
  }
  return false;
}

std::string_view role_name(Role role) {
  for (const auto& name : kNames) {
    if (name.role == role) return name.name;
  }
  return "nobody";
}

Role parse_role(std::string_view name) {
  for (const auto& known : kNames) {
    if (known.name == name) return known.role;
  }
  return Role::kNobody;
}

}  // namespace intray::security
