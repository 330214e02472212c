// Who is behind a request, and what each role may do.
#pragma once

#include <string>
#include <string_view>

namespace intray::security {

enum class Role { kNobody, kDevice, kViewer, kAdministrator, kOperator };

/// The authenticated caller. The customer always comes from here, never from a request.
struct Principal {
  Role role = Role::kNobody;
  std::string id;         // "device:D10010101", "token:t-4f2a", "operator:local"; empty = nobody
  std::string customer;   // empty for an operator and for nobody
  std::string device_id;  // only of a device
};

/// Does this role hold the permission? Permissions are "<listener>.<what>", for example
/// "customer.apply"; what no role is listed for is denied.
bool permits(Role role, std::string_view permission);

/// Held by everybody: health, and provisioning, whose code is its own credential.
bool is_open(std::string_view permission);

/// Whether any role, or everybody, can hold it.
bool is_permission(std::string_view permission);

/// "device", "viewer", "administrator", "operator"; nullptr-safe inverse of parse_role.
std::string_view role_name(Role role);
Role parse_role(std::string_view name);  // kNobody when unknown

}  // namespace intray::security
