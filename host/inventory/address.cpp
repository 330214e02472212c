#include "host/inventory/address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace intray::inventory {
namespace {

constexpr std::size_t kHostNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_label_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool parses_as(int family, std::string_view address) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(family, std::string(address).c_str(), bytes) == 1;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), is_label_character);
}

bool is_host_name(std::string_view name) {
  if (name.size() > kHostNameBytesMax) return false;
  for (;;) {
    const auto dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

std::string wrong_with_address(std::string_view address) {
  if (address.empty()) return "is missing";
  if (address.find(':') != std::string_view::npos) {
    return parses_as(AF_INET6, address) ? "" : "is no valid IPv6 address";
  }
  const auto last_label = address.substr(address.rfind('.') + 1);
  if (!last_label.empty() && std::all_of(last_label.begin(), last_label.end(), is_digit)) {
    if (parses_as(AF_INET, address)) return "";
    return "is no valid IPv4 address (four numbers of 0 to 255)";
  }
  return is_host_name(address) ? "" : "is neither an IP address nor a host name";
}

}  // namespace intray::inventory
