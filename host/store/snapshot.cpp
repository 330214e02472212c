#include "host/store/snapshot.hpp"

#include "host/store/describe.hpp"
#include "host/store/keys.hpp"
#include "host/store/reader.hpp"

namespace intray::store {

using keys::Table;

Snapshot::Snapshot(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;
Snapshot::~Snapshot() = default;

CustomerView Snapshot::customer(std::string_view customer) const {
  return {*reader_, std::string(customer)};
}

std::optional<Token> Snapshot::token(const TokenHash& hash) const {
  return read<Token>(*reader_, keys::of_hash(Table::kToken, hash));
}

std::vector<Token> Snapshot::tokens(std::string_view after_id, std::size_t limit) const {
  std::vector<Token> tokens;
  if (limit == 0) return tokens;
  const auto after = after_id.empty() ? std::string() : keys::key(Table::kTokenOfId, after_id);
  each<Pointer>(*reader_, keys::prefix(Table::kTokenOfId), after,
                [&](const Pointer& pointer, const Walk&) {
                  auto token = read<Token>(*reader_, keys::key(Table::kToken, pointer.to));
                  if (token && token->role != "device") tokens.push_back(std::move(*token));
                  return tokens.size() < limit;
                });
  return tokens;
}

std::optional<std::string> Snapshot::customer_of(std::string_view device_id) const {
  auto pointer = read<Pointer>(*reader_, keys::key(Table::kCustomerOf, device_id));
  if (!pointer) return std::nullopt;
  return std::move(pointer->to);
}

std::vector<std::string> Snapshot::customers(std::string_view after, std::size_t limit) const {
  std::vector<std::string> customers;
  if (limit == 0) return customers;
  const auto after_key = after.empty() ? std::string() : keys::key(Table::kState, after);
  each<CustomerState>(*reader_, keys::prefix(Table::kState), after_key,
                      [&](const CustomerState&, const Walk& walk) {
                        if (!walk.suffix().empty()) customers.emplace_back(walk.suffix());
                        return customers.size() < limit;
                      });
  return customers;
}

std::optional<ProvisioningCode> Snapshot::provisioning_code(const TokenHash& hash) const {
  return read<ProvisioningCode>(*reader_, keys::of_hash(Table::kProvisioningCode, hash));
}

std::vector<Timer> Snapshot::timers_due(UnixNs now, std::size_t limit) const {
  std::vector<Timer> due;
  if (limit == 0) return due;
  each<Timer>(*reader_, keys::prefix(Table::kTimer), {}, [&](Timer timer, const Walk&) {
    if (timer.due > now) return false;
    due.push_back(std::move(timer));
    return due.size() < limit;
  });
  return due;
}

UnixNs Snapshot::next_timer() const {
  const auto first = page<Timer>(*reader_, keys::prefix(Table::kTimer), {}, 1);
  return first.empty() ? 0 : first.front().due;
}

std::vector<OutboxRow> Snapshot::outbox(std::uint64_t after, std::size_t limit) const {
  return page<OutboxRow>(*reader_, keys::prefix(Table::kOutbox),
                         keys::key(Table::kOutbox, keys::big_endian(after)), limit);
}

std::optional<Reply> Snapshot::reply(std::string_view principal, std::string_view key) const {
  return read<Reply>(*reader_, keys::key(Table::kReply, principal, key));
}

std::uint64_t Snapshot::revision() const { return mdb_txn_id(reader_->rows().txn()); }

bool Snapshot::is_newest() const {
  MDB_envinfo info{};
  mdb_env_info(mdb_txn_env(reader_->rows().txn()), &info);
  return info.me_last_txnid == revision();
}

std::string Snapshot::corruption() const { return reader_->corruption(); }

}  // namespace intray::store
