// What an instruction's stored payload says, and the registration code that belongs to it.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

#include "host/security/keys.hpp"
#include "host/store/records.hpp"

namespace intray::http {

/// The payload as it was sent; empty when it is no JSON object.
boost::json::object payload_of(const store::Mail& mail);

/// The code of a register-device; nothing for an instruction without one.
std::optional<security::Secret> code_of(const security::Keys& keys, std::string_view customer,
                                        const store::Mail& mail,
                                        const boost::json::object& payload);

}  // namespace intray::http
