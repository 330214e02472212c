// Addresses of devices on the customer's LAN.
#pragma once

#include <string>
#include <string_view>

namespace intray::inventory {

/// Why it is none, in words; empty when it is a dotted IPv4 address, an IPv6 literal without
/// brackets, or a host name (RFC 1123). A name whose last label is all digits must be IPv4, because
/// that is what a browser takes it for (WHATWG URL, "ends in a number").
std::string wrong_with_address(std::string_view address);

}  // namespace intray::inventory
