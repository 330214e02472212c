// The wake URLs in other forms: for a phone's camera, or for a machine on the devices' LAN.
#pragma once

#include <string>
#include <vector>

#include "host/cli/lan.hpp"

namespace intray::cli {

/// A QR code (ISO/IEC 18004) as lines of half blocks for a terminal.
/// INTRAY_E_TOO_LARGE when the text does not fit one (2,953 bytes).
Result<std::string> qr_of(const std::string& text);

/// A POSIX shell script that opens the URLs in their turn with curl and says what came of each.
std::string script_of(const std::vector<WakeCall>& calls);

}  // namespace intray::cli
