// Applications too large for one batch: issued, and canceled, in chunks by the application's timer.
//
// Each chunk is one batch with the application's cursor in it: killed at any point, the next due
// timer goes on behind the last durable chunk. The timer itself is moved only in the host's batch,
// after the chunks, so it is still armed when the process dies in between.
#pragma once

#include "plugins/registration/application.hpp"
#include "plugins/registration/changes.hpp"

namespace intray::registration {

/// Keeps the devices that a large application names until they are issued.
void add_names(Batch& batch, const std::string& application,
               const std::vector<std::string>& device_ids);

/// The application's timer is due: goes on issuing or canceling, or looks for completion.
Result<void> application_due(const Scope& scope, const std::string& id,
                             const intray_batch_sink& sink);

/// Cancels one page of devices of a canceling application, after its cursor, into changes; moves
/// the cursor, or makes it canceled when that was the last page.
Result<void> cancel_page(const Scope& scope, Application& application, Changes& changes);

}  // namespace intray::registration
