// Inventory, credentials, presence, settings.
#include "host/store/apply.hpp"
#include "host/store/keys.hpp"
#include "host/store/presence.hpp"

namespace intray::store {

using keys::Table;

namespace {

std::string device_token_id(const std::string& device_id) { return "device:" + device_id; }

std::string_view view_of(const TokenHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

Result<void> Application::count_model(const Device& device, std::int64_t delta) {
  const auto key = keys::key(Table::kModel, batch_.customer, device.vendor, device.model);
  const auto found = rows_.find<Number>(key);
  if (!found) return fail(found.error());
  const Number count{found->value_or(Number()).value + static_cast<std::uint64_t>(delta)};
  if (count.value != 0) return rows_.put(key, count);
  const auto erased = rows_.erase(key);
  return erased ? Result<void>() : fail(erased.error());
}

Result<void> Application::apply(const PutDevice& operation) {
  auto device = operation.device;
  device.customer = batch_.customer;
  const auto holder = rows_.find<Pointer>(keys::key(Table::kCustomerOf, device.device_id));
  if (!holder) return fail(holder.error());
  if (*holder && (*holder)->to != batch_.customer) {
    return fail(INTRAY_E_CONFLICT, "device " + device.device_id + " is held by another customer");
  }
  const auto key = keys::key(Table::kDevice, batch_.customer, device.device_id);
  const auto before = rows_.find<Device>(key);
  if (!before) return fail(before.error());
  if (*before) {
    if (auto counted = count_model(**before, -1); !counted) return counted;
  } else {
    state_.devices += 1;
    state_changed_ = true;
    const auto index =
        rows_.put(keys::key(Table::kCustomerOf, device.device_id), Pointer{batch_.customer});
    if (!index) return index;
  }
  if (auto counted = count_model(device, 1); !counted) return counted;
  return rows_.put(key, device);
}

Result<void> Application::apply(const EraseDevice& operation) {
  const auto& device_id = operation.device_id;
  const auto key = keys::key(Table::kDevice, batch_.customer, device_id);
  const auto device = rows_.find<Device>(key);
  if (!device) return fail(device.error());
  if (!*device) return {};
  for (;;) {
    Result<std::optional<Mail>> first = std::optional<Mail>();
    {
      Walk walk(rows_, keys::prefix(Table::kMail, batch_.customer, device_id));
      const auto more = walk.next();
      if (!more) return fail(more.error());
      if (!*more) break;
      const auto mail = decode<Mail>(walk.row().payload);
      if (!mail) return fail(mail.error());
      first = std::optional<Mail>(*mail);
    }
    if (auto removed = remove_mail(**first, false); !removed) return removed;
  }
  if (auto counted = count_model(**device, -1); !counted) return counted;
  state_.devices -= 1;
  state_changed_ = true;
  for (const auto& row : {key, keys::key(Table::kCustomerOf, device_id),
                          keys::key(Table::kPresence, batch_.customer, device_id)}) {
    if (const auto erased = rows_.erase(row); !erased) return fail(erased.error());
  }
  if (auto erased = erase_prefix(keys::prefix(Table::kTries, batch_.customer, device_id));
      !erased) {
    return erased;
  }
  if (auto erased = erase_prefix(keys::prefix(Table::kAcquired, batch_.customer, device_id));
      !erased) {
    return erased;
  }
  const auto code_key = keys::key(Table::kCodeOfDevice, device_id);
  const auto code = rows_.find<Pointer>(code_key);
  if (!code) return fail(code.error());
  if (*code) {
    for (const auto& row : {keys::key(Table::kProvisioningCode, (*code)->to), code_key}) {
      if (const auto erased = rows_.erase(row); !erased) return fail(erased.error());
    }
  }
  const auto token = apply(EraseToken{device_token_id(device_id)});
  return token || token.error().status == INTRAY_E_NOT_FOUND ? Result<void>() : token;
}

Result<void> Application::apply(const PutSettings& operation) {
  state_changed_ = true;
  return rows_.put(keys::key(Table::kSettings, batch_.customer), operation.settings);
}

Result<void> Application::bind_token(const TokenHash& hash, const Token& token) {
  const auto index_key =
      keys::key(Table::kTokenOfId, token.role == "device" ? device_token_id(token.id) : token.id);
  const auto before = rows_.find<Pointer>(index_key);
  if (!before) return fail(before.error());
  const auto holder = rows_.find<Token>(keys::of_hash(Table::kToken, hash));
  if (!holder) return fail(holder.error());
  if (*holder && (!*before || (*before)->to != view_of(hash))) {
    return fail(INTRAY_E_CONFLICT, "this token is in use: make another one");
  }
  if (*before) {
    const auto erased = rows_.erase(keys::key(Table::kToken, (*before)->to));
    if (!erased) return fail(erased.error());
  }
  if (auto put = rows_.put(index_key, Pointer{std::string(view_of(hash))}); !put) return put;
  auto row = token;
  row.created = now_;
  return rows_.put(keys::of_hash(Table::kToken, hash), row);
}

Result<void> Application::apply(const PutToken& operation) {
  return bind_token(operation.hash, operation.token);
}

Result<void> Application::apply(const EraseToken& operation) {
  const auto index_key = keys::key(Table::kTokenOfId, operation.id);
  const auto found = rows_.find<Pointer>(index_key);
  if (!found) return fail(found.error());
  if (!*found) return fail(INTRAY_E_NOT_FOUND, "there is no token " + operation.id);
  for (const auto& row : {keys::key(Table::kToken, (*found)->to), index_key}) {
    if (const auto erased = rows_.erase(row); !erased) return fail(erased.error());
  }
  return {};
}

Result<void> Application::apply(const PutProvisioningCode& operation) {
  const auto index_key = keys::key(Table::kCodeOfDevice, operation.code.device_id);
  const auto before = rows_.find<Pointer>(index_key);
  if (!before) return fail(before.error());
  if (*before) {
    const auto erased = rows_.erase(keys::key(Table::kProvisioningCode, (*before)->to));
    if (!erased) return fail(erased.error());
  }
  const Pointer pointer{std::string(view_of(operation.hash))};
  if (auto put = rows_.put(index_key, pointer); !put) return put;
  auto code = operation.code;
  code.created = now_;
  return rows_.put(keys::of_hash(Table::kProvisioningCode, operation.hash), code);
}

Result<void> Application::apply(const UseProvisioningCode& operation) {
  const auto key = keys::of_hash(Table::kProvisioningCode, operation.code);
  const auto found = rows_.find<ProvisioningCode>(key);
  if (!found) return fail(found.error());
  if (!*found) return fail(INTRAY_E_CONFLICT, "the provisioning code is gone");
  auto code = **found;
  if (code.used) {
    if (code.token == operation.token) return {};
    return fail(INTRAY_E_CONFLICT, "the provisioning code was used with another token");
  }
  code.used = true;
  code.token = operation.token;
  if (auto put = rows_.put(key, code); !put) return put;
  return bind_token(operation.token, {code.device_id, "device", code.customer, "", 0});
}

Result<void> Application::apply(const PutTries& operation) {
  return rows_.put(
      keys::key(Table::kTries, batch_.customer, operation.device_id, operation.service),
      operation.tries);
}

Result<void> Application::apply(const PutPresence& operation) {
  const auto device = rows_.get(keys::key(Table::kDevice, batch_.customer, operation.device_id));
  if (!device) return fail(device.error());
  if (!*device) return {};
  const auto key = keys::key(Table::kPresence, batch_.customer, operation.device_id);
  const auto before = rows_.find<Presence>(key);
  if (!before) return fail(before.error());
  return rows_.put(key, merged(before->value_or(Presence()), operation.presence));
}

}  // namespace intray::store
