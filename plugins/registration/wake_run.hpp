// A stored wake on its way: its relay-wakes are sent, and taken off when it is over.
//
// Each step is one batch that expects the rows it was built from, so the request that plans and the
// timer may both drive it, and a process that dies leaves a whole step behind it. The timer of a
// wake never waits for ever: in the end it ends it.
#pragma once

#include "plugins/registration/wake_rows.hpp"

namespace intray::registration {

enum class WakeStep { kMore, kRests, kHeldUp };

/// Does the next steps, for a moment: sends, or ends what is over. kRests: it is ready, or gone.
/// INTRAY_E_FULL  the store takes no more instructions now.
Result<WakeStep> advance_wake(const Scope& scope, const std::string& application);

/// Ends it, whatever it is at; the steps that follow take its relay-wakes off. Its timer stays as
/// it is: should nobody take them, it does.
Result<void> begin_wake_end(const Scope& scope, Wake wake);

/// The timer of a wake: goes on sending or ending; ends it when its time is over, or when its
/// application is.
Result<void> wake_due(const Scope& scope, const std::string& application,
                      const intray_batch_sink& sink);

/// For the batch that ends an application: lets the wake's timer come now, if there is a wake.
Result<void> end_wake_soon(const Scope& scope, const std::string& application, Batch& batch);

/// The places in its command that a relay reports as dead: "dead 1 4 9". Anything else reports
/// nobody.
std::vector<std::size_t> dead_in(std::string_view reason);

/// What a relay-wake asks for: all of its targets, of which the first `own` are the relay's own.
struct Asked {
  std::vector<std::string> targets;
  std::size_t own = 0;
};
/// Nothing is asked for by what is no relay-wake.
Asked asked_in(std::string_view instruction);

/// A relay acknowledged a relay-wake. The children of dead devices that it was not told of are told
/// to it now, as its next instruction.
Result<void> relay_acknowledged(const Scope& scope, std::string_view device_id,
                                const intray_acknowledgement& ack, const intray_batch_sink& sink);

}  // namespace intray::registration
