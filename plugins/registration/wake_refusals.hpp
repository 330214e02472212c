// Relays that refused a relay-wake: whom they leave asleep, so that the administrator sees it. A
// refusal lies beside its plan and goes with it.
//
//   key    "wake-refused" ' ' application ' ' sequence ' ' relay
//   value  JSON: v 1, plan, reason, targets [device, ...] that the relay was to wake itself
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/registration/wake_rows.hpp"

namespace intray::registration {

/// sequence: of the instruction that was refused, in the relay's mailbox.
void put_refusal(Batch& batch, const Wake& wake, std::string_view relay, std::uint64_t sequence,
                 const std::string& reason, const std::vector<std::string>& targets);

/// Erases an application's refusals as long as the batch has fewer than `operations_max`. False:
/// it has not, and more are there.
Result<bool> erase_refusals(const Scope& scope, std::string_view application, Batch& batch,
                            std::size_t operations_max);

struct Refused {
  std::string relay, reason;
};

/// A refusal as its row has it.
struct Refusal {
  Refused refused;
  std::string plan;
  std::vector<std::string> targets;
};
/// INTRAY_E_INTERNAL names the row that cannot be read.
Result<Refusal> decode_refusal(const StoredRow& row);

/// Whom the running wake of an application does not reach because a relay refused, and everyone
/// below them; by device id.
Result<std::map<std::string, Refused>> refused_in(const Scope& scope,
                                                  const std::string& application);

}  // namespace intray::registration
