#include "plugins/registration/wake_refusals.hpp"

#include <algorithm>

#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

std::string refusals_of(std::string_view application) {
  return std::string("wake-refused ").append(application) + ' ';
}

Result<std::vector<Refusal>> all_refusals(const Scope& scope, const Wake& wake) {
  std::vector<Refusal> all;
  std::string after;
  for (;;) {
    const auto rows = scope.walk(refusals_of(wake.application), after, INTRAY_PAGE_ROWS_MAX);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      auto refusal = decode_refusal(row);
      if (!refusal) return fail(refusal.error());
      if (refusal->plan == wake.plan) all.push_back(std::move(*refusal));
    }
    if (rows->size() < INTRAY_PAGE_ROWS_MAX) return all;
    after = rows->back().key;
  }
}

}  // namespace

Result<Refusal> decode_refusal(const StoredRow& row) {
  Row fields(row);
  Refusal refusal;
  refusal.refused = {fields.key_part(3), fields.text("reason")};
  refusal.plan = fields.text("plan");
  refusal.targets = fields.texts("targets");
  if (!fields.readable()) return fields.unreadable();
  return refusal;
}

void put_refusal(Batch& batch, const Wake& wake, std::string_view relay, std::uint64_t sequence,
                 const std::string& reason, const std::vector<std::string>& targets) {
  const auto key =
      refusals_of(wake.application) + std::to_string(sequence) + ' ' + std::string(relay);
  const boost::json::object value{{"v", 1},
                                  {"plan", wake.plan},
                                  {"reason", reason},
                                  {"targets", boost::json::value_from(targets)}};
  batch.put(key, boost::json::serialize(value), Batch::kAnyRevision);
}

Result<bool> erase_refusals(const Scope& scope, std::string_view application, Batch& batch,
                            std::size_t operations_max) {
  const auto rows = scope.walk(refusals_of(application), "", INTRAY_PAGE_ROWS_MAX);
  if (!rows) return fail(rows.error());
  for (const auto& row : *rows) {
    if (batch.size() >= operations_max) return false;
    batch.erase(row.key, row.revision);
  }
  return rows->size() < INTRAY_PAGE_ROWS_MAX;
}

Result<std::map<std::string, Refused>> refused_in(const Scope& scope,
                                                  const std::string& application) {
  std::map<std::string, Refused> found;
  const auto wake = find_wake(scope, application);
  if (!wake) return fail(wake.error());
  if (!*wake || (*wake)->state == WakeState::kEnding) return found;
  const auto refusals = all_refusals(scope, **wake);
  if (!refusals) return fail(refusals.error());
  if (refusals->empty()) return found;  // and the plan, which may be large, is not read
  const auto plan = load_plan(scope, **wake);
  if (!plan) {
    const auto now = find_wake(scope, application);
    const bool same = now && *now && (*now)->revision == (*wake)->revision;
    return same ? Result<std::map<std::string, Refused>>(fail(plan.error())) : found;
  }
  std::vector<const Refused*> of(plan->nodes.size());
  for (const auto& refusal : *refusals) {
    for (const auto& target : refusal.targets) {
      const auto place = plan->places.find(target);
      if (place != plan->places.end()) of[place->second] = &refusal.refused;
    }
  }
  // Breadth first, a parent comes before its children.
  for (std::size_t place = 0; place < of.size(); ++place) {
    const auto& node = plan->nodes[place];
    if (of[place] == nullptr && place >= plan->roots) of[place] = of[node.parent];
    if (of[place] != nullptr) found.emplace(node.device_id, *of[place]);
  }
  return found;
}

}  // namespace intray::registration
