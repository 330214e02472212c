// Cuts a plan into the durable slices of a job.
#pragma once

#include <functional>

#include "host/inventory/job.hpp"

namespace intray::inventory {

/// Gets the slices in the order in which they are carried out.
using SliceSink = std::function<Result<void>(const Slice&)>;

/// All that leave, by customer, then all that enter or change, by customer. A slice holds at most
/// kSliceDevicesMax devices of one customer, in about kSliceBytesMax bytes. Memory: one slice.
/// Errors of the sink, and of the store (it reads what absent columns keep).
Result<void> cut(const store::Store& store, const Rows& rows, const Plan& plan,
                 const SliceSink& sink);

}  // namespace intray::inventory
