// store, commit
#include <algorithm>
#include <cassert>

#include "host/plugin/instance.hpp"
#include "host/plugin/tables.hpp"

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

constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kDonesMax = 4096;  // commits of one plugin that may wait

// One page of the store that a plugin named, as rows.
struct Page {
  const std::string& plugin_id;
  std::uint32_t store;
  std::string_view prefix, after;
  std::size_t limit;

  std::vector<store::OwnRow> read(const store::CustomerView& view) const {
    if (store == INTRAY_STORE_OWN) return view.own_walk(plugin_id, prefix, after, limit);
    return store == INTRAY_STORE_MAILBOX ? mailboxes(view) : entitlements(view);
  }

 private:
  // Walks start strictly after a key, so at one just before the prefix; rows between are stepped
  // over, and one behind the prefix ends the page.
  std::string_view start() const {
    return prefix > after ? prefix.substr(0, prefix.size() - 1) : after;
  }
  bool is_behind(const std::string& key) const { return key > prefix && key.rfind(prefix, 0) != 0; }
  bool fits(const std::string& key) const { return key.rfind(prefix, 0) == 0 && key > after; }

  std::vector<store::OwnRow> mailboxes(const store::CustomerView& view) const {
    std::vector<store::OwnRow> rows;
    auto [device, sequence] = split(start());
    auto number = number_of(sequence);
    for (;;) {
      const auto mails = view.mailboxes(device, number, store::kPageRowsMax);
      for (const auto& mail : mails) {
        auto key = mailbox_key(mail);
        if (rows.size() == limit || is_behind(key)) return rows;
        if (fits(key)) rows.push_back({std::move(key), mail.payload, 1});
      }
      if (mails.size() < store::kPageRowsMax) return rows;
      device = mails.back().device_id;
      number = mails.back().sequence;
    }
  }

  std::vector<store::OwnRow> entitlements(const store::CustomerView& view) const {
    std::vector<store::OwnRow> rows;
    auto [service, device] = split(start());
    for (;;) {
      const auto found = view.entitlements({}, service, device, store::kPageRowsMax);
      for (const auto& row : found) {
        auto key = row.service + '\0' + row.device_id;
        if (rows.size() == limit || is_behind(key)) return rows;
        if (fits(key)) rows.push_back({std::move(key), row.answer, 1});
      }
      if (found.size() < store::kPageRowsMax) return rows;
      service = found.back().service;
      device = found.back().device_id;
    }
  }
};

// The one row of exactly this key.
std::optional<store::OwnRow> row_of(const store::CustomerView& customer,
                                    const std::string& plugin_id, std::uint32_t store,
                                    std::string_view key) {
  if (store == INTRAY_STORE_OWN) return customer.own(plugin_id, key);
  const auto [first, second] = split(key);
  if (store == INTRAY_STORE_ENTITLEMENT) {
    const auto row = customer.entitlement(first, second);
    return row ? std::optional(store::OwnRow{std::string(key), row->answer, 1}) : std::nullopt;
  }
  const auto mail = customer.mail(first, number_of(second));
  if (!mail || mailbox_key(*mail) != key) return std::nullopt;
  return store::OwnRow{std::string(key), mail->payload, 1};
}

Result<void> check_read(std::string_view customer, std::uint32_t store) {
  if (store < INTRAY_STORE_OWN || store > INTRAY_STORE_ENTITLEMENT) {
    return fail(INTRAY_E_INVALID, "store " + std::to_string(store) + " is not known");
  }
  if (!is_customer(customer)) return fail(INTRAY_E_INVALID, "a malformed customer id");
  return {};
}

Result<void> visit_all(const std::vector<store::OwnRow>& rows, intray_value_visit visit,
                       void* user) {
  for (const auto& row : rows) {
    auto done = visited(visit(user, str(row.key), bytes(row.value), row.revision));
    if (!done) return done;
  }
  return {};
}

intray_status INTRAY_CC get(const intray_host* host, intray_str customer, std::uint32_t store,
                            intray_str key, std::uint64_t snapshot, intray_value_visit visit,
                            void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (auto valid = check_read(view(customer), store); !valid) return valid;
    std::vector<store::OwnRow> rows;
    const auto read = with_snapshot(tables.services(), snapshot, [&](const store::Snapshot& s) {
      if (key.size == 0 || key.size > kKeyBytesMax) return;  // there cannot be such a row
      auto row = row_of(s.customer(view(customer)), tables.info().id, store, view(key));
      if (row) rows.push_back(std::move(*row));
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
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (auto valid = check_read(view(customer), store); !valid) return valid;
    if (limit > INTRAY_PAGE_ROWS_MAX || prefix.size > kKeyBytesMax ||
        after_key.size > kKeyBytesMax) {
      return fail(INTRAY_E_INVALID, "a limit above 500, or a key above 255 bytes");
    }
    const Page page{tables.info().id, store, view(prefix), view(after_key),
                    limit == 0 ? INTRAY_PAGE_ROWS_MAX : limit};
    std::vector<store::OwnRow> rows;
    const auto read = with_snapshot(tables.services(), snapshot, [&](const store::Snapshot& s) {
      rows = page.read(s.customer(view(customer)));
    });
    return read ? visit_all(rows, visit, user) : read;
  });
}

// A batch, and which of the plugin's operations each of its own came from.
using Origins = std::vector<std::uint32_t>;
struct Checked {
  store::Batch batch;
  Origins origins;
};

std::uint32_t failed_of(const Origins& origins, const store::Outcome& outcome) {
  const auto failed = outcome ? store::Outcome::kNoOperation : outcome.failed_operation;
  return failed < origins.size() ? origins[failed] : UINT32_MAX;
}

// The batch of a call, checked: principal and customer come from the call.
Result<Checked> batch_of(const HostTables& tables, const intray_call* call,
                         std::string_view customer, const intray_op* const* ops,
                         std::uint32_t count, std::uint32_t* failed) {
  const auto context = tables.services().calls.find(call);
  if (context == nullptr) {
    return fail(INTRAY_E_INVALID, "a commit needs the call that it serves, while that runs");
  }
  if (!is_customer(customer)) return fail(INTRAY_E_INVALID, "a malformed customer id");
  if (!context->customer.empty() && context->customer != customer) {
    return fail(INTRAY_E_DENIED,
                "a call of customer " + context->customer + " may not write rows of another one");
  }
  if (count > INTRAY_OPS_MAX) return fail(INTRAY_E_TOO_LARGE, "more than 2,000 operations");
  if (count > 0 && ops == nullptr) return fail(INTRAY_E_INVALID, "the operations are missing");
  Checked checked{{std::string(customer), context->principal, {}}, {}};
  for (std::uint32_t i = 0; i < count; ++i) {
    *failed = i;
    auto operation = translate(tables.sender(), *context, ops[i]);
    if (!operation) return fail(operation.error());
    if (!*operation) continue;
    checked.origins.push_back(i);
    checked.batch.operations.push_back(std::move(**operation));
  }
  *failed = UINT32_MAX;
  return checked;
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
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    std::uint32_t failed = UINT32_MAX;
    auto checked = batch_of(tables, call, view(customer), ops, count, &failed);
    tell(result, 0, failed);
    if (!checked) return fail(checked.error());
    const auto outcome = tables.services().store.commit(std::move(checked->batch));
    tell(result, outcome ? outcome->revision : 0, failed_of(checked->origins, outcome));
    return outcome ? Result<void>() : fail(outcome.error());
  });
}

// Calls done, on a worker: the writer's thread never runs plugin code.
void deliver(HostTables& tables, const store::Outcome& outcome, std::uint32_t failed,
             intray_commit_done done, void* user) {
  const auto status = outcome ? INTRAY_OK : outcome.error().status;
  const auto revision = outcome ? outcome->revision : 0;
  const bool posted = tables.services().pool.post([&tables, status, revision, failed, done, user] {
    intray_commit_result told{};
    told.struct_size = sizeof told;
    tell(&told, revision, failed);
    if (const auto instance = tables.services().instance(tables.info().id)) {
      instance->finish([&] { done(user, status, &told); });
    }
    tables.dones().leave();
  });
  assert(posted && "the pool outlives every commit, and its queue takes all that may wait");
}

intray_status INTRAY_CC commit_then(const intray_host* host, const intray_call* call,
                                    intray_str customer, const intray_op* const* ops,
                                    std::uint32_t count, intray_commit_done done, void* user,
                                    intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (done == nullptr) return fail(INTRAY_E_INVALID, "done is missing");
    std::uint32_t failed = UINT32_MAX;
    auto checked = batch_of(tables, call, view(customer), ops, count, &failed);
    if (!checked) return fail(checked.error());
    if (tables.dones().inside() >= kDonesMax) {
      return fail(INTRAY_E_BUSY, "too many commits of the plugin wait");
    }
    if (!tables.dones().enter()) return fail(INTRAY_E_BAD_STATE, "the plugin is being stopped");
    tables.services().store.commit_then(
        std::move(checked->batch), [&tables, origins = std::move(checked->origins), done,
                                    user](const store::Outcome& outcome) {
          deliver(tables, outcome, failed_of(origins, outcome), done, user);
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
