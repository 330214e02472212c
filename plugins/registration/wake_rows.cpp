#include "plugins/registration/wake_rows.hpp"

#include <intray/wake.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <iterator>
#include <limits>

#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"writing", "sending", "ready", "ending"};
constexpr std::string_view kReference = "wake/";

std::string joined(std::string_view first, std::string_view second, char between) {
  return std::string(first).append(1, between).append(second);
}

std::string nodes_of(const Wake& wake) { return wake_nodes_of(wake.application) + wake.plan + ' '; }

// Parents, first children and depths follow from the order and the numbers of children. A node that
// is no root's and nobody's child ends it, or it would become its own.
Result<WakePlan> grown(WakePlan plan) {
  auto free = plan.roots;
  for (std::size_t i = 0; i < std::min(free, plan.nodes.size()); ++i) {
    auto& node = plan.nodes[i];
    if (i < plan.roots) node.parent = i;
    node.first_child = free;
    if (free > plan.nodes.size() || node.children > plan.nodes.size() - free) break;
    for (std::size_t nth = 0; nth < node.children; ++nth, ++free) {
      plan.nodes[free].parent = i;
      plan.nodes[free].depth = node.depth + 1;
    }
    plan.places.emplace(node.device_id, i);
  }
  if (free == plan.nodes.size() && plan.places.size() == free) return plan;
  return fail(INTRAY_E_INTERNAL, "the rows of a wake plan are no whole tree: run the store check");
}

// Nobody's turn is before that of its parent, and each comes while commands live.
bool are_turns(const WakePlan& plan) {
  return std::all_of(plan.nodes.begin(), plan.nodes.end(), [&plan](const WakeNode& node) {
    return node.step >= plan.nodes[node.parent].step &&
           std::uint64_t{node.step} * plan.step_ms <= kWakeSpanMsMax;
  });
}

Result<StoredNode> node_of(Row& fields, const boost::json::value& value) {
  const auto* parts = value.if_array();
  if (parts == nullptr || parts->size() != 4) return fields.unreadable();
  const auto& list = *parts;
  const auto children = whole_number(list[2], kWakeDevicesMax);
  const auto step = whole_number(list[3], std::numeric_limits<std::uint16_t>::max());
  if (!list[0].is_string() || !list[1].is_string() || list[1].get_string().empty() || !children ||
      !step) {
    return fields.unreadable();
  }
  return StoredNode{std::string(list[0].get_string()), std::string(list[1].get_string()), *children,
                    static_cast<std::uint32_t>(*step)};
}

}  // namespace

std::string wake_key(std::string_view application) { return joined("wake", application, ' '); }
std::string wake_nodes_of(std::string_view application) {
  return joined("wake-nodes", application, ' ') + ' ';
}
std::string wake_references_of(std::string_view application) {
  return std::string(kReference).append(application) + '/';
}
std::string wake_reference(const Wake& wake, const std::string& number) {
  return wake_references_of(wake.application) + wake.plan + '/' + number;
}
bool is_of_plan(std::string_view reference, const Wake& wake) {
  return reference.rfind(wake_reference(wake, ""), 0) == 0;
}
std::string application_of(std::string_view reference) {
  if (reference.rfind(kReference, 0) != 0) return {};
  reference.remove_prefix(kReference.size());
  return std::string(reference.substr(0, reference.find('/')));
}

void put(Batch& batch, const Wake& wake) {
  const boost::json::object value{{"v", 1},
                                  {"plan", wake.plan},
                                  {"service", wake.service},
                                  {"asked", wake.asked},
                                  {"mode", wake.mode},
                                  {"state", kStates[static_cast<std::size_t>(wake.state)]},
                                  {"devices", wake.devices},
                                  {"left_out", wake.left_out},
                                  {"relays", wake.relays},
                                  {"sent", wake.sent},
                                  {"roots", wake.roots},
                                  {"fanout", wake.fanout},
                                  {"depth", wake.depth},
                                  {"step_ms", wake.step_ms},
                                  {"polls", wake.polls},
                                  {"scheme", wake.scheme},
                                  {"port", wake.port},
                                  {"made", wake.made},
                                  {"ready", wake.ready}};
  batch.put(wake_key(wake.application), boost::json::serialize(value), wake.revision);
}

Result<Wake> decode_wake(const StoredRow& row) {
  Row fields(row);
  Wake wake;
  wake.application = fields.key_part(1);
  fields.expect_key(wake_key(wake.application));
  wake.plan = fields.text("plan");
  wake.service = fields.text("service");
  wake.asked = fields.text("asked");
  wake.mode = fields.text("mode");
  wake.devices = fields.number("devices");
  wake.left_out = fields.number("left_out");
  wake.relays = fields.number("relays");
  wake.sent = fields.number("sent");
  wake.roots = fields.number("roots");
  wake.fanout = fields.number("fanout", kWakeFanoutMax);
  wake.depth = fields.number("depth");
  wake.step_ms = static_cast<std::uint32_t>(fields.number("step_ms", INTRAY_WAKE_STEP_MS_MAX));
  wake.polls = fields.number("polls", std::numeric_limits<std::uint32_t>::max());
  wake.scheme = fields.text("scheme");
  wake.port =
      static_cast<std::uint16_t>(fields.number("port", std::numeric_limits<std::uint16_t>::max()));
  wake.made = fields.time("made");
  wake.ready = fields.time("ready");
  const auto state = std::find(kStates.begin(), kStates.end(), fields.text("state"));
  const bool is_whole = state != kStates.end() && wake.roots > 0 && wake.fanout > 0;
  if (!fields.readable() || !is_whole) return fields.unreadable();
  wake.state = static_cast<WakeState>(state - kStates.begin());
  wake.revision = row.revision;
  return wake;
}

Result<std::optional<Wake>> find_wake(const Scope& scope, std::string_view application) {
  const auto row = scope.get(wake_key(application));
  if (!row) return fail(row.error());
  if (!*row) return std::optional<Wake>();
  auto wake = decode_wake(**row);
  if (!wake) return fail(wake.error());
  return std::optional<Wake>(std::move(*wake));
}

std::size_t node_rows(const WakePlan& plan) {
  return (plan.nodes.size() + kNodesInARow - 1) / kNodesInARow;
}

void put_nodes(Batch& batch, const Wake& wake, const WakePlan& plan, std::size_t row) {
  boost::json::array nodes;
  const auto to = std::min((row + 1) * kNodesInARow, plan.nodes.size());
  for (auto place = row * kNodesInARow; place < to; ++place) {
    const auto& node = plan.nodes[place];
    nodes.push_back(boost::json::array{node.device_id, node.address, node.children, node.step});
  }
  auto number = std::to_string(row);
  number.insert(0, 6 - std::min<std::size_t>(number.size(), 6), '0');
  batch.put(nodes_of(wake) + number,
            boost::json::serialize(boost::json::object{{"v", 1}, {"nodes", std::move(nodes)}}),
            Batch::kMustNotExist);
}

Result<std::vector<StoredNode>> decode_nodes(const StoredRow& row) {
  Row fields(row);
  std::vector<StoredNode> nodes;
  for (const auto& each : fields.array("nodes")) {
    auto node = node_of(fields, each);
    if (!node) return fail(node.error());
    nodes.push_back(std::move(*node));
  }
  if (!fields.readable()) return fields.unreadable();
  return nodes;
}

Result<WakePlan> plan_of(const Wake& wake, std::vector<StoredNode> nodes) {
  WakePlan plan;
  plan.roots = wake.roots;
  plan.fanout = wake.fanout;
  plan.step_ms = wake.step_ms;
  plan.scheme = wake.scheme;
  plan.port = wake.port;
  plan.nodes.reserve(nodes.size());
  for (auto& node : nodes) {
    plan.nodes.push_back(
        {std::move(node.device_id), std::move(node.address), 0, 0, node.children, 0, node.step});
  }
  auto whole = grown(std::move(plan));
  if (!whole || are_turns(*whole)) return whole;
  return fail(INTRAY_E_INTERNAL, "the turns of a wake plan are out of order: run the store check");
}

Result<WakePlan> load_plan(const Scope& scope, const Wake& wake) {
  std::vector<StoredNode> all;
  std::string after;
  for (;;) {
    constexpr std::uint32_t kRowsAtOnce = 50;
    const auto rows = scope.walk(nodes_of(wake), after, kRowsAtOnce);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      auto nodes = decode_nodes(row);
      if (!nodes) return fail(nodes.error());
      std::move(nodes->begin(), nodes->end(), std::back_inserter(all));
    }
    if (rows->size() < kRowsAtOnce) return plan_of(wake, std::move(all));
    after = rows->back().key;
  }
}

}  // namespace intray::registration
