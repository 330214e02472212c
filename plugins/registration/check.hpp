// The invariants of this plugin's rows, proved on one snapshot (intray.check/1).
#pragma once

#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// Adds a pair for each broken one to the sink, as far as it takes them:
///  - every row can be read;
///  - an open enrolment has exactly one instruction, of its own generation, and a time at which its
///    timer ends it; one that is over has none;
///  - a device is entitled if and only if its enrolment is registered;
///  - an enrolment and its member row say the same; its application exists;
///  - an application's counters are what its members add up to; a finished one has nothing open;
///    the mark of a canceled one is there, and only there;
///  - a wake is of an application that exists.
/// A pair of device and service has one row, so no two enrolments of it can be open.
Result<void> check(const Scope& scope, std::uint64_t snapshot, const intray_kv_sink& broken);

}  // namespace intray::registration
