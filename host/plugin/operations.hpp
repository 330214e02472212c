// A plugin's operations as the store's: every field checked, the owner filled in.
#pragma once

#include <intray/commit.h>

#include <optional>
#include <string>
#include <vector>

#include "host/plugin/call.hpp"
#include "host/store/batch.hpp"
#include "intray/result.hpp"

namespace intray::plugin {

/// Who sends operations, and on whose behalf.
struct Sender {
  std::string plugin_id;
  std::vector<std::string> instruction_types;
};

/// INTRAY_E_INVALID    a malformed operation.
/// INTRAY_E_TOO_LARGE  a value above its limit.
/// INTRAY_E_DENIED     an instruction type that the plugin does not own.
/// Nothing: there is nothing to do (a reply without an Idempotency-Key).
Result<std::optional<store::Operation>> translate(const Sender& sender, const CallContext& context,
                                                  const intray_op* op);

}  // namespace intray::plugin
