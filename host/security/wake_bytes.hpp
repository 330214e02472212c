// The signed bytes of a wake command, without the signature. Source: api/wake_command.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/security/wake.hpp"

namespace intray::security {

/// INTRAY_E_INVALID, INTRAY_E_TOO_LARGE: as mint_wake.
Result<std::string> encode_wake(const WakeOrder& order, std::string_view key_id,
                                std::string_view command_id, std::int64_t now_unix_s);

/// INTRAY_E_DENIED  anything but what encode_wake writes.
Result<WakeCommand> decode_wake(std::string_view bytes);

/// RFC 4648 section 5 without padding; nothing when it is not the one way to write those bytes.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace intray::security
