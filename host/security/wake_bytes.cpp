#include "host/security/wake_bytes.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <set>

namespace intray::security {
namespace {

constexpr unsigned char kVersion = 1;
constexpr unsigned char kPlainHttp = 0x01;
constexpr unsigned char kAtIsUnix = 0x02;
constexpr unsigned char kFirstRelaysOnly = 0x04;
constexpr unsigned char kFlags = kPlainHttp | kAtIsUnix | kFirstRelaysOnly;

constexpr char kIpv4 = 4;
constexpr char kIpv6 = 6;
constexpr char kName = 0;

void put(std::string& bytes, std::uint64_t number, unsigned size) {
  while (size-- > 0) bytes += static_cast<char>(number >> (8U * size) & 0xFFU);
}

bool is_host_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  if (name.empty() || name.size() > kWakeNameBytesMax) return false;
  // A last label of digits alone would be read as an IPv4 address (WHATWG URL).
  const auto last = name.substr(name.rfind('.') + 1);
  const bool numeric =
      std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; });
  return !numeric && std::all_of(name.begin(), name.end(), allowed);
}

std::string text_of(int family, std::string_view bytes) {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(family, bytes.data(), text, sizeof text);
  return text;
}

// Kind and bytes; empty when nothing can be reached by it.
std::string packed(const std::string& address) {
  if (address.empty()) return std::string(2, '\0');  // a name of no letters: it counts as dead
  unsigned char raw[sizeof(in6_addr)];
  const auto* bytes = reinterpret_cast<const char*>(raw);
  if (inet_pton(AF_INET, address.c_str(), raw) == 1) {
    return kIpv4 + std::string(bytes, sizeof(in_addr));
  }
  if (inet_pton(AF_INET6, address.c_str(), raw) == 1) {
    return kIpv6 + std::string(bytes, sizeof(in6_addr));
  }
  if (!is_host_name(address)) return {};
  return kName + std::string(1, static_cast<char>(address.size())) + address;
}

// Breadth first: when a target's turn comes, somebody before it must have called for it.
bool is_tree(const std::vector<WakeTarget>& targets) {
  std::size_t called = 1;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i >= called) return false;
    called += targets[i].children;
  }
  return called == targets.size();
}

std::string wrong_with(const WakeOrder& order) {
  if (order.targets.empty() || !is_tree(order.targets)) return "the targets are no tree";
  if (order.ttl_s == 0 || order.ttl_s > kWakeTtlSecondsMax) return "the ttl is not 1 to 600 s";
  if (order.step_ms > kWakeStepMsMax) return "a step is above 600000 ms";
  if (order.at_s < 0) return "the poll time is negative";
  if (!order.at_is_unix && order.at_s > kWakeTtlSecondsMax) return "the poll delay is above 600 s";
  const auto earlier = [](const WakeTarget& a, const WakeTarget& b) { return a.step < b.step; };
  if (!std::is_sorted(order.targets.begin(), order.targets.end(), earlier)) {
    return "a target's step is before that of an earlier one";
  }
  return {};
}

// Takes numbers and bytes off the front; after the first one that is missing, `whole` is false.
struct Reader {
  std::string_view rest;
  bool whole = true;

  std::string_view take(std::size_t size) {
    if (size > rest.size()) {
      whole = false;
      rest = {};
      return {};
    }
    const auto taken = rest.substr(0, size);
    rest.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }
  template <std::size_t size>
  std::array<unsigned char, size> array() {
    std::array<unsigned char, size> bytes{};
    const auto taken = take(size);
    std::copy(taken.begin(), taken.end(), bytes.begin());
    return bytes;
  }
  // Nothing when it is none.
  std::optional<std::string> address() {
    const auto kind = static_cast<char>(number(1));
    if (kind == kIpv4 || kind == kIpv6) {
      const auto bytes = take(kind == kIpv4 ? sizeof(in_addr) : sizeof(in6_addr));
      if (!whole) return std::nullopt;
      return text_of(kind == kIpv4 ? AF_INET : AF_INET6, bytes);
    }
    if (kind != kName) return std::nullopt;
    const auto name = take(number(1));
    if (!whole || (!name.empty() && !is_host_name(name))) return std::nullopt;
    return std::string(name);
  }
};

Failure malformed(const std::string& why) { return fail(INTRAY_E_DENIED, "wake command: " + why); }

}  // namespace

bool is_wake_address(const std::string& address) {
  return !address.empty() && !packed(address).empty();
}

Result<std::string> encode_wake(const WakeOrder& order, std::string_view key_id,
                                std::string_view command_id, std::int64_t now_unix_s) {
  if (order.targets.size() > kWakeTargetsMax) {
    return fail(INTRAY_E_TOO_LARGE, "a wake command names at most 64 devices, not " +
                                        std::to_string(order.targets.size()));
  }
  if (const auto wrong = wrong_with(order); !wrong.empty()) {
    return fail(INTRAY_E_INVALID, "wake command: " + wrong);
  }
  std::string bytes;
  put(bytes, kVersion, 1);
  put(bytes,
      (order.plain_http ? kPlainHttp : 0U) | (order.at_is_unix ? kAtIsUnix : 0U) |
          (order.first_relays_only ? kFirstRelaysOnly : 0U),
      1);
  put(bytes, order.port, 2);
  bytes.append(key_id).append(command_id);
  put(bytes, static_cast<std::uint64_t>(now_unix_s) + order.ttl_s, 8);
  put(bytes, order.ttl_s, 2);
  put(bytes, static_cast<std::uint64_t>(order.at_s), 8);
  put(bytes, order.step_ms, 4);
  put(bytes, order.targets.size(), 1);
  std::set<std::uint64_t> tags;
  for (const auto& target : order.targets) {
    const auto address = packed(target.address);
    const auto tag = wake_tag(target.device_id);
    if (address.empty() || !tags.insert(tag).second) {
      return fail(
          INTRAY_E_INVALID,
          "wake command: " + target.device_id +
              (address.empty() ? " has no address that it can be reached by" : " is named twice"));
    }
    put(bytes, tag, 8);
    put(bytes, target.children, 1);
    put(bytes, target.step, 2);
    bytes += address;
  }
  if (bytes.size() + kWakeSignatureBytes > kWakeBytesMax) {
    return fail(INTRAY_E_TOO_LARGE, "the addresses make the wake command larger than 2048 bytes");
  }
  return bytes;
}

Result<WakeCommand> decode_wake(std::string_view bytes) {
  Reader reader{bytes};
  WakeCommand command{};
  auto& order = command.order;
  if (reader.number(1) != kVersion) return malformed("another version");
  const auto flags = reader.number(1);
  if ((flags & ~std::uint64_t{kFlags}) != 0) return malformed("an unknown flag");
  order.plain_http = (flags & kPlainHttp) != 0;
  order.at_is_unix = (flags & kAtIsUnix) != 0;
  order.first_relays_only = (flags & kFirstRelaysOnly) != 0;
  order.port = static_cast<std::uint16_t>(reader.number(2));
  command.key_id = reader.array<16>();
  command.command_id = reader.array<16>();
  command.expires_unix_s = static_cast<std::int64_t>(reader.number(8));
  order.ttl_s = static_cast<std::uint32_t>(reader.number(2));
  order.at_s = static_cast<std::int64_t>(reader.number(8));
  order.step_ms = static_cast<std::uint32_t>(reader.number(4));
  const auto count = reader.number(1);
  if (count > kWakeTargetsMax) return malformed("too many targets");
  for (std::size_t i = 0; i < count && reader.whole; ++i) {
    command.tags.push_back(reader.number(8));
    WakeTarget target;
    target.children = static_cast<std::uint8_t>(reader.number(1));
    target.step = static_cast<std::uint16_t>(reader.number(2));
    auto address = reader.address();
    if (!address) return malformed("a target's address is none");
    target.address = std::move(*address);
    order.targets.push_back(std::move(target));
  }
  if (!reader.whole || !reader.rest.empty()) return malformed("bytes are missing or left over");
  if (std::set<std::uint64_t>(command.tags.begin(), command.tags.end()).size() != count) {
    return malformed("a target is named twice");
  }
  if (const auto wrong = wrong_with(order); !wrong.empty()) return malformed(wrong);
  return command;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t buffer = 0;
  unsigned held = 0;
  for (const char c : text) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = buffer << 6U | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) bytes += static_cast<char>(buffer >> (held -= 8) & 0xFFU);
  }
  if (base64url(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace intray::security
