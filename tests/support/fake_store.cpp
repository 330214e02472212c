#include "tests/support/fake_store.hpp"

#include <algorithm>

namespace intray::testing_support {

template <class Map>
void FakeStore::set(Map& map, typename Map::key_type key,
                    std::optional<typename Map::mapped_type> value) {
  const auto found = map.find(key);
  std::optional<typename Map::mapped_type> old;
  if (found != map.end()) old = found->second;
  undo_.push_back([&map, key, old] {
    if (old) {
      map[key] = *old;
    } else {
      map.erase(key);
    }
  });
  if (value) {
    map[key] = std::move(*value);
  } else {
    map.erase(key);
  }
}

intray_status FakeStore::commit(const FakeCaller& as, const std::string& customer,
                                const std::vector<const intray_op*>& ops) {
  if (!as.customer.empty() && as.customer != customer) return INTRAY_E_DENIED;
  if (ops.size() > INTRAY_OPS_MAX) return INTRAY_E_TOO_LARGE;
  const auto growth = std::any_of(ops.begin(), ops.end(),
                                  [](const auto* op) { return op->kind == INTRAY_OP_SEND; });
  if (full && growth) return INTRAY_E_FULL;
  undo_.clear();
  ++revision_;
  const auto log_size = log.size();
  for (const auto* op : ops) {
    const auto status = apply(as, customer, *op);
    if (status == INTRAY_OK) continue;
    for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) (*step)();
    log.resize(log_size);
    return status;
  }
  return INTRAY_OK;
}

intray_status FakeStore::write_own(const std::string& customer, const intray_op& op) {
  const Pair key{customer, copy(op.key)};
  if (key.second.empty() || key.second.size() > 255 || op.value.size > 64 * 1024) {
    return INTRAY_E_INVALID;
  }
  const auto found = own.find(key);
  if (op.kind == INTRAY_OP_ADD) {
    std::uint64_t sum = 0;
    if (found != own.end()) std::memcpy(&sum, found->second.value.data(), sizeof sum);
    sum += static_cast<std::uint64_t>(op.number);
    set(own, key, FakeRow{std::string(reinterpret_cast<const char*>(&sum), sizeof sum), revision_});
    return INTRAY_OK;
  }
  const auto revision = found == own.end() ? 0 : found->second.revision;
  if (op.expected_revision != INTRAY_OP_ANY_REVISION && op.expected_revision != revision) {
    return INTRAY_E_CONFLICT;
  }
  std::optional<FakeRow> row;
  if (op.kind == INTRAY_OP_PUT) row = FakeRow{std::string(view(op.value)), revision_};
  set(own, key, row);
  return INTRAY_OK;
}

intray_status FakeStore::send(const std::string& customer, const intray_op& op) {
  const Pair device{customer, copy(op.key)};
  if (instruction_types.count(copy(op.type)) == 0) return INTRAY_E_DENIED;
  if (devices.count(device) == 0) return INTRAY_E_NOT_FOUND;
  if (op.value.size > 1024 || op.reference.size == 0 || op.reference.size > 128) {
    return INTRAY_E_INVALID;
  }
  for (auto it = mail.lower_bound({device, 0}); it != mail.end() && it->first.first == device;
       ++it) {
    if (it->second.reference == view(op.reference)) return INTRAY_E_CONFLICT;
  }
  set(mail, {device, ++sequence_},
      FakeMail{copy(op.reference), copy(op.type), std::string(view(op.value)), now, 0, op.number});
  return INTRAY_OK;
}

void FakeStore::touch_mail(const std::string& customer, const intray_op& op) {
  const Pair device{customer, copy(op.key)};
  for (auto it = mail.lower_bound({device, 0}); it != mail.end() && it->first.first == device;
       ++it) {
    if (it->second.reference != view(op.reference)) continue;
    auto changed = it->second;
    changed.visible = op.number;
    if (op.kind == INTRAY_OP_DEFER) {
      set(mail, it->first, changed);
    } else {
      set(mail, it->first, std::nullopt);
    }
    return;
  }
}

intray_status FakeStore::apply(const FakeCaller& as, const std::string& customer,
                               const intray_op& op) {
  const auto key = copy(op.key);
  const auto type = copy(op.type);
  switch (op.kind) {
    case INTRAY_OP_PUT:
    case INTRAY_OP_ERASE:
    case INTRAY_OP_ADD:
      return write_own(customer, op);
    case INTRAY_OP_SEND:
      return send(customer, op);
    case INTRAY_OP_TAKE_OFF:
    case INTRAY_OP_DEFER:
      touch_mail(customer, op);
      return INTRAY_OK;
    case INTRAY_OP_EVENT:
      log.push_back(
          {customer, as.principal, key, type, copy(op.reference), std::string(view(op.value))});
      return log.back().payload.size() > 63 * 1024 ? INTRAY_E_TOO_LARGE : INTRAY_OK;
    case INTRAY_OP_TIMER:
      if (op.number == 0) {
        set(timers, {customer, key}, std::nullopt);
      } else {
        set(timers, {customer, key}, op.number);
      }
      return INTRAY_OK;
    case INTRAY_OP_ENTITLE:
      if (devices.count({customer, key}) == 0) return INTRAY_E_NOT_FOUND;
      set(entitlements, {customer, type, key}, std::string(view(op.value)));
      return INTRAY_OK;
    case INTRAY_OP_DISENTITLE:
      set(entitlements, {customer, type, key}, std::nullopt);
      return INTRAY_OK;
    case INTRAY_OP_REPLY:
      if (as.idempotency_key.empty()) return INTRAY_OK;
      if (replies.count({as.principal, as.idempotency_key}) > 0) return INTRAY_E_CONFLICT;
      set(replies, {as.principal, as.idempotency_key},
          FakeReply{static_cast<std::uint32_t>(op.number), copy(op.reference),
                    std::string(view(op.value))});
      return INTRAY_OK;
    default:
      return INTRAY_E_INVALID;
  }
}

std::vector<StoredRow> FakeStore::rows(const std::string& customer, std::uint32_t store,
                                       const std::string& prefix, const std::string& after,
                                       std::size_t limit) const {
  std::vector<StoredRow> found;
  const auto take = [&](const std::string& key, const std::string& value, std::uint64_t revision) {
    if (key > after && key.rfind(prefix, 0) == 0) found.push_back({key, value, revision});
    return found.size() < limit;
  };
  if (store == INTRAY_STORE_OWN) {
    for (auto it = own.lower_bound({customer, std::max(prefix, after)});
         it != own.end() && it->first.first == customer; ++it) {
      if (it->first.second > after && it->first.second.rfind(prefix, 0) != 0) break;
      if (!take(it->first.second, it->second.value, it->second.revision)) break;
    }
  } else if (store == INTRAY_STORE_MAILBOX) {
    for (const auto& [key, each] : mail) {
      if (key.first.first != customer) continue;
      std::string name = key.first.second + '\0';
      for (int shift = 56; shift >= 0; shift -= 8) {
        name += static_cast<char>(key.second >> static_cast<unsigned>(shift) & 0xFFU);
      }
      if (!take(name, each.payload, 1)) break;
    }
  } else {
    for (const auto& [key, answer] : entitlements) {
      if (std::get<0>(key) != customer) continue;
      if (!take(std::get<1>(key) + '\0' + std::get<2>(key), answer, 1)) break;
    }
  }
  return found;
}

}  // namespace intray::testing_support
