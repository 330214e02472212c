// How a row's value is written. One description a record serves both directions, so that they
// cannot differ.
//
// Envelope: version (1 byte, now 1) | revision (8, little-endian) | payload | checksum (8,
// little-endian). The checksum is XXH3-64 of everything before it, seeded with XXH3-64 of the key:
// a row that was moved to another key, cut, or whose bits rotted does not verify. Payload: the
// record's fields in the order of its describe(): integers little-endian at their width, bool as
// one byte 0 or 1, text as a 4-byte length and its bytes, hashes as 32 bytes. Nothing may follow
// the last field.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "intray/result.hpp"

namespace intray::store {

static_assert(std::endian::native == std::endian::little, "64-bit little-endian hosts only");

inline constexpr std::size_t kTextBytesMax = 64U << 10U;

/// Writes fields one after another.
class Encoder {
 public:
  template <class Integer>
  requires std::is_integral_v<Integer>
  void operator()(const Integer& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void operator()(const std::array<unsigned char, 32>& hash) {
    bytes_.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads fields back; after the first that does not fit, ok() is false and the rest stay as they
/// are.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  template <class Integer>
  requires std::is_integral_v<Integer>
  void operator()(Integer& value) {
    if (!fits(sizeof value)) return;
    if constexpr (std::is_same_v<Integer, bool>) {
      ok_ = rest_[0] == 0 || rest_[0] == 1;
      value = rest_[0] == 1;
    } else {
      std::memcpy(&value, rest_.data(), sizeof value);
    }
    rest_.remove_prefix(sizeof value);
  }
  void operator()(std::string& text) {
    std::uint32_t size = 0;
    (*this)(size);
    if (!fits(size)) return;
    text.assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }
  void operator()(std::array<unsigned char, 32>& hash) {
    if (!fits(hash.size())) return;
    std::memcpy(hash.data(), rest_.data(), hash.size());
    rest_.remove_prefix(hash.size());
  }
  /// All fields were read and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  bool fits(std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    return ok_;
  }
  std::string_view rest_;
  bool ok_ = true;
};

template <class Record>
std::string encode(const Record& record) {
  Encoder encoder;
  describe(encoder, const_cast<Record&>(record));
  return encoder.take();
}

/// INTRAY_E_INTERNAL when the bytes are no such record.
template <class Record>
Result<Record> decode(std::string_view payload) {
  Record record;
  Decoder decoder(payload);
  describe(decoder, record);
  if (!decoder.complete()) return fail(INTRAY_E_INTERNAL, "a stored row does not decode");
  return record;
}

/// A value as it lies in LMDB.
std::string seal(std::string_view key, std::uint64_t revision, std::string_view payload);

struct Opened {
  std::uint64_t revision = 0;
  std::string_view payload;  // into the value
};
/// Nothing when version, size or checksum are wrong.
std::optional<Opened> open_sealed(std::string_view key, std::string_view value);

}  // namespace intray::store
