// A stored wake: the plan of one application, so that URLs, relay-wakes and what relays report
// speak of the same tree. Commands are never stored: they are minted when they are read.
//
//   writing -> sending -> ready -> ending -> (gone)      (writing: more rows than one batch takes;
//                                                         sending: only with relay-wakes)
//
//   key    "wake" ' ' application                        at most one; also the name of its timer
//   value  JSON: v 1, plan, service, asked, mode, state, devices, left_out, relays, roots, fanout,
//          depth, step_ms, polls, scheme, port, sent, made, ready
//   key    "wake-nodes" ' ' application ' ' plan ' ' number
//   value  JSON: v 1, nodes [[device, address, children, step], ...] breadth first
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plugins/registration/format.hpp"
#include "plugins/registration/scope.hpp"
#include "plugins/registration/wake_plan.hpp"

namespace intray::registration {

inline constexpr std::string_view kRelayWake = "relay-wake";
inline constexpr std::size_t kWakeDevicesMax = 100'000;  // in one plan
/// Commands are minted from a plan while it is this young; each then lives for at most as long
/// again.
inline constexpr std::int64_t kWakePlanFreshNs = 600 * kSecondNs;
inline constexpr std::int64_t kWakePlanLifeNs = 2 * kWakePlanFreshNs;

enum class WakeState { kWriting, kSending, kReady, kEnding };

struct Wake {
  std::string application;
  std::string plan;     // its id
  std::string service;  // of the application
  std::string asked;    // the request and the settings that it was made from
  std::string mode;
  WakeState state = WakeState::kWriting;
  std::size_t devices = 0, left_out = 0;  // planned; waiting, but without an address to wake it at
  std::size_t relays = 0, sent = 0;       // relay-wakes to send at first; so many were
  std::size_t roots = 0, fanout = 0, depth = 0;
  std::uint32_t step_ms = 0;
  std::size_t polls = 0;  // its share: so many become due at the host within kWakeSlotMs
  std::string scheme;
  std::uint16_t port = 0;
  std::int64_t made = 0, ready = 0;  // unix ns
  std::uint64_t revision = 0;

  std::int64_t ends() const { return made + kWakePlanLifeNs; }
};

std::string wake_key(std::string_view application);
/// Of all nodes of an application, whichever plan they are of.
std::string wake_nodes_of(std::string_view application);
/// A relay-wake's mailbox reference; of all relay-wakes of an application.
std::string wake_reference(const Wake& wake, const std::string& number);
std::string wake_references_of(std::string_view application);
/// Is it a reference of that very plan?
bool is_of_plan(std::string_view reference, const Wake& wake);
/// The application of a relay-wake's reference; empty when it is none.
std::string application_of(std::string_view reference);

Result<std::optional<Wake>> find_wake(const Scope& scope, std::string_view application);
/// INTRAY_E_INTERNAL names the row that cannot be read.
Result<Wake> decode_wake(const StoredRow& row);
/// Writes the row, expecting the revision that was read.
void put(Batch& batch, const Wake& wake);

inline constexpr std::size_t kNodesInARow = 100;
/// How many rows hold the nodes of a plan.
std::size_t node_rows(const WakePlan& plan);
void put_nodes(Batch& batch, const Wake& wake, const WakePlan& plan, std::size_t row);

/// A node as its row has it.
struct StoredNode {
  std::string device_id, address;
  std::size_t children = 0;
  std::uint32_t step = 0;
};
Result<std::vector<StoredNode>> decode_nodes(const StoredRow& row);
/// The plan that these nodes make. INTRAY_E_INTERNAL: they are no whole tree, or their turns go
/// back or end too late.
Result<WakePlan> plan_of(const Wake& wake, std::vector<StoredNode> nodes);
/// The whole plan. Errors as those of decode_nodes and plan_of.
Result<WakePlan> load_plan(const Scope& scope, const Wake& wake);

}  // namespace intray::registration
