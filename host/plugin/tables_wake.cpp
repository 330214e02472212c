// wake
#include <algorithm>
#include <limits>

#include "host/plugin/tables.hpp"
#include "host/security/wake_mail.hpp"

namespace intray::plugin {
namespace {

static_assert(INTRAY_WAKE_TARGETS_MAX == security::kWakeTargetsMax);
static_assert(INTRAY_WAKE_CHARACTERS_MAX == security::kWakeCharactersMax);
static_assert(INTRAY_WAKE_TTL_S_MAX == security::kWakeTtlSecondsMax);
static_assert(INTRAY_WAKE_STEP_MS_MAX == security::kWakeStepMsMax);

Result<security::WakeTarget> checked(const intray_wake_target* target) {
  if (target == nullptr || !INTRAY_HAS(target, intray_wake_target, device_id) ||
      target->children > std::numeric_limits<std::uint8_t>::max() ||
      target->step > std::numeric_limits<std::uint16_t>::max()) {
    return fail(INTRAY_E_INVALID, "a wake target is missing, too small or out of range");
  }
  return security::WakeTarget{copy(target->device_id),
                              {},
                              static_cast<std::uint8_t>(target->children),
                              static_cast<std::uint16_t>(target->step)};
}

Result<security::WakeOrder> checked(const intray_wake_order* order) {
  constexpr std::uint32_t kFlags = INTRAY_WAKE_AT_UNIX | INTRAY_WAKE_FIRST_RELAYS;
  if (order == nullptr || !INTRAY_HAS(order, intray_wake_order, targets) ||
      order->targets == nullptr || (order->flags & ~kFlags) != 0) {
    return fail(INTRAY_E_INVALID, "a wake order is missing, too small or has an unknown flag");
  }
  if (order->target_count > INTRAY_WAKE_TARGETS_MAX) {
    return fail(INTRAY_E_TOO_LARGE, "a wake command names at most 64 devices, not " +
                                        std::to_string(order->target_count));
  }
  security::WakeOrder out;
  out.first_relays_only = (order->flags & INTRAY_WAKE_FIRST_RELAYS) != 0;
  out.at_is_unix = (order->flags & INTRAY_WAKE_AT_UNIX) != 0;
  out.at_s = order->at_s;
  out.step_ms = order->step_ms;
  if (order->ttl_s != 0) out.ttl_s = order->ttl_s;
  for (std::uint32_t i = 0; i < order->target_count; ++i) {
    auto target = checked(order->targets[i]);
    if (!target) return fail(target.error());
    out.targets.push_back(std::move(*target));
  }
  return out;
}

// INTRAY_E_NOT_FOUND: one of them would not be reached.
Result<security::WakeOrder> addressed(Services& services, const std::string& customer,
                                      security::WakeOrder order) {
  const auto snapshot = services.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  order = security::with_addresses(std::move(order), snapshot->customer(customer),
                                   services.store.settings(customer));
  for (const auto& target : order.targets) {
    if (target.address.empty()) {
      return fail(INTRAY_E_NOT_FOUND, "customer " + customer + " holds no device " +
                                          target.device_id + " with an address to wake it at");
    }
  }
  return order;
}

intray_status INTRAY_CC mint(const intray_host* host, const intray_call* call,
                             const intray_wake_order* order, intray_wake_visit visit, void* user,
                             intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    auto& services = tables.services();
    const auto context = services.calls.find(call);
    if (context == nullptr || context->customer.empty()) {
      return fail(INTRAY_E_DENIED,
                  "devices are woken only on behalf of the customer that has them");
    }
    auto told = checked(order);
    if (!told) return fail(told.error());
    const auto whole = addressed(services, context->customer, std::move(*told));
    if (!whole) return fail(whole.error());
    const auto now = services.store.now() / store::kSecondNs;
    const auto minted = security::mint_wake(services.wake_key, context->customer, *whole, now);
    if (!minted) return fail(minted.error());
    intray_wake_command command{};
    command.struct_size = sizeof command;
    command.text = str(minted->reveal());
    command.expires_unix_s = now + whole->ttl_s;
    return visited(visit(user, &command));
  });
}

}  // namespace

const intray_host_wake& wake_table() {
  static const intray_host_wake table = {sizeof table, 0, &mint};
  return table;
}

}  // namespace intray::plugin
