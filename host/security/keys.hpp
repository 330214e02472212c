// The daemon's own secrets: files in keys.directory, never in the store.
//
//   code.key  32 random bytes: registration codes are derived from it
//   wake.key  32 random bytes: the seed of the keys that sign wake commands
//   epoch     a decimal number, raised when a backup is restored
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/security/crypto.hpp"
#include "intray/result.hpp"

namespace intray::security {

struct Keys {
  Secret code;
  Secret wake;
  std::uint64_t epoch = 1;
};

/// Reads the keys; makes the directory (0700) and what is missing (0600, durable) on a first start.
/// INTRAY_E_INVALID   a file is readable by others, or does not hold what it should.
/// INTRAY_E_INTERNAL  the operating system refused; the message says what on what.
Result<Keys> load_keys(const std::filesystem::path& directory);

/// The Ed25519 public key, base64url, whose private half signs wake commands for this customer
/// (seed = HMAC(wake key, customer)).
std::string wake_public_key(const Secret& wake, std::string_view customer);

}  // namespace intray::security
