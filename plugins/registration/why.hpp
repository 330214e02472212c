// GET /v1/devices/{id}/why?service=: one causal answer - which step, since when, what happens next
// and when.
#pragma once

#include "plugins/registration/answers.hpp"
#include "plugins/registration/enrolment.hpp"

namespace intray::registration {

Result<HttpAnswer> why(const Scope& scope, const HttpRequest& request);

/// One sentence about an enrolment's state, for lists; mail: its instruction in the mailbox, if it
/// waits there.
std::string sentence_of(const Enrolment& enrolment, const DeviceRow& device,
                        const std::optional<Platform::MailRow>& mail, bool canceled,
                        std::int64_t now);

/// The register-device instruction of an open enrolment.
std::optional<Platform::MailRow> mail_of(const std::vector<Platform::MailRow>& mailbox,
                                         const Enrolment& enrolment);

}  // namespace intray::registration
