#include "host/store/apply.hpp"

#include "host/store/keys.hpp"

namespace intray::store {

using keys::Table;

namespace {

// Each epoch starts its sequences beyond every one of the epochs before: see ARCHITECTURE.md,
// Epoch.
constexpr unsigned kEpochShift = 40;

}  // namespace

Application::Application(WriteRows rows, const Batch& batch, std::uint64_t epoch, UnixNs now)
    : rows_(rows), batch_(batch), epoch_(epoch), now_(now) {}

Outcome Application::run() {
  if (batch_.operations.size() > kBatchOperationsMax) {
    return fail(INTRAY_E_INVALID, "a batch has " + std::to_string(batch_.operations.size()) +
                                      " operations, at most " +
                                      std::to_string(kBatchOperationsMax));
  }
  const auto state_key = keys::key(Table::kState, batch_.customer);
  const auto state = rows_.find<CustomerState>(state_key);
  if (!state) return fail(state.error());
  if (*state) state_ = **state;

  for (std::size_t i = 0; i < batch_.operations.size(); ++i) {
    const auto done = std::visit([this](const auto& operation) { return apply(operation); },
                                 batch_.operations[i]);
    if (!done) return {fail(done.error()), i};
  }
  if (state_changed_) {
    if (const auto put = rows_.put(state_key, state_); !put) return fail(put.error());
  }
  return Committed{rows_.revision(), now_};
}

// ---- own rows and host rows
// -----------------------------------------------------------------------

Result<void> Application::expect(const std::string& key, std::uint64_t revision) const {
  if (revision == kAnyRevision) return {};
  const auto row = rows_.get(key);
  if (!row) return fail(row.error());
  const auto found = *row ? (*row)->revision : kMustNotExist;
  if (found == revision) return {};
  return fail(INTRAY_E_CONFLICT, "a row was changed meanwhile: read it again and retry");
}

Result<void> Application::apply(const PutOwn& operation) {
  const auto key = keys::key(Table::kOwn, batch_.customer, operation.owner, operation.key);
  if (auto as_expected = expect(key, operation.expected_revision); !as_expected) return as_expected;
  return rows_.put_bytes(key, operation.value);
}

Result<void> Application::apply(const EraseOwn& operation) {
  const auto key = keys::key(Table::kOwn, batch_.customer, operation.owner, operation.key);
  if (auto as_expected = expect(key, operation.expected_revision); !as_expected) return as_expected;
  const auto erased = rows_.erase(key);
  return erased ? Result<void>() : fail(erased.error());
}

Result<void> Application::apply(const AddOwn& operation) {
  const auto key = keys::key(Table::kOwn, batch_.customer, operation.owner, operation.key);
  const auto row = rows_.get(key);
  if (!row) return fail(row.error());
  std::int64_t sum = 0;
  if (*row) {
    Decoder decoder((*row)->payload);
    decoder(sum);
    if (!decoder.complete()) {
      return fail(INTRAY_E_INVALID, "the row " + operation.key + " is no counter");
    }
  }
  sum += operation.delta;
  Encoder encoder;
  encoder(sum);
  return rows_.put_bytes(key, encoder.take());
}

Result<void> Application::apply(const PutHostRow& operation) {
  const auto key = keys::key(Table::kHostRow, batch_.customer, operation.key);
  if (auto as_expected = expect(key, operation.expected_revision); !as_expected) return as_expected;
  return rows_.put_bytes(key, operation.value);
}

Result<void> Application::apply(const EraseHostRow& operation) {
  const auto key = keys::key(Table::kHostRow, batch_.customer, operation.key);
  if (auto as_expected = expect(key, operation.expected_revision); !as_expected) return as_expected;
  const auto erased = rows_.erase(key);
  return erased ? Result<void>() : fail(erased.error());
}

// ---- shared steps ------------------------------------------------------------------------------

std::uint64_t Application::next_sequence(std::uint64_t last) const {
  return std::max(last, (epoch_ - 1) << kEpochShift) + 1;
}

Result<void> Application::count(const std::string& service, std::int64_t registered,
                                std::int64_t waiting) {
  const auto key = keys::key(Table::kCounts, batch_.customer, service);
  const auto found = rows_.find<ServiceCounts>(key);
  if (!found) return fail(found.error());
  auto counts = found->value_or(ServiceCounts());
  counts.registered += static_cast<std::uint64_t>(registered);
  counts.waiting += static_cast<std::uint64_t>(waiting);
  if (counts.registered == 0 && counts.waiting == 0) {
    const auto erased = rows_.erase(key);
    return erased ? Result<void>() : fail(erased.error());
  }
  return rows_.put(key, counts);
}

Result<void> Application::add_outbox(const std::string& kind, const std::string& service,
                                     const std::string& device_id, std::uint32_t reason) {
  const auto last_key = keys::key(Table::kMeta, "outbox");
  const auto last = rows_.find<Number>(last_key);
  if (!last) return fail(last.error());
  const Number next{next_sequence(last->value_or(Number()).value)};
  if (auto put = rows_.put(last_key, next); !put) return put;
  const OutboxRow row{next.value, batch_.customer, kind, service, device_id, reason};
  return rows_.put(keys::key(Table::kOutbox, keys::big_endian(next.value)), row);
}

Result<void> Application::erase_prefix(const std::string& prefix) {
  std::vector<std::string> found;
  {
    Walk walk(rows_, prefix);
    for (;;) {
      const auto more = walk.next();
      if (!more && walk.key().empty()) return fail(more.error());
      if (more && !*more) break;
      found.emplace_back(walk.key());
    }
  }
  for (const auto& key : found) {
    if (const auto erased = rows_.erase(key); !erased) return fail(erased.error());
  }
  return {};
}

Result<std::uint64_t> Application::purge_before(const std::string& prefix, std::size_t limit,
                                                const std::function<bool(const Row&)>& old) {
  std::vector<std::string> found;
  {
    Walk walk(rows_, prefix);
    while (found.size() < limit) {
      const auto more = walk.next();
      if (!more) return fail(more.error());
      if (!*more) break;
      if (old(walk.row())) found.emplace_back(walk.key());
    }
  }
  for (const auto& key : found) {
    if (const auto erased = rows_.erase(key); !erased) return fail(erased.error());
  }
  return found.size();
}

Result<void> Application::apply(const Purge& operation) {
  if (batch_.customer.empty()) {
    const auto replies =
        purge_before(keys::prefix(Table::kReply), operation.limit, [&](const Row& row) {
          const auto reply = decode<Reply>(row.payload);
          return reply && reply->created + kReplyKeptNs <= now_;
        });
    if (!replies) return fail(replies.error());
  }
  const auto acquired = purge_before(keys::prefix(Table::kAcquired, batch_.customer),
                                     operation.limit, [&](const Row& row) {
                                       const auto kept = decode<Acquired>(row.payload);
                                       return kept && kept->taken_off + kAcquiredKeptNs <= now_;
                                     });
  if (!acquired) return fail(acquired.error());
  const auto log = purge_before(keys::prefix(Table::kLog, batch_.customer), operation.limit,
                                [&](const Row& row) {
                                  const auto kept = decode<LogRow>(row.payload);
                                  return kept && kept->time + kLogKeptNs <= now_ &&
                                         kept->sequence != state_.last_log_sequence;
                                });
  return log ? Result<void>() : fail(log.error());
}

}  // namespace intray::store
