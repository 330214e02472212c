#include "host/inventory/text.hpp"

#include <algorithm>
#include <cstdint>

namespace intray::inventory {
namespace {

constexpr std::size_t kShownBytesMax = 64;
constexpr std::uint32_t kBroken = 0xFFFFFFFF;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes one code point off the front (RFC 3629: shortest form, no surrogates).
std::uint32_t take_code_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() < size) return kBroken;
  std::uint32_t point = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return kBroken;
    point = (point << 6U) | (next & 0x3FU);
  }
  text.remove_prefix(size);
  const bool too_long = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return too_long || surrogate || point > 0x10FFFF ? kBroken : point;
}

}  // namespace

bool is_id(std::string_view text, std::size_t bytes_max) {
  const auto fits = [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == ':' || c == '-';
  };
  return !text.empty() && text.size() <= bytes_max && is_alphanumeric(text[0]) &&
         std::all_of(text.begin(), text.end(), fits);
}

bool is_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) return false;
  if (!text.empty() && (text.front() == ' ' || text.back() == ' ')) return false;
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (point == kBroken || point < 0x20 || (point >= 0x7F && point < 0xA0)) return false;
  }
  return true;
}

std::string shown(std::string_view value) {
  std::string quoted = "'";
  for (const char c : value.substr(0, kShownBytesMax)) quoted += c >= 0x20 && c < 0x7F ? c : '?';
  return quoted + (value.size() > kShownBytesMax ? "...'" : "'");
}

}  // namespace intray::inventory
