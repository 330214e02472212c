#include "host/store/codec.hpp"

#include <xxhash.h>

namespace intray::store {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeadBytes = 1 + sizeof(std::uint64_t);
constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);

std::uint64_t checksum(std::string_view key, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), XXH3_64bits(key.data(), key.size()));
}

}  // namespace

std::string seal(std::string_view key, std::uint64_t revision, std::string_view payload) {
  std::string value;
  value.reserve(kHeadBytes + payload.size() + kChecksumBytes);
  value += kVersion;
  value.append(reinterpret_cast<const char*>(&revision), sizeof revision);
  value += payload;
  const auto sum = checksum(key, value);
  value.append(reinterpret_cast<const char*>(&sum), sizeof sum);
  return value;
}

std::optional<Opened> open_sealed(std::string_view key, std::string_view value) {
  if (value.size() < kHeadBytes + kChecksumBytes || value[0] != kVersion) return std::nullopt;
  const auto covered = value.substr(0, value.size() - kChecksumBytes);
  std::uint64_t sum = 0;
  std::memcpy(&sum, value.data() + covered.size(), sizeof sum);
  if (sum != checksum(key, covered)) return std::nullopt;
  Opened opened;
  std::memcpy(&opened.revision, value.data() + 1, sizeof opened.revision);
  opened.payload = covered.substr(kHeadBytes);
  return opened;
}

}  // namespace intray::store
