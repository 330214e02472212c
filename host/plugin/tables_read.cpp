// inventory, mailbox, customer
#include "host/plugin/tables.hpp"

namespace intray::plugin {
namespace {

// One customer's rows as they are now, read before anything is visited.
template <class Read>
auto read_customer(HostTables& tables, intray_str customer, Read read)
    -> Result<decltype(read(std::declval<const store::CustomerView&>()))> {
  if (customer.size == 0 || !is_customer(view(customer))) {
    return fail(INTRAY_E_INVALID, "a customer id is missing or malformed");
  }
  const auto snapshot = tables.services().store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  return read(snapshot->customer(view(customer)));
}

struct SeenDevice {
  store::Device device;
  store::Presence presence;
};

SeenDevice seen(HostTables& tables, const store::CustomerView& customer, store::Device device) {
  const auto stored = customer.presence(device.device_id);
  const auto presence = tables.services().presence.read(device.device_id, stored);
  return {std::move(device), presence};
}

Result<void> visit_devices(const std::vector<SeenDevice>& devices, intray_device_visit visit,
                           void* user) {
  for (const auto& found : devices) {
    const auto device = borrow(found.device, found.presence);
    if (auto done = visited(visit(user, &device)); !done) return done;
  }
  return {};
}

intray_status INTRAY_CC find(const intray_host* host, intray_str customer, intray_str device_id,
                             intray_device_visit visit, void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto found = read_customer(tables, customer, [&](const store::CustomerView& rows) {
      std::vector<SeenDevice> devices;
      auto device = rows.device(view(device_id));
      if (device) devices.push_back(seen(tables, rows, std::move(*device)));
      return devices;
    });
    if (!found) return fail(found.error());
    if (found->empty()) {
      return fail(INTRAY_E_NOT_FOUND,
                  "customer " + copy(customer) + " holds no device " + copy(device_id));
    }
    return visit_devices(*found, visit, user);
  });
}

bool wanted(const intray_device_query& query, const store::Device& device) {
  if (query.vendor.size > 0 && view(query.vendor) != device.vendor) return false;
  return query.model_glob.size == 0 || glob_matches(view(query.model_glob), device.model);
}

std::vector<SeenDevice> page_of(HostTables& tables, const store::CustomerView& rows,
                                const intray_device_query& query) {
  const std::size_t limit = query.limit == 0 ? INTRAY_PAGE_ROWS_MAX : query.limit;
  std::vector<SeenDevice> devices;
  auto after = copy(query.after_device_id);
  while (devices.size() < limit) {
    auto page = rows.devices(after, store::kPageRowsMax);
    const bool last = page.size() < store::kPageRowsMax;
    if (!page.empty()) after = page.back().device_id;
    for (auto& device : page) {
      if (devices.size() == limit) break;
      if (wanted(query, device)) devices.push_back(seen(tables, rows, std::move(device)));
    }
    if (last) break;
  }
  return devices;
}

intray_status INTRAY_CC query(const intray_host* host, const intray_device_query* asked,
                              intray_device_visit visit, void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (asked == nullptr || !INTRAY_HAS(asked, intray_device_query, after_device_id) ||
        asked->limit > INTRAY_PAGE_ROWS_MAX) {
      return fail(INTRAY_E_INVALID, "the query is missing, too small, or its limit above 500");
    }
    const auto found = read_customer(
        tables, asked->customer_id,
        [&](const store::CustomerView& rows) { return page_of(tables, rows, *asked); });
    return found ? visit_devices(*found, visit, user) : fail(found.error());
  });
}

intray_status INTRAY_CC models(const intray_host* host, intray_str customer, intray_kv_visit visit,
                               void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto found = read_customer(tables, customer,
                                     [](const store::CustomerView& rows) { return rows.models(); });
    if (!found) return fail(found.error());
    for (const auto& held : *found) {
      const auto key = held.vendor + '\t' + held.model;
      const auto count = std::to_string(held.devices);
      const intray_kv pair{str(key), str(count)};
      if (auto done = visited(visit(user, &pair)); !done) return done;
    }
    return {};
  });
}

// When it was first handed out is known of the newest ones only: see store::Presence.
intray_mail borrow(const store::Mail& mail, const store::Presence& presence) {
  intray_mail out{};
  out.struct_size = sizeof out;
  out.sequence = mail.sequence;
  out.reference = str(mail.reference);
  out.type = str(mail.type);
  out.sent_unix_ns = mail.sent;
  out.fetched_unix_ns = mail.sequence <= presence.fetched_sequence ? presence.fetched_at : 0;
  out.visible_unix_ns = mail.visible;
  return out;
}

intray_status INTRAY_CC list(const intray_host* host, intray_str customer, intray_str device_id,
                             intray_mail_visit visit, void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (!is_id(view(device_id), 128)) return {};  // nobody holds such a device
    store::Presence presence;
    const auto mails = read_customer(tables, customer, [&](const store::CustomerView& rows) {
      presence = tables.services().presence.read(view(device_id), rows.presence(view(device_id)));
      return rows.mailbox(view(device_id), 0, INTRAY_PAGE_ROWS_MAX);
    });
    if (!mails) return fail(mails.error());
    for (const auto& mail : *mails) {
      const auto out = borrow(mail, presence);
      if (auto done = visited(visit(user, &out)); !done) return done;
    }
    return {};
  });
}

std::optional<std::string> setting(const Services& services, std::string_view customer,
                                   std::string_view key) {
  if (key == INTRAY_SETTING_POLLS_CONCURRENT_MAX) {
    return std::to_string(services.polls.limit());
  }
  const auto settings = services.store.settings(customer);
  if (key == INTRAY_SETTING_RETENTION) return settings.keep_acquired ? "keep" : "delete";
  if (key == INTRAY_SETTING_NOTICE) return settings.notice;
  if (key == INTRAY_SETTING_POLL_INTERVAL_S) return std::to_string(settings.poll_interval_s);
  if (key == INTRAY_SETTING_CODE_LIFE_S) return std::to_string(settings.code_life_s);
  if (key == INTRAY_SETTING_WAKE_SCHEME) return settings.wake_scheme;
  if (key == INTRAY_SETTING_WAKE_PORT) return std::to_string(settings.wake_port);
  return std::nullopt;
}

intray_status INTRAY_CC get(const intray_host* host, intray_str customer, intray_str key,
                            intray_kv_visit visit, void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto value = setting(tables.services(), view(customer), view(key));
    if (!value) return fail(INTRAY_E_NOT_FOUND, "there is no setting " + copy(key));
    const intray_kv pair{key, str(*value)};
    return visited(visit(user, &pair));
  });
}

}  // namespace

const intray_host_inventory& inventory_table() {
  static const intray_host_inventory table = {sizeof table, 0, &find, &query, &models};
  return table;
}
const intray_host_mailbox& mailbox_table() {
  static const intray_host_mailbox table = {sizeof table, 0, &list};
  return table;
}
const intray_host_customer& customer_table() {
  static const intray_host_customer table = {sizeof table, 0, &get};
  return table;
}

}  // namespace intray::plugin
