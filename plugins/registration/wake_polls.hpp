// A wake's share of the polls that the host lets all wakes of all customers make due within a
// second (polls.concurrent_max). An application holds one share: its plans take it over from each
// other, because commands of the plan before may still be opened, and it ends with the application.
//
// THE PROCESS DIES
//   after the share, before the plan's row
//       the share lapses, or the next request takes it over.
//   while the plan's rows are written, or before commands are minted
//       the plan's timer ends it; the share, as above.
//   before the share of an application that is over is released
//       its wake's row is still there: the timer comes again.
//
// NOT COUNTED. A host that was down when a plan ended takes its relay-wakes off once its timers
// run: a relay that polls before that is given a command without a share.
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/wake_rows.hpp"

namespace intray::registration {

/// When too few are free: what the host says, and how long to wait.
struct NoRoom {
  std::int64_t room_at = 0;  // unix ns, at the latest; 0 = there was room
};

/// The polls that a new plan of so many devices may make due; request.polls_max is the host's
/// limit.
/// INTRAY_E_INVALID  not even all of them are enough.
/// INTRAY_E_BUSY     too few are free now; no_room says for how long at most.
Result<std::uint32_t> reserve_polls(const Scope& scope, const std::string& application,
                                    std::size_t devices, const WakeRequest& request,
                                    NoRoom& no_room);

/// Holds the plan's share for as long as commands that are minted now, or with a relay-wake of it,
/// may cause polls. Before each minting.
/// INTRAY_E_BUSY     it had lapsed; as above.
Result<void> hold_polls(const Scope& scope, const Wake& wake, NoRoom& no_room);

/// Ends the share of an application that is over; nothing when it is not.
Result<void> release_polls_if_over(const Scope& scope, const std::string& application);

/// 503 with the time to wait.
HttpAnswer no_room_answer(const Scope& scope, const Error& error, const NoRoom& no_room);

}  // namespace intray::registration
