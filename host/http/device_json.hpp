// How devices and log rows look in JSON, for administrators and operators alike.
#pragma once

#include <boost/json/object.hpp>

#include "host/store/records.hpp"

namespace intray::http {

boost::json::object device_json(const store::Device& device, const store::Presence& presence);
/// What a customer sees of a log row.
boost::json::object event_json(const store::LogRow& row);

}  // namespace intray::http
