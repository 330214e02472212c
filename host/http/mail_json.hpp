// What an instruction's stored payload says, and the secret that belongs to it: a registration
// code, or a wake command.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "host/security/keys.hpp"
#include "host/store/records.hpp"
#include "host/store/snapshot.hpp"

namespace intray::http {

/// The instruction type that the host mints a wake command for.
inline constexpr std::string_view kRelayWake = "relay-wake";

/// The payload as it was sent; empty when it is no JSON object.
boost::json::object payload_of(const store::Mail& mail);

/// The command of a relay-wake, minted now; nothing for an instruction of another type, or one that
/// does not say what a relay-wake says. inventory: the customer's, of the poll's own snapshot.
std::optional<security::Secret> wake_of(const security::Keys& keys, std::string_view customer,
                                        const store::Mail& mail,
                                        const store::CustomerView& inventory,
                                        const store::CustomerSettings& settings, store::UnixNs now);

/// The code of a register-device; nothing for an instruction without one.
std::optional<security::Secret> code_of(const security::Keys& keys, std::string_view customer,
                                        const store::Mail& mail,
                                        const boost::json::object& payload);

}  // namespace intray::http
