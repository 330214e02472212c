// What ends or defers an enrolment besides registration: the device's word, time, and the
// inventory. All of it goes into the host's own batch, so it takes effect together with that.
#pragma once

#include "plugins/registration/scope.hpp"

namespace intray::registration {

/// A device acknowledged an instruction (after patent step S322). "done" before the registration
/// changes nothing; after it, whatever is still there is taken off.
Result<void> acknowledged(const Scope& scope, std::string_view device_id,
                          const intray_acknowledgement& ack, const intray_batch_sink& sink);

/// The one timer of an open enrolment: a deferral is over, or its life.
Result<void> enrolment_due(const Scope& scope, std::string_view device_id, std::string_view service,
                           const intray_batch_sink& sink);

/// The device leaves the customer: what waits is canceled, what is registered is stopped.
Result<void> device_leaving(const Scope& scope, std::string_view device_id,
                            const intray_batch_sink& sink);

}  // namespace intray::registration
