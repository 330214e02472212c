// What the host adds to a wake order: addresses, and the command of a "relay-wake" instruction.
#pragma once

#include <string_view>

#include "host/security/wake.hpp"
#include "host/store/records.hpp"
#include "host/store/snapshot.hpp"

namespace intray::security {

/// The order with each target's address as the inventory has it now, and with the scheme and port
/// that the customer has set. A device that has left, or has no address that fits a command, gets
/// none.
WakeOrder with_addresses(WakeOrder order, const store::CustomerView& inventory,
                         const store::CustomerSettings& settings);

/// Mints the command of a "relay-wake" for the device that it waits for (api/wake_command.md, "More
/// than 64 devices").
/// INTRAY_E_INVALID    the payload does not say what a relay-wake says.
/// INTRAY_E_TOO_LARGE  as mint_wake.
Result<Secret> mint_relay_wake(const Secret& wake_key, std::string_view customer,
                               const store::Mail& mail, const store::CustomerView& inventory,
                               const store::CustomerSettings& settings, std::int64_t now_unix_s);

}  // namespace intray::security
