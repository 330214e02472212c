// Wake commands: signed orders to poll now and to wake others (patent: "doPolling", steps S315,
// S316, S324, S325; claims 4 and 5). The bytes: api/wake_command.md.
//
// A command is a capability that travels in a URL across a customer's LAN. The host mints it when
// it is read, for one customer, from addresses that the host's own inventory holds.
//
// WHAT A DEVICE CHECKS, in this order; the first that fails ends it, with 403 unless said
// otherwise, and nothing was polled, sent or remembered:
//   1  size      at most kWakeCharactersMax characters of canonical base64url, no padding
//   2  key       version 1, and the key id names a wake key that the device got when provisioned
//   3  signature Ed25519 by that key over every byte before it
//   4  form      exactly as api/wake_command.md says: no unknown flag, ranges, tree, no byte left
//   5  life      expires is not past, and not further away than ttl plus the clock's allowance
//   6  itself    its own tag is in the list; its place there is the only thing that it is to do
//   7  once      the command id is unknown; else 200 "known", and nothing is done again. When the
//                memory of ids is full of unexpired ones: 429
//   8  pace      at most one poll each 10 s: a second command shares the poll of the first
// Then it keeps the command id durably, polls (at once, or at the time that the command names),
// and only when its own work is done wakes its children, each once (two tries): a child of step s
// (s - its own step) * step_ms after the command came, or later. A child that does not answer
// is dead: its children are woken in its place, likewise. The list alone says whom: "pollreq" in
// the URL is for people and is ignored.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/security/crypto.hpp"
#include "intray/result.hpp"

namespace intray::security {

inline constexpr std::size_t kWakeTargetsMax = 64;
inline constexpr std::size_t kWakeNameBytesMax = 64;    // of a host name
inline constexpr std::size_t kWakeHeaderBytes = 59;     // before the first target
inline constexpr std::size_t kWakeSignatureBytes = 64;  // behind the last one
inline constexpr std::size_t kWakeBytesMax = 2048;      // of a whole command: a device's buffer
inline constexpr std::size_t kWakeCharactersMax = (kWakeBytesMax * 4 + 2) / 3;
inline constexpr std::uint32_t kWakeTtlSecondsMax = 600;
inline constexpr std::uint32_t kWakeStepMsMax = 600'000;

/// A device in a command.
struct WakeTarget {
  std::string device_id;
  std::string address;        // IPv4, IPv6 without brackets, a host name; empty = counts as dead
  std::uint8_t children = 0;  // how many later targets it wakes
  std::uint16_t step = 0;     // its turn, in units of step_ms: never below that of one before
  bool operator==(const WakeTarget&) const = default;
};

/// What a command says. The targets lie in the order of a breadth-first walk of one tree: the first
/// is its root, and the children of each follow those of all before it.
struct WakeOrder {
  bool plain_http = false;         // how targets are reached: http instead of https ...
  std::uint16_t port = 0;          // ... and on this port; 0 = the scheme's own
  bool first_relays_only = false;  // only the first wakes others: itself, or in a dead one's place
  bool at_is_unix = false;         // `at` is a time; otherwise a delay since the command arrived
  std::int64_t at_s = 0;           // when a woken device polls, in seconds; 0 = at once
  std::uint32_t step_ms = 0;       // 0..kWakeStepMsMax: how long a step lasts
  std::uint32_t ttl_s = kWakeTtlSecondsMax;  // 1..kWakeTtlSecondsMax
  std::vector<WakeTarget> targets = {};      // 1..kWakeTargetsMax
  bool operator==(const WakeOrder&) const = default;
};

/// A command as it is read: targets are known by their tags, so their device ids are empty.
struct WakeCommand {
  WakeOrder order;
  std::vector<std::uint64_t> tags;       // of the targets
  std::array<unsigned char, 16> key_id;  // the first bytes of the public key
  std::array<unsigned char, 16> command_id;
  std::int64_t expires_unix_s = 0;
};

/// How a command names a device: FNV-1a (64 bits) of its id. It identifies, it protects nothing.
std::uint64_t wake_tag(std::string_view device_id);

/// Can devices be told to contact it? IPv4, IPv6 without brackets, or a host name of at most
/// kWakeNameBytesMax bytes.
bool is_wake_address(const std::string& address);

/// Mints a command with a new id, base64url, signed with the customer's key (wake_public_key).
/// INTRAY_E_INVALID    a value out of its range, targets that are no tree or not all different, or
///                     an address that is neither empty nor is_wake_address.
/// INTRAY_E_TOO_LARGE  more than kWakeTargetsMax targets, or more than kWakeBytesMax bytes: send
///                     "relay-wake" instructions instead.
Result<Secret> mint_wake(const Secret& wake_key, std::string_view customer, const WakeOrder& order,
                         std::int64_t now_unix_s);

/// Checks 1 to 4 of the list above; what needs a clock or a memory is left to the caller.
/// public_key is base64url, as wake_public_key tells it.
/// INTRAY_E_DENIED  it is no command of that key; the message says which check failed.
Result<WakeCommand> read_wake(std::string_view token, std::string_view public_key);

}  // namespace intray::security
