// The few cryptographic steps that Intray takes itself, over OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace intray::security {

using Digest = std::array<unsigned char, 32>;

/// Secret text. It has no stream operator, and wipes its memory when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  ~Secret();

  /// For the one place that must send, store or compare it.
  const std::string& reveal() const { return text_; }

 private:
  std::string text_;
};

/// From the operating system's generator; the process ends when there is none.
std::string random_bytes(std::size_t count);

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
/// Without telling by its time where they differ; texts of other lengths are not equal.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// RFC 4648 section 5, without padding.
std::string base64url(std::string_view bytes);
/// RFC 4648 section 6, without padding; at most `characters` of it.
std::string base32(std::string_view bytes, std::size_t characters);
std::string hex(std::string_view bytes);
/// Empty when it is no even number of hex digits.
std::string from_hex(std::string_view digits);

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace intray::security
