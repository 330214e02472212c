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

static_assert(INTRAY_POLLS_LIFE_S_MAX * store::kSecondNs == kPollShareLifeMax);

// A share is always that of the customer behind the call, and of this plugin.
Result<PollKey> poll_key(HostTables& tables, const intray_call* call, intray_str key) {
  const auto context = tables.services().calls.find(call);
  if (context == nullptr || context->customer.empty()) {
    return fail(INTRAY_E_DENIED, "polls are shared out only to the customer whose devices poll");
  }
  if ((key.size > 0 && key.data == nullptr) || !is_id(view(key), INTRAY_POLLS_KEY_BYTES_MAX)) {
    return fail(INTRAY_E_INVALID, "the key of a share of polls is missing or malformed");
  }
  return PollKey{tables.info().id, context->customer, copy(key)};
}

void fill(intray_polls_share* out, const PollClaim& share) {
  out->polls = share.polls;
  out->until_unix_ns = share.until;
}

intray_status INTRAY_CC reserve_polls(const intray_host* host, const intray_call* call,
                                      const intray_polls_wish* wish, intray_polls_share* out,
                                      intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (out == nullptr || !INTRAY_HAS(out, intray_polls_share, until_unix_ns)) {
      return fail(INTRAY_E_INVALID, "there is no place for a share of polls");
    }
    fill(out, {});
    if (wish == nullptr || !INTRAY_HAS(wish, intray_polls_wish, key)) {
      return fail(INTRAY_E_INVALID, "a wish for polls is missing or too small");
    }
    const auto key = poll_key(tables, call, wish->key);
    if (!key) return fail(key.error());
    store::UnixNs room_at = 0;
    const auto share = tables.services().polls.reserve(
        *key, {wish->least, wish->most, wish->until_unix_ns}, &room_at);
    fill(out, share ? *share : PollClaim{0, room_at});
    return share ? Result<void>() : fail(share.error());
  });
}

intray_status INTRAY_CC release_polls(const intray_host* host, const intray_call* call,
                                      intray_str key, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto whose = poll_key(tables, call, key);
    if (!whose) return fail(whose.error());
    return tables.services().polls.release(*whose);
  });
}

}  // namespace

const intray_host_wake& wake_table() {
  static const intray_host_wake table = {sizeof table, 0, &mint, &reserve_polls, &release_polls};
  return table;
}

}  // namespace intray::plugin
