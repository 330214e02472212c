// How fast a wake's devices get their turns, so that the host sees no more polls within a slot of
// kWakeSlotMs than it granted this plan of those that all wakes share (wake_polls.hpp).
//
// A plan of no more devices than that may have them all come at once. Of a larger one at most 3 in
// 5 of the grant share a slot, spread over its steps: the rest is for those who come later than
// planned (all of it, in mode each, where nobody comes late by another).
#pragma once

#include "plugins/registration/wake_plan.hpp"

namespace intray::registration {

struct WakePace {
  std::size_t in_a_step = 1;  // devices
  std::uint32_t step_ms = 0;
};

/// INTRAY_E_INVALID    the plan would outlive its commands.
Result<WakePace> pace_of(std::size_t devices, const WakeRequest& request);

/// Each node's step. A tree that one command can carry has turns in the order of its nodes, as
/// commands want them. A larger one layer by layer, and within a layer a device from below each
/// child of a root in turn: all below a silent neighbour come 6 s late, and between the turns of
/// the other branches they meet few then. Next to each other they would be as many again as were
/// planned. Below one child the order is that of the nodes, so that what a relay is told never goes
/// back in time.
void give_turns(WakePlan& plan, const WakePace& pace);

/// The polls that a plan of so many devices, 1.., asks the host for. request.polls_max is here all
/// that the host has.
struct PollsNeeded {
  std::uint32_t least = 1;  // with fewer it would outlive its commands
  std::uint32_t most = 1;   // it makes no use of more
};
/// INTRAY_E_INVALID    with all of them it would outlive its commands.
Result<PollsNeeded> polls_needed(std::size_t devices, const WakeRequest& request);

}  // namespace intray::registration
