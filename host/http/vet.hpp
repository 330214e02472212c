// The strict reading of a request's head: what a careful server accepts, and nothing else.
//
// Each rule refuses on its own, with its status; the connection is closed after a refusal, so that
// nothing behind it can be taken for a request.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/http/route.hpp"

namespace intray::http {

inline constexpr std::size_t kHeadBytesMax = 16 * 1024;
inline constexpr std::size_t kHeaderLineBytesMax = 4096;
inline constexpr std::size_t kHeadersMax = 64;
inline constexpr std::size_t kTargetBytesMax = 2048;

struct Vetted {
  int status = 0;  // 0 = passed; otherwise the refusal's
  const char* why = "";
};

/// `text`: from the request line to the empty line, both included. `head` is new; its bearer lies
/// in the text, and what it holds after a refusal is not to be used.
Vetted vet(std::string_view text, Head& head);

/// The decoded text; nothing when an escape is malformed or hides a NUL or control character.
bool percent_decode(std::string_view text, std::string& out);

/// name=value&name=value, decoded, in order; false when malformed.
bool parse_query(std::string_view query, Fields& out);

}  // namespace intray::http
