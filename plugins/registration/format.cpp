#include "plugins/registration/format.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <ctime>

#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string rfc3339(std::int64_t unix_ns) {
  const auto seconds = static_cast<std::time_t>(unix_ns / kSecondNs);
  std::tm utc{};
  std::array<char, 40> text{};
  if (gmtime_r(&seconds, &utc) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

std::string unhex(std::string_view text) {
  if (text.size() % 2 != 0) return {};
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = kDigits.find(text[i]);
    const auto low = kDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return {};
    bytes += static_cast<char>(high << 4U | low);
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
