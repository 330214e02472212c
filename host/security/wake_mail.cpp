#include "host/security/wake_mail.hpp"

#include <boost/json/parse.hpp>
#include <limits>

namespace intray::security {
namespace {

namespace json = boost::json;

// The member's items; empty when it is absent or no array.
const json::array& items_of(const json::object& object, std::string_view name) {
  static const json::array none;
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_array() ? member->get_array() : none;
}

// The number at a place of an array that may be shorter than the targets; nothing when it is no
// number, or too large for a Number.
template <class Number>
std::optional<Number> number_at(const json::array& numbers, std::size_t place) {
  if (place >= numbers.size()) return Number{0};
  json::error_code error;
  const auto number = numbers[place].to_number<std::uint64_t>(error);
  if (error || number > std::numeric_limits<Number>::max()) return std::nullopt;
  return static_cast<Number>(number);
}

// The order without addresses; nothing when the payload is no relay-wake.
std::optional<WakeOrder> order_of(const store::Mail& mail) {
  json::error_code error;
  const auto payload = json::parse(mail.payload, error);
  if (error || !payload.is_object()) return std::nullopt;
  const auto* wake = payload.get_object().if_contains("wake");
  if (wake == nullptr || !wake->is_object()) return std::nullopt;
  const auto& said = wake->get_object();
  const auto& ids = items_of(said, "targets");
  const auto& children = items_of(said, "children");
  const auto& steps = items_of(said, "steps");
  if (ids.size() >= kWakeTargetsMax) return std::nullopt;

  WakeOrder order{.first_relays_only = true};
  if (const auto* step_ms = said.if_contains("step_ms")) {
    order.step_ms = step_ms->to_number<std::uint32_t>(error);
  }
  const auto relays = number_at<std::uint8_t>(children, 0);
  if (!relays) return std::nullopt;
  order.targets.push_back({mail.device_id, {}, *relays, 0});
  std::uint32_t step = 0;  // each is told as the difference to the one before it
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto count = number_at<std::uint8_t>(children, i + 1);
    const auto more = number_at<std::uint16_t>(steps, i);
    if (!count || !more || !ids[i].is_string()) return std::nullopt;
    step += *more;
    if (step > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    const std::string id(ids[i].get_string());
    order.targets.push_back({id, {}, *count, static_cast<std::uint16_t>(step)});
  }
  if (error) return std::nullopt;
  return order;
}

}  // namespace

WakeOrder with_addresses(WakeOrder order, const store::CustomerView& inventory,
                         const store::CustomerSettings& settings) {
  order.plain_http = settings.wake_scheme == "http";
  order.port = static_cast<std::uint16_t>(settings.wake_port);
  for (auto& target : order.targets) {
    const auto device = inventory.device(target.device_id);
    target.address = device && is_wake_address(device->address) ? device->address : std::string();
  }
  return order;
}

Result<Secret> mint_relay_wake(const Secret& wake_key, std::string_view customer,
                               const store::Mail& mail, const store::CustomerView& inventory,
                               const store::CustomerSettings& settings, std::int64_t now_unix_s) {
  auto order = order_of(mail);
  if (!order) {
    return fail(INTRAY_E_INVALID, "instruction " + std::to_string(mail.sequence) + " of " +
                                      mail.device_id + " is no relay-wake: its plugin wrote it");
  }
  return mint_wake(wake_key, customer, with_addresses(std::move(*order), inventory, settings),
                   now_unix_s);
}

}  // namespace intray::security
