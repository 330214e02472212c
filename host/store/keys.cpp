#include "host/store/keys.hpp"

#include <algorithm>

namespace intray::store::keys {
namespace {

constexpr char kEnd = '\0';

}  // namespace

std::string big_endian(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (std::size_t i = 8; i-- > 0; number >>= 8U) bytes[i] = static_cast<char>(number & 0xffU);
  return bytes;
}

std::uint64_t from_big_endian(std::string_view eight_bytes) {
  std::uint64_t number = 0;
  for (const char byte : eight_bytes) number = number << 8U | static_cast<unsigned char>(byte);
  return number;
}

std::string prefix(Table table) { return std::string(1, static_cast<char>(table)); }

std::string prefix(Table table, std::string_view first) { return key(table, first) += kEnd; }

std::string prefix(Table table, std::string_view first, std::string_view second) {
  return key(table, first, second) += kEnd;
}

std::string key(Table table, std::string_view only) {
  std::string bytes;
  bytes.reserve(only.size() + 2);
  bytes += static_cast<char>(table);
  bytes += only;
  return bytes;
}

std::string key(Table table, std::string_view first, std::string_view second) {
  auto bytes = key(table, first);
  bytes += kEnd;
  bytes += second;
  return bytes;
}

std::string key(Table table, std::string_view first, std::string_view second,
                std::string_view third) {
  auto bytes = key(table, first, second);
  bytes += kEnd;
  bytes += third;
  return bytes;
}

HashKey of_hash(Table table, const TokenHash& hash) {
  HashKey key{};
  key.bytes[0] = static_cast<char>(table);
  std::copy(hash.begin(), hash.end(), key.bytes.begin() + 1);
  return key;
}

std::string timer_name(std::string_view customer, std::string_view owner, std::string_view name) {
  std::string bytes(customer);
  bytes += kEnd;
  bytes += owner;
  bytes += kEnd;
  bytes += name;
  return bytes;
}

}  // namespace intray::store::keys
