#include "plugins/registration/format.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <ctime>

#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string rfc3339(std::int64_t unix_ns) {
  const auto seconds = static_cast<std::time_t>(unix_ns / kSecondNs);
  std::tm utc{};
  std::array<char, 40> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::string hex(std::string_view bytes) {
  std::string text(bytes.size() * 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text[2 * i] = kDigits[byte >> 4U];
    text[2 * i + 1] = kDigits[byte & 0xFU];
  }
  return text;
}

std::string unhex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  std::string bytes(text.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return {};
    bytes[i] = static_cast<char>(high << 4U | low);
  }
  return bytes;
}

std::string printable(std::string_view text) {
  std::string shown(text);
  boost::json::error_code error;
  boost::json::parse(boost::json::serialize(boost::json::string(shown)), error);
  for (auto& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (error && byte > 0x7f)) c = '?';
  }
  return shown;
}

std::int64_t counter_of(std::string_view value) {
  std::uint64_t number = 0;
  for (std::size_t i = value.size() < 8 ? value.size() : 8; i-- > 0;) {
    number = number << 8U | static_cast<unsigned char>(value[i]);
  }
  constexpr auto kMost = static_cast<std::int64_t>(kCountMax);
  return std::clamp(static_cast<std::int64_t>(number), -kMost, kMost);
}

}  // namespace intray::registration
