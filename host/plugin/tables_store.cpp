// store, commit
#include <algorithm>

#include "host/plugin/tables.hpp"
#include "intray/crossing.hpp"

namespace intray::plugin {
namespace {

// Runs `read` on the newest data, or on the snapshot of a check that is running.
Result<void> with_snapshot(Services& services, std::uint64_t number,
                           const std::function<void(const store::Snapshot&)>& read) {
  if (number == 0) {
    const auto snapshot = services.store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    read(*snapshot);
    return {};
  }
  const std::lock_guard lock(services.snapshots_mutex);
  const auto found = services.snapshots.find(number);
  if (found == services.snapshots.end()) {
    return fail(INTRAY_E_INVALID, "the snapshot is over");
  }
  read(*found->second);
  return {};
}

std::string mailbox_key(const store::Mail& mail) {
  std::string key = mail.device_id + '\0';
  for (int shift = 56; shift >= 0; shift -= 8) {
    key += static_cast<char>(mail.sequence >> static_cast<unsigned>(shift) & 0xFFU);
  }
  return key;
}

// The part before the first 0x00, and the part after it.
std::pair<std::string, std::string> split(std::string_view key) {
  const auto end = key.find('\0');
  if (end == std::string_view::npos) return {std::string(key), ""};
  return {std::string(key.substr(0, end)), std::string(key.substr(end + 1))};
}

std::uint64_t number_of(std::string_view eight_bytes) {
  std::uint64_t number = 0;
  for (const char byte : eight_bytes.substr(0, 8)) {
    number = number << 8U | static_cast<unsigned char>(byte);
  }
  return number;
}

// One page of the store that a plugin named, as rows.
struct Page {
  const HostTables& tables;
  std::uint32_t store;
  std::string_view prefix, after;
  std::size_t limit;

  std::vector<store::OwnRow> read(const store::CustomerView& view) const {
    if (store == INTRAY_STORE_OWN) {
      return view.own_walk(tables.info().id, prefix, after, limit);
    }
    return store == INTRAY_STORE_MAILBOX ? mailboxes(view) : entitlements(view);
  }

 private:
  bool keep(const std::string& key) const { return key.rfind(prefix, 0) == 0; }

  std::vector<store::OwnRow> mailboxes(const store::CustomerView& view) const {
    std::vector<store::OwnRow> rows;
    auto [device, sequence] = split(after);
    auto number = number_of(sequence);
    while (rows.size() < limit) {
      const auto mails = view.mailboxes(device, number, store::kPageRowsMax);
      for (const auto& mail : mails) {
        auto key = mailbox_key(mail);
        if (rows.size() < limit && keep(key)) rows.push_back({std::move(key), mail.payload, 1});
      }
      if (mails.size() < store::kPageRowsMax) break;
      device = mails.back().device_id;
      number = mails.back().sequence;
    }
    return rows;
  }

  std::vector<store::OwnRow> entitlements(const store::CustomerView& view) const {
    std::vector<store::OwnRow> rows;
    auto [service, device] = split(after);
    // A prefix that names a whole service is walked there alone.
    const auto only =
        prefix.find('\0') == std::string_view::npos ? std::string() : split(prefix).first;
    while (rows.size() < limit) {
      const auto found = view.entitlements(only, service, device, store::kPageRowsMax);
      for (const auto& row : found) {
        auto key = row.service + '\0' + row.device_id;
        if (rows.size() < limit && keep(key)) rows.push_back({std::move(key), row.answer, 1});
      }
      if (found.size() < store::kPageRowsMax) break;
      service = found.back().service;
      device = found.back().device_id;
    }
    return rows;
  }
};

bool is_store(std::uint32_t store) {
  return store >= INTRAY_STORE_OWN && store <= INTRAY_STORE_ENTITLEMENT;
}

Result<void> visit_all(const std::vector<store::OwnRow>& rows, intray_value_visit visit,
                       void* user) {
  for (const auto& row : rows) {
    const auto status = visit(user, str(row.key), bytes(row.value), row.revision);
    if (status != INTRAY_OK) return fail(status, "the visitor stopped");
  }
  return {};
}

intray_status INTRAY_CC get(const intray_host* host, intray_str customer, std::uint32_t store,
                            intray_str key, std::uint64_t snapshot, intray_value_visit visit,
                            void* user, intray_error* error) noexcept {
  return guard(error, [&]() -> Result<void> {
    if (!is_store(store)) return fail(INTRAY_E_INVALID, "an unknown store");
    auto& tables = HostTables::of(host);
    std::vector<store::OwnRow> rows;
    const auto read = with_snapshot(tables.services(), snapshot, [&](const store::Snapshot& s) {
      const auto of_customer = s.customer(view(customer));
      if (store == INTRAY_STORE_OWN) {
        if (auto row = of_customer.own(tables.info().id, view(key))) rows.push_back(*row);
      } else if (store == INTRAY_STORE_ENTITLEMENT) {
        const auto [service, device] = split(view(key));
        if (const auto row = of_customer.entitlement(service, device)) {
          rows.push_back({copy(key), row->answer, 1});
        }
      } else {
        const auto [device, sequence] = split(view(key));
        if (const auto mail = of_customer.mail(device, number_of(sequence))) {
          rows.push_back({copy(key), mail->payload, 1});
        }
      }
    });
    if (!read) return read;
    if (rows.empty()) return fail(INTRAY_E_NOT_FOUND, "there is no such row");
    return visit_all(rows, visit, user);
  });
}

intray_status INTRAY_CC walk(const intray_host* host, intray_str customer, std::uint32_t store,
                             intray_str prefix, intray_str after_key, std::uint32_t limit,
                             std::uint64_t snapshot, intray_value_visit visit, void* user,
                             intray_error* error) noexcept {
  return guard(error, [&]() -> Result<void> {
    if (!is_store(store) || limit > INTRAY_PAGE_ROWS_MAX) {
      return fail(INTRAY_E_INVALID, "an unknown store, or a limit above 500");
    }
    auto& tables = HostTables::of(host);
    const Page page{tables, store, view(prefix), view(after_key),
                    limit == 0 ? INTRAY_PAGE_ROWS_MAX : limit};
    std::vector<store::OwnRow> rows;
    const auto read = with_snapshot(tables.services(), snapshot, [&](const store::Snapshot& s) {
      rows = page.read(s.customer(view(customer)));
    });
    return read ? visit_all(rows, visit, user) : read;
  });
}

// The batch of a call, checked: the customer comes from there.
Result<store::Batch> batch_of(const HostTables& tables, const intray_call* call,
                              std::string_view customer, const intray_op* const* ops,
                              std::uint32_t count, std::uint32_t* failed) {
  const auto* context = context_of(call);
  if (context == nullptr) return fail(INTRAY_E_INVALID, "a commit needs the call that it serves");
  if (!context->customer.empty() && context->customer != customer) {
    return fail(INTRAY_E_DENIED,
                "a call of customer " + context->customer + " may not write rows of another one");
  }
  if (count > INTRAY_OPS_MAX) return fail(INTRAY_E_TOO_LARGE, "more than 2,000 operations");
  store::Batch batch{std::string(customer), context->principal, {}};
  for (std::uint32_t i = 0; i < count; ++i) {
    *failed = i;
    auto operations = translate(tables.sender(), *context, ops[i]);
    if (!operations) return fail(operations.error());
    std::move(operations->begin(), operations->end(), std::back_inserter(batch.operations));
  }
  *failed = UINT32_MAX;
  return batch;
}

void tell(intray_commit_result* result, std::uint64_t revision, std::uint32_t failed) {
  if (result == nullptr || !INTRAY_HAS(result, intray_commit_result, txn_id)) return;
  result->txn_id = revision;
  result->failed_index = failed;
}

intray_status INTRAY_CC commit(const intray_host* host, const intray_call* call,
                               intray_str customer, const intray_op* const* ops,
                               std::uint32_t count, intray_commit_result* result,
                               intray_error* error) noexcept {
  return guard(error, [&]() -> Result<void> {
    auto& tables = HostTables::of(host);
    std::uint32_t failed = UINT32_MAX;
    auto batch = batch_of(tables, call, view(customer), ops, count, &failed);
    tell(result, 0, failed);
    if (!batch) return fail(batch.error());
    const auto committed = tables.services().store.commit(std::move(*batch));
    if (!committed) return fail(committed.error());
    tell(result, committed->revision, failed);
    return {};
  });
}

intray_status INTRAY_CC commit_then(const intray_host* host, const intray_call* call,
                                    intray_str customer, const intray_op* const* ops,
                                    std::uint32_t count, intray_commit_done done, void* user,
                                    intray_error* error) noexcept {
  return guard(error, [&]() -> Result<void> {
    auto& tables = HostTables::of(host);
    std::uint32_t failed = UINT32_MAX;
    auto batch = batch_of(tables, call, view(customer), ops, count, &failed);
    if (!batch) return fail(batch.error());
    auto& pool = tables.services().pool;
    tables.services().store.commit_then(
        std::move(*batch), [&pool, done, user](const Result<store::Committed>& outcome) {
          const auto status = outcome ? INTRAY_OK : outcome.error().status;
          const auto revision = outcome ? outcome->revision : 0;
          const auto tell_plugin = [done, user, status, revision] {
            intray_commit_result told{};
            told.struct_size = sizeof told;
            tell(&told, revision, UINT32_MAX);
            done(user, status, &told);
          };
          // The writer's thread never runs plugin code; only a pool that is full makes it.
          if (!pool.post(tell_plugin)) tell_plugin();
        });
    return {};
  });
}

}  // namespace

const intray_host_store& store_table() {
  static const intray_host_store table = {sizeof table, 0, &get, &walk};
  return table;
}
const intray_host_commit& commit_table() {
  static const intray_host_commit table = {sizeof table, 0, &commit, &commit_then};
  return table;
}

}  // namespace intray::plugin
