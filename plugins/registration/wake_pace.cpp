#include "plugins/registration/wake_pace.hpp"

#include <intray/wake.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace intray::registration {
namespace {

// Devices come later than planned: each layer by the calls and polls of those above it, and not all
// of a layer alike, so that polls which were planned apart fall together. With up to 0.7 s a layer,
// 3 in 5 of the limit is the most that stays within it while all devices live (tests/sim). Those
// that a terminal wakes itself have no layer above them.
constexpr std::size_t kPlannedParts = 3;
constexpr std::size_t kParts = 5;

bool has_layers(const WakeRequest& request) { return request.mode != WakeMode::kEach; }

std::size_t planned_of(std::size_t polls, const WakeRequest& request) {
  return has_layers(request) ? std::max<std::size_t>(polls * kPlannedParts / kParts, 1) : polls;
}

// The polls of which so many may be planned in a slot.
std::size_t polls_for(std::size_t planned, const WakeRequest& request) {
  return has_layers(request) ? (planned * kParts + kPlannedParts - 1) / kPlannedParts : planned;
}

// A slot is cut into steps, so that its polls do not all come at its beginning. No window as long
// as a slot holds more polls than are planned in one.
WakePace wished(std::size_t devices, const WakeRequest& request) {
  constexpr std::size_t kStepsInASlot = 16;  // or more
  const bool one_by_one = request.interval_ms > 0;
  if (devices <= request.polls_max) return {one_by_one ? 1 : devices, request.interval_ms};
  const auto in_a_slot = planned_of(request.polls_max, request);
  WakePace pace;
  pace.in_a_step = one_by_one ? 1 : std::max<std::size_t>(in_a_slot / kStepsInASlot, 1);
  const auto steps = in_a_slot / pace.in_a_step;
  pace.step_ms =
      std::max(request.interval_ms, static_cast<std::uint32_t>((kWakeSlotMs + steps - 1) / steps));
  return pace;
}

bool ends_in_time(std::size_t devices, const WakePace& pace) {
  const auto last = (devices - 1) / pace.in_a_step;
  return last <= std::numeric_limits<std::uint16_t>::max() && last * pace.step_ms <= kWakeSpanMsMax;
}

Failure too_slow(std::size_t devices) {
  return fail(INTRAY_E_INVALID,
              "waking " + std::to_string(devices) +
                  " devices at that pace takes longer than 9 minutes, and commands expire after "
                  "10: wake faster, or fewer");
}

// The layer that begins at a node, as one list for each branch: the nodes below one child of a
// root. `branches` has the branch of every node before it, and gets those of the layer.
std::vector<std::vector<std::size_t>> branches_of_layer(const WakePlan& plan, std::size_t first,
                                                        std::vector<std::size_t>& branches) {
  std::vector<std::vector<std::size_t>> lists;
  const auto depth = plan.nodes[first].depth;
  for (auto place = first; place < plan.nodes.size() && plan.nodes[place].depth == depth; ++place) {
    branches.push_back(depth < 2 ? place : branches[plan.nodes[place].parent]);
    if (lists.empty() || branches[place] != branches[lists.back().back()]) lists.emplace_back();
    lists.back().push_back(place);
  }
  return lists;
}

}  // namespace

void give_turns(WakePlan& plan, const WakePace& pace) {
  plan.step_ms = pace.step_ms;
  const auto largest = (plan.nodes.size() + plan.roots - 1) / plan.roots;
  if (largest <= INTRAY_WAKE_TARGETS_MAX) {
    for (std::size_t place = 0; place < plan.nodes.size(); ++place) {
      plan.nodes[place].step = static_cast<std::uint32_t>(place / pace.in_a_step);
    }
    return;
  }
  std::vector<std::size_t> branches;
  for (std::size_t given = 0; given < plan.nodes.size();) {
    const auto lists = branches_of_layer(plan, given, branches);
    for (std::size_t nth = 0; given < branches.size(); ++nth) {
      for (const auto& list : lists) {
        if (nth < list.size()) {
          plan.nodes[list[nth]].step = static_cast<std::uint32_t>(given++ / pace.in_a_step);
        }
      }
    }
  }
}

Result<WakePace> pace_of(std::size_t devices, const WakeRequest& request) {
  const auto pace = wished(devices, request);
  if (!ends_in_time(devices, pace)) return too_slow(devices);
  return pace;
}

Result<PollsNeeded> polls_needed(std::size_t devices, const WakeRequest& request) {
  auto tried = request;
  tried.polls_max = std::min(request.polls_max, devices);
  if (request.interval_ms > 0) {
    const std::size_t in_a_slot = (kWakeSlotMs + request.interval_ms - 1) / request.interval_ms;
    tried.polls_max = std::min(tried.polls_max, polls_for(in_a_slot, request));
  }
  if (tried.polls_max == 0 || !pace_of(devices, tried)) return too_slow(devices);
  PollsNeeded needed;
  needed.most = static_cast<std::uint32_t>(tried.polls_max);
  for (tried.polls_max = 1; !pace_of(devices, tried); ++tried.polls_max) {
  }
  needed.least = static_cast<std::uint32_t>(tried.polls_max);
  return needed;
}

}  // namespace intray::registration
