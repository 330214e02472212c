// How values are spelled: times, bytes, numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace intray::registration {

inline constexpr std::int64_t kSecondNs = 1'000'000'000;

/// RFC 3339 in UTC, whole seconds: "2026-01-31T12:00:00Z".
std::string rfc3339(std::int64_t unix_ns);

/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
/// The bytes; empty when the text is no hexadecimal.
std::string unhex(std::string_view text);

/// A device's own words, fit for a JSON document and a terminal: no control characters; when they
/// are no UTF-8, ASCII only.
std::string printable(std::string_view text);

/// An own counter row: 8 bytes, little-endian (intray/commit.h, INTRAY_OP_ADD). What no count
/// reaches, -kCountMax..kCountMax (row.hpp), is cut to that, so that counts can be added up.
std::int64_t counter_of(std::string_view value);

}  // namespace intray::registration
