#include "host/http/device_json.hpp"

#include <boost/json/parse.hpp>

#include "host/http/json.hpp"

namespace intray::http {

boost::json::object device_json(const store::Device& device, const store::Presence& presence) {
  return {{"device_id", device.device_id},
          {"customer", device.customer},
          {"vendor", device.vendor},
          {"model", device.model},
          {"address", device.address},
          {"serial", device.serial},
          {"firmware", device.firmware},
          {"name", device.name},
          {"performance", device.performance},
          {"last_poll", time_value(presence.last_poll)},
          {"next_poll", time_value(presence.next_poll)}};
}

boost::json::object event_json(const store::LogRow& row) {
  boost::json::error_code error;
  auto payload =
      row.payload.empty() ? boost::json::value(nullptr) : boost::json::parse(row.payload, error);
  if (error) payload = nullptr;
  return {{"sequence", row.sequence},     {"time", time_value(row.time)},
          {"topic", row.topic},           {"outcome", row.outcome},
          {"object", row.object},         {"principal", row.principal},
          {"payload", std::move(payload)}};
}

}  // namespace intray::http
