#include "host/security/tokens.hpp"

#include <algorithm>

namespace intray::security {
namespace {

constexpr std::string_view kApiPrefix = "int_";
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenCharacters = 43;
constexpr std::size_t kCodeBytes = 17;
constexpr std::size_t kCodeCharacters = 26;

bool is_base64url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_';
  });
}

}  // namespace

Secret new_api_token() {
  return Secret(std::string(kApiPrefix) + base64url(random_bytes(kTokenBytes)));
}

std::string new_token_id() { return "t-" + hex(random_bytes(6)); }

Secret new_provisioning_code() { return Secret(base32(random_bytes(kCodeBytes), kCodeCharacters)); }

bool is_device_token(std::string_view token) {
  return token.size() == kTokenCharacters && is_base64url(token);
}

Principal authenticate(const store::Snapshot& snapshot, std::string_view token) {
  const bool api = token.substr(0, kApiPrefix.size()) == kApiPrefix &&
                   is_device_token(token.substr(kApiPrefix.size()));
  if (!api && !is_device_token(token)) return {};
  auto found = snapshot.token(sha256(token));
  if (!found) return {};
  Principal principal;
  principal.role = parse_role(found->role);
  principal.customer = std::move(found->customer);
  // A device's token speaks only as a device and an API token never as one, whatever the row says.
  if ((principal.role == Role::kDevice) == api) return {};
  if (principal.role == Role::kDevice) {
    principal.id = "device:" + found->id;
    principal.device_id = std::move(found->id);
  } else {
    principal.id = "token:" + found->id;
  }
  return principal;
}

}  // namespace intray::security
