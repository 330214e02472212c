// Bearer tokens: made, hashed, looked up. Only their SHA-256 is ever stored.
#pragma once

#include <string>
#include <string_view>

#include "host/security/crypto.hpp"
#include "host/security/principal.hpp"
#include "host/store/store.hpp"

namespace intray::security {

/// A new API token: "int_" and 43 base64url characters (256 bits).
Secret new_api_token();
/// A new public id of a token: "t-" and 12 hex digits.
std::string new_token_id();
/// A new one-time provisioning code: 26 base32 characters (130 bits).
Secret new_provisioning_code();

/// What a device makes itself: exactly 43 base64url characters.
bool is_device_token(std::string_view token);

/// Whose token it is, in this snapshot; Role::kNobody when it is nobody's.
Principal authenticate(const store::Snapshot& snapshot, std::string_view token);

}  // namespace intray::security
