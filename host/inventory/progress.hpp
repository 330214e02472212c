// One turn of a running job.
#pragma once

#include <vector>

#include "host/inventory/work.hpp"

namespace intray::inventory {

inline constexpr store::UnixNs kFinishedJobKeptNs = store::kDayNs;
inline constexpr store::UnixNs kWaitMaxNs = 60 * store::kSecondNs;  // between two tries

/// Carries out slices for about a quarter of a second and moves the job on. What it returns is the
/// system's: the job's row, the slices that are done, the job's next timer. When that is lost in a
/// crash, the next turn passes over what is done already.
std::vector<store::Operation> advance(const store::Store& store, const Work& work, JobState& job);

}  // namespace intray::inventory
