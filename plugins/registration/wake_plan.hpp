// Who wakes whom, and when: from the devices of an application to URLs for its administrator and to
// "relay-wake" instructions for relays. Values in, values out; commands are minted by the host
// (intray/wake.h, wake_command.md). Patent: acquisition instruction information, steps S131, S141,
// S314, S325; claims 4 and 5.
//
// THE TREE. As flat as the fan-out allows, then with the smallest fan-out that is as flat, then
// filled evenly: fourteen devices make the patent's own A -> B,C,D; B -> E-H; C -> I-K; D -> L-N.
// Nodes lie breadth first in the order of the inventory (or of performance), roots first.
//
// TURNS (wake_pace.hpp). A node's step says when it is woken, counted from its root:
// step * step_ms. The whole plan ends before a command would expire.
//
// URLS AND INSTRUCTIONS. When a root's whole tree fits one URL, the URL carries it. Otherwise the
// URL names the root alone, and each inner node finds a relay-wake in its own mailbox: its
// children, and behind them as many of its grandchildren as fit, so that it can wake the children
// of a dead child. When those did not fit, or are dead too, it says so in its acknowledgement, and
// relay_wakes_after gives it the next ones: however many are dead, every device that lives below a
// root that lives is woken.
#pragma once

#include <cstdint>
#include <intray/result.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace intray::registration {

inline constexpr std::size_t kWakeFanoutMax = 8;
inline constexpr std::uint32_t kWakeSlotMs = 1000;
inline constexpr std::uint32_t kWakeSpanMsMax = 540'000;  // commands live for 600,000 ms
inline constexpr std::size_t kWakeUrlBytesMax = 3072;     // a device reads 4 KiB of a request
inline constexpr std::size_t kRelayWakePayloadBytesMax = 1024;

enum class WakeMode {
  kEach,   // the administrator's terminal wakes every device (S314, S315)
  kRelay,  // each root wakes all others itself (S316, S325); as kTree when no URL can carry that
  kTree,   // several layers
};
enum class WakeRootBy { kFirst, kPerformance };

struct WakeDevice {
  std::string device_id, address;  // of the inventory, whose order the list has
  std::uint32_t performance = 0;
};

struct WakeRequest {
  WakeMode mode = WakeMode::kTree;
  std::size_t roots = 1;                // 1.. ; more than devices = one each
  std::size_t fanout = kWakeFanoutMax;  // 2..kWakeFanoutMax, of kTree
  WakeRootBy root_by = WakeRootBy::kFirst;
  std::uint32_t interval_ms = 0;  // between any two; 0 = only what polls_max asks for
  std::size_t polls_max = 500;    // 1.. ; how many may be due at the host within kWakeSlotMs
  std::string scheme = "https";
  std::uint16_t port = 0;  // 0 = the scheme's own
};

struct WakeNode {
  std::string device_id, address;
  std::size_t parent = 0;  // of a root: itself
  std::size_t first_child = 0, children = 0;
  std::size_t depth = 0;   // of a root: 0
  std::uint32_t step = 0;  // never below its parent's
};

struct WakePlan {
  std::vector<WakeNode> nodes;  // breadth first; the first `roots` are the roots
  std::unordered_map<std::string, std::size_t> places;  // of nodes, by device id
  std::size_t roots = 0;
  std::size_t fanout = 0;  // the most children that a relay-wake gives to one node
  std::uint32_t step_ms = 0;
  std::string scheme;
  std::uint16_t port = 0;
};

/// INTRAY_E_INVALID    no devices, a value out of its range, or an interval or limit so small that
///                     the plan would outlive its commands.
Result<WakePlan> plan_wake(std::vector<WakeDevice> devices, const WakeRequest& request);

/// A target of a command, as intray_wake_target has it.
struct WakeEntry {
  std::string device_id;
  std::uint32_t children = 0, step = 0;
};

/// What the administrator opens to wake one root.
struct WakeUrl {
  std::string device_id;
  std::string url;                 // as the patent spells it; the command is still to be added
  std::uint32_t wait_ms = 0;       // when the terminal opens it, counted from the first one
  std::vector<WakeEntry> entries;  // of its command; the first is the root
};
std::vector<WakeUrl> wake_urls(const WakePlan& plan);
/// The URL with its command: "...?t=COMMAND" or "...&t=COMMAND".
std::string with_command(const std::string& url, std::string_view command);

/// An instruction of type "relay-wake", for the mailbox of one relay.
struct RelayWake {
  std::string device_id;
  std::vector<std::string> targets;
  std::size_t own = 0;  // so many of them, the first, are its own to wake
  std::string payload;  // JSON, at most kRelayWakePayloadBytesMax
};

/// One for each inner node of those trees that no URL carries, breadth first.
std::vector<RelayWake> relay_wakes(const WakePlan& plan, const std::string& service);

/// What a relay has to do after it acknowledged one of its relay-wakes: the children of its dead
/// targets that were not among its targets. Empty when nothing is left.
/// dead: places in the command, as the relay reports them; 0 is the relay, 1 the first target.
std::vector<RelayWake> relay_wakes_after(const WakePlan& plan, const std::string& service,
                                         const RelayWake& done,
                                         const std::vector<std::size_t>& dead);

}  // namespace intray::registration
