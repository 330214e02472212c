#include "plugins/registration/wake_rows.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"writing", "sending", "ready", "ending"};
constexpr std::string_view kReference = "wake/";

std::string joined(std::string_view first, std::string_view second, char between) {
  return std::string(first).append(1, between).append(second);
}

std::string nodes_of(const Wake& wake) { return wake_nodes_of(wake.application) + wake.plan + ' '; }

// Parents, first children and depths follow from the order and the numbers of children.
Result<WakePlan> grown(WakePlan plan) {
  auto free = plan.roots;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    auto& node = plan.nodes[i];
    if (i < plan.roots) node.parent = i;
    node.first_child = free;
    if (free + node.children > plan.nodes.size()) break;
    for (std::size_t nth = 0; nth < node.children; ++nth, ++free) {
      plan.nodes[free].parent = i;
      plan.nodes[free].depth = node.depth + 1;
    }
    plan.places.emplace(node.device_id, i);
  }
  if (free == plan.nodes.size() && plan.places.size() == free) return plan;
  return fail(INTRAY_E_INTERNAL, "the rows of a wake plan are no whole tree: run the store check");
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
  wake.plan = fields.text("plan");
  wake.service = fields.text("service");
  wake.asked = fields.text("asked");
  wake.mode = fields.text("mode");
  wake.devices = fields.unsigned_number("devices");
  wake.left_out = fields.unsigned_number("left_out");
  wake.relays = fields.unsigned_number("relays");
  wake.sent = fields.unsigned_number("sent");
  wake.roots = fields.unsigned_number("roots");
  wake.fanout = fields.unsigned_number("fanout");
  wake.depth = fields.unsigned_number("depth");
  wake.step_ms = static_cast<std::uint32_t>(fields.unsigned_number("step_ms"));
  wake.polls = fields.unsigned_number("polls");
  wake.scheme = fields.text("scheme");
  wake.port = static_cast<std::uint16_t>(fields.unsigned_number("port"));
  wake.made = fields.number("made");
  wake.ready = fields.number("ready");
  const auto state = std::find(kStates.begin(), kStates.end(), fields.text("state"));
  if (!fields.readable() || state == kStates.end()) return fields.unreadable();
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
    const auto* parts = each.if_array();
    if (parts == nullptr || parts->size() != 4 || !(*parts)[0].is_string() ||
        !(*parts)[1].is_string()) {
      return fields.unreadable();
    }
    boost::json::error_code error;
    StoredNode node{std::string((*parts)[0].get_string()), std::string((*parts)[1].get_string()),
                    (*parts)[2].to_number<std::size_t>(error), 0};
    if (!error) node.step = (*parts)[3].to_number<std::uint32_t>(error);
    if (error || node.address.empty()) return fields.unreadable();
    nodes.push_back(std::move(node));
  }
  if (!fields.readable()) return fields.unreadable();
  return nodes;
}

Result<WakePlan> load_plan(const Scope& scope, const Wake& wake) {
  WakePlan plan;
  plan.roots = wake.roots;
  plan.fanout = wake.fanout;
  plan.step_ms = wake.step_ms;
  plan.scheme = wake.scheme;
  plan.port = wake.port;
  std::string after;
  for (;;) {
    constexpr std::uint32_t kRowsAtOnce = 50;
    const auto rows = scope.walk(nodes_of(wake), after, kRowsAtOnce);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      auto nodes = decode_nodes(row);
      if (!nodes) return fail(nodes.error());
      for (auto& node : *nodes) {
        plan.nodes.push_back({std::move(node.device_id), std::move(node.address), 0, 0,
                              node.children, 0, node.step});
      }
    }
    if (rows->size() < kRowsAtOnce) return grown(std::move(plan));
    after = rows->back().key;
  }
}

}  // namespace intray::registration
