#include "plugins/registration/wake_plan.hpp"

#include <intray/wake.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <unordered_set>

#include "plugins/registration/wake_pace.hpp"

namespace intray::registration {
namespace {

namespace json = boost::json;

// ---- the tree ---------------------------------------------------------------------------------

// How many nodes a tree of so many levels holds.
std::size_t capacity(std::size_t levels, std::size_t fanout) {
  std::size_t nodes = 0;
  for (; levels > 0; --levels) nodes = nodes * fanout + 1;
  return nodes;
}

std::size_t levels_for(std::size_t nodes, std::size_t fanout) {
  std::size_t levels = 1;
  while (capacity(levels, fanout) < nodes) ++levels;
  return levels;
}

// The smallest that is as flat as the largest allowed one.
std::size_t gentlest_fanout(std::size_t nodes, std::size_t fanout_max) {
  const auto levels = levels_for(nodes, fanout_max);
  std::size_t fanout = 1;
  while (capacity(levels, fanout) < nodes) ++fanout;
  return fanout;
}

// As few as can hold the rest, so that each holds much; but never one alone, which, dead, would
// leave all the others to a second try.
std::size_t children_of(std::size_t size, std::size_t fanout) {
  const auto rest = size - 1;
  if (rest == 0) return 0;
  const auto below = capacity(levels_for(size, fanout) - 1, fanout);
  return std::max((rest + below - 1) / below, std::min({std::size_t{2}, fanout, rest}));
}

// Nodes are numbered as they are met, so each one's children are the next free ones.
void grow(WakePlan& plan, std::size_t fanout) {
  auto& nodes = plan.nodes;
  std::vector<std::size_t> size(nodes.size());
  for (std::size_t i = 0; i < plan.roots; ++i) {
    size[i] = nodes.size() / plan.roots + (i < nodes.size() % plan.roots ? 1 : 0);
    nodes[i].parent = i;
    nodes[i].depth = 0;
  }
  auto free = plan.roots;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto& node = nodes[i];
    node.first_child = free;
    node.children = children_of(size[i], fanout);
    for (std::size_t nth = 0; nth < node.children; ++nth, ++free) {
      const auto rest = size[i] - 1;
      size[free] = rest / node.children + (nth < rest % node.children ? 1 : 0);
      nodes[free].parent = i;
      nodes[free].depth = node.depth + 1;
    }
  }
}

// The largest fan-out whose relay-wakes fit when all ids are as long as the longest.
std::size_t fanout_that_fits(const std::vector<WakeDevice>& devices) {
  constexpr std::size_t kAroundBytes = 192;   // names, brackets, a service id of 64 bytes
  constexpr std::size_t kAroundIdBytes = 12;  // quotes, commas, its step and its children
  std::size_t longest = 0;
  for (const auto& device : devices) longest = std::max(longest, device.device_id.size());
  return std::max<std::size_t>(
      2, (kRelayWakePayloadBytesMax - kAroundBytes) / (longest + kAroundIdBytes));
}

// ---- addresses and URLs -----------------------------------------------------------------------

constexpr std::size_t kCommandBytesMax = INTRAY_WAKE_CHARACTERS_MAX * 3 / 4;
constexpr std::size_t kAroundTargetsBytes = 59 + 64;  // wake_command.md: before and behind them

// Its size in a command; nothing reaches a device whose address does not fit one.
std::size_t address_bytes(const std::string& address) {
  constexpr std::size_t kNameBytesMax = 64;
  if (address.find(':') != std::string::npos) return 16;
  const auto last = address.back();
  if (last >= '0' && last <= '9' && address.size() <= 15 &&
      address.find_first_not_of("0123456789.") == std::string::npos) {
    return 4;
  }
  return address.size() <= kNameBytesMax ? 1 + address.size() : INTRAY_WAKE_CHARACTERS_MAX;
}

// As a target of a command.
std::size_t target_bytes(const WakeNode& node) { return 12 + address_bytes(node.address); }

std::string url_of(const WakePlan& plan, const WakeNode& node) {
  const bool literal6 = node.address.find(':') != std::string::npos;
  const auto host = literal6 ? "[" + node.address + "]" : node.address;
  const auto port = plan.port == 0 ? std::string() : ":" + std::to_string(plan.port);
  return plan.scheme + "://" + host + port + "/doPolling";
}

// The nodes below and with a root, breadth first; at most one more than a command may name.
std::vector<std::size_t> tree_of(const WakePlan& plan, std::size_t root) {
  std::vector<std::size_t> tree = {root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto& node = plan.nodes[tree[i]];
    for (std::size_t nth = 0; nth < node.children; ++nth) {
      tree.push_back(node.first_child + nth);
      if (tree.size() > INTRAY_WAKE_TARGETS_MAX) return tree;
    }
  }
  return tree;
}

std::string relay_url_of(const WakePlan& plan, const std::vector<std::size_t>& tree) {
  auto url = url_of(plan, plan.nodes[tree.front()]);
  for (std::size_t i = 1; i < tree.size(); ++i) {
    url += (i == 1 ? "/?pollreq=" : ",") + plan.nodes[tree[i]].address;
  }
  return url;
}

// Can one URL, and the command in it, carry the tree?
bool fits_url(const WakePlan& plan, const std::vector<std::size_t>& tree) {
  if (tree.size() > INTRAY_WAKE_TARGETS_MAX) return false;
  auto bytes = kAroundTargetsBytes;
  for (const auto place : tree) bytes += target_bytes(plan.nodes[place]);
  const auto url_bytes = with_command(relay_url_of(plan, tree), "").size() + (bytes * 4 + 2) / 3;
  return bytes <= kCommandBytesMax && url_bytes <= kWakeUrlBytesMax;
}

bool every_root_fits_url(const WakePlan& plan) {
  for (std::size_t root = 0; root < plan.roots; ++root) {
    if (!fits_url(plan, tree_of(plan, root))) return false;
  }
  return true;
}

std::string wrong_with(const std::vector<WakeDevice>& devices, const WakeRequest& request) {
  if (devices.empty()) return "there is no device to wake";
  if (request.roots == 0) return "a wake needs a root";
  if (request.fanout < 2 || request.fanout > kWakeFanoutMax) return "the fan-out is not 2 to 8";
  if (request.polls_max == 0) return "the host allows no polls";
  if (request.interval_ms > INTRAY_WAKE_STEP_MS_MAX) return "the interval is above 10 minutes";
  for (const auto& device : devices) {
    if (device.address.empty()) return "device " + device.device_id + " has no address";
  }
  return {};
}

// ---- relay-wakes ------------------------------------------------------------------------------

// Turns are counted from that of the one whose children a relay wakes first: itself, or the dead
// one that it has just tried.
std::uint32_t base_step(const WakePlan& plan, std::size_t first_target) {
  return plan.nodes[plan.nodes[first_target].parent].step;
}

// Collects the targets of one relay while they fit.
class RelayWakeWriter {
 public:
  RelayWakeWriter(const WakePlan& plan, const std::string& service, std::size_t relay)
      : plan_(plan), service_(service), relay_(relay) {}

  RelayWake write(const std::vector<std::size_t>& own) {
    places_ = own;
    children_.assign(own.size() + 1, 0);
    children_.front() = own.size();
    constexpr std::size_t kStepsBytes = 32;  // "steps" and "step_ms", when its own had none
    const bool steps_to_come = plan_.step_ms > 0 && steps().empty();
    auto bytes = render().size() + (steps_to_come ? kStepsBytes + 2 * own.size() : 0);
    auto command_bytes = kAroundTargetsBytes + target_bytes(plan_.nodes[relay_]);
    for (const auto place : own) command_bytes += target_bytes(plan_.nodes[place]);
    auto before = turn(own.back(), base_step(plan_, own.front()));
    for (std::size_t nth = 0; nth < own.size(); ++nth) {
      const auto& child = plan_.nodes[own[nth]];
      for (std::size_t i = 0; i < child.children; ++i) {
        const auto place = child.first_child + i;
        bytes += bytes_of(place, before);
        command_bytes += target_bytes(plan_.nodes[place]);
        if (bytes > kRelayWakePayloadBytesMax || command_bytes > kCommandBytesMax ||
            places_.size() + 1 == INTRAY_WAKE_TARGETS_MAX) {
          return wake();
        }
        before = turn(place, before);
        places_.push_back(place);
        ++children_[nth + 1];
      }
    }
    return wake();
  }

 private:
  std::size_t bytes_of(std::size_t place, std::uint32_t before) const {
    constexpr std::size_t kIdAndChildren = 3 + 2;  // quotes, commas, one digit
    const auto step = std::to_string(turn(place, before) - before).size() + 1;
    return plan_.nodes[place].device_id.size() + kIdAndChildren + (plan_.step_ms == 0 ? 0 : step);
  }

  // A target's step, at least that of the one before it: in a dead one's place levels may mix.
  std::uint32_t turn(std::size_t place, std::uint32_t before) const {
    return std::max(before, plan_.nodes[place].step);
  }

  // Each counted from the one before it, which keeps them short.
  json::array steps() const {
    const auto base = base_step(plan_, places_.front());
    json::array steps;
    auto before = base;
    for (const auto place : places_) {
      steps.emplace_back(turn(place, before) - before);
      before = turn(place, before);
    }
    return before == base ? json::array() : steps;
  }

  std::string render() const {
    auto counts = children_;
    while (!counts.empty() && counts.back() == 0) counts.pop_back();
    json::object wake;
    wake["children"] = json::array(counts.begin(), counts.end());
    if (auto turns = steps(); !turns.empty()) {
      wake["steps"] = std::move(turns);
      wake["step_ms"] = plan_.step_ms;
    }
    json::array targets;
    for (const auto place : places_) targets.emplace_back(plan_.nodes[place].device_id);
    wake["targets"] = std::move(targets);
    json::object payload;
    payload["service"] = service_;
    payload["wake"] = std::move(wake);
    return json::serialize(payload);
  }

  RelayWake wake() const {
    RelayWake made{plan_.nodes[relay_].device_id, {}, children_.front(), render()};
    for (const auto place : places_) made.targets.push_back(plan_.nodes[place].device_id);
    return made;
  }

  const WakePlan& plan_;
  const std::string& service_;
  const std::size_t relay_;
  std::vector<std::size_t> places_;
  std::vector<std::size_t> children_;
};

std::vector<std::size_t> children_list(const WakeNode& node) {
  std::vector<std::size_t> list(node.children);
  for (std::size_t nth = 0; nth < list.size(); ++nth) list[nth] = node.first_child + nth;
  return list;
}

}  // namespace

Result<WakePlan> plan_wake(std::vector<WakeDevice> devices, const WakeRequest& request) {
  if (const auto wrong = wrong_with(devices, request); !wrong.empty()) {
    return fail(INTRAY_E_INVALID, wrong);
  }
  if (request.root_by == WakeRootBy::kPerformance) {
    std::stable_sort(devices.begin(), devices.end(), [](const WakeDevice& a, const WakeDevice& b) {
      return a.performance > b.performance;
    });
  }
  WakePlan plan;
  plan.roots =
      request.mode == WakeMode::kEach ? devices.size() : std::min(request.roots, devices.size());
  plan.fanout = std::min(request.fanout, fanout_that_fits(devices));
  plan.scheme = request.scheme;
  plan.port = request.port;
  for (auto& device : devices) {
    if (!plan.places.emplace(device.device_id, plan.nodes.size()).second) {
      return fail(INTRAY_E_INVALID, "device " + device.device_id + " is named twice");
    }
    plan.nodes.push_back({std::move(device.device_id), std::move(device.address)});
  }
  const auto largest = (plan.nodes.size() + plan.roots - 1) / plan.roots;
  const bool flat = request.mode == WakeMode::kRelay && largest <= INTRAY_WAKE_TARGETS_MAX;
  if (flat) grow(plan, std::max<std::size_t>(largest - 1, 1));
  if (!flat || !every_root_fits_url(plan)) grow(plan, gentlest_fanout(largest, plan.fanout));
  const auto pace = pace_of(plan.nodes.size(), request);
  if (!pace) return fail(pace.error());
  give_turns(plan, *pace);
  return plan;
}

std::vector<WakeUrl> wake_urls(const WakePlan& plan) {
  std::vector<WakeUrl> urls;
  for (std::size_t root = 0; root < plan.roots; ++root) {
    const auto& node = plan.nodes[root];
    auto tree = tree_of(plan, root);
    const bool whole = fits_url(plan, tree);
    if (!whole) tree = {root};
    WakeUrl url{node.device_id, relay_url_of(plan, tree), node.step * plan.step_ms, {}};
    auto turn = node.step;  // a command's steps never go back
    for (const auto place : tree) {
      const auto& below = plan.nodes[place];
      const auto children = whole ? below.children : 0;
      turn = std::max(turn, below.step);
      url.entries.push_back(
          {below.device_id, static_cast<std::uint32_t>(children), turn - node.step});
    }
    urls.push_back(std::move(url));
  }
  return urls;
}

std::string with_command(const std::string& url, std::string_view command) {
  const auto* join = url.find('?') == std::string::npos ? "?t=" : "&t=";
  return url + join + std::string(command);
}

std::vector<RelayWake> relay_wakes(const WakePlan& plan, const std::string& service) {
  std::vector<RelayWake> wakes;
  // Breadth first, a parent comes before its children: they learn from it whether a URL carries
  // all.
  std::vector<bool> carried(plan.nodes.size());
  for (std::size_t place = 0; place < plan.nodes.size(); ++place) {
    const auto& node = plan.nodes[place];
    carried[place] =
        place < plan.roots ? fits_url(plan, tree_of(plan, place)) : carried[node.parent];
    if (carried[place] || node.children == 0) continue;
    wakes.push_back(RelayWakeWriter(plan, service, place).write(children_list(node)));
  }
  return wakes;
}

std::vector<RelayWake> relay_wakes_after(const WakePlan& plan, const std::string& service,
                                         const RelayWake& done,
                                         const std::vector<std::size_t>& dead) {
  const auto relay = plan.places.find(done.device_id);
  if (relay == plan.places.end()) return {};
  const std::unordered_set<std::string_view> told(done.targets.begin(), done.targets.end());

  std::vector<std::size_t> left;
  for (const auto at : dead) {
    if (at == 0 || at > done.targets.size()) continue;
    const auto found = plan.places.find(done.targets[at - 1]);
    if (found == plan.places.end()) continue;
    for (const auto child : children_list(plan.nodes[found->second])) {
      if (told.count(plan.nodes[child].device_id) == 0) left.push_back(child);
    }
  }
  std::sort(left.begin(), left.end());
  left.erase(std::unique(left.begin(), left.end()), left.end());

  std::vector<RelayWake> wakes;
  for (std::size_t from = 0; from < left.size(); from += plan.fanout) {
    const auto to = std::min(from + plan.fanout, left.size());
    const std::vector<std::size_t> own(left.begin() + static_cast<std::ptrdiff_t>(from),
                                       left.begin() + static_cast<std::ptrdiff_t>(to));
    wakes.push_back(RelayWakeWriter(plan, service, relay->second).write(own));
  }
  return wakes;
}

}  // namespace intray::registration
