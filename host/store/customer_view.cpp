#include "host/store/describe.hpp"
#include "host/store/keys.hpp"
#include "host/store/reader.hpp"
#include "host/store/snapshot.hpp"

namespace intray::store {

using keys::Table;

namespace {

std::vector<OwnRow> raw_rows(const Reader& reader, const std::string& base, std::string_view prefix,
                             std::string_view after, std::size_t limit) {
  std::vector<OwnRow> rows;
  Walk walk(reader.rows(), base + std::string(prefix),
            after.empty() ? std::string() : base + std::string(after));
  while (rows.size() < limit) {
    const auto more = walk.next();
    if (!more) {
      reader.note_corruption(more.error().message);
      if (walk.key().empty()) break;
      continue;
    }
    if (!*more) break;
    rows.push_back({std::string(walk.key().substr(base.size())), std::string(walk.row().payload),
                    walk.row().revision});
  }
  return rows;
}

std::optional<OwnRow> raw_row(const Reader& reader, const std::string& base, std::string_view key) {
  const auto row = reader.rows().get(base + std::string(key));
  if (!row) {
    reader.note_corruption(row.error().message);
    return std::nullopt;
  }
  if (!*row) return std::nullopt;
  return OwnRow{std::string(key), std::string((*row)->payload), (*row)->revision};
}

}  // namespace

CustomerView::CustomerView(const Reader& reader, std::string customer)
    : reader_(&reader), customer_(std::move(customer)) {}

bool CustomerView::known() const {
  return read<CustomerState>(*reader_, keys::key(Table::kState, customer_)).has_value();
}

std::optional<Device> CustomerView::device(std::string_view device_id) const {
  return read<Device>(*reader_, keys::key(Table::kDevice, customer_, device_id));
}

std::vector<Device> CustomerView::devices(std::string_view after, std::size_t limit) const {
  const auto after_key =
      after.empty() ? std::string() : keys::key(Table::kDevice, customer_, after);
  return page<Device>(*reader_, keys::prefix(Table::kDevice, customer_), after_key, limit);
}

std::uint64_t CustomerView::device_count() const {
  const auto state = read<CustomerState>(*reader_, keys::key(Table::kState, customer_));
  return state ? state->devices : 0;
}

std::vector<CustomerView::ModelCount> CustomerView::models() const {
  std::vector<ModelCount> models;
  each<Number>(*reader_, keys::prefix(Table::kModel, customer_), {},
               [&](const Number& count, const Walk& walk) {
                 const auto names = walk.suffix();
                 const auto end = names.find('\0');
                 models.push_back({std::string(names.substr(0, end)),
                                   std::string(names.substr(end + 1)), count.value});
                 return true;
               });
  return models;
}

Presence CustomerView::presence(std::string_view device_id) const {
  return read<Presence>(*reader_, keys::key(Table::kPresence, customer_, device_id))
      .value_or(Presence());
}

std::vector<Mail> CustomerView::mailbox(std::string_view device_id, UnixNs now,
                                        std::size_t limit) const {
  std::vector<Mail> mails;
  if (limit == 0) return mails;
  each<Mail>(*reader_, keys::prefix(Table::kMail, customer_, device_id), {},
             [&](Mail mail, const Walk&) {
               if (now <= 0 || mail.visible <= now) mails.push_back(std::move(mail));
               return mails.size() < limit;
             });
  return mails;
}

std::optional<Mail> CustomerView::mail(std::string_view device_id, std::uint64_t sequence) const {
  return read<Mail>(*reader_,
                    keys::key(Table::kMail, customer_, device_id, keys::big_endian(sequence)));
}

std::vector<Mail> CustomerView::mailboxes(std::string_view after_device,
                                          std::uint64_t after_sequence, std::size_t limit) const {
  const auto after = after_device.empty() ? std::string()
                                          : keys::key(Table::kMail, customer_, after_device,
                                                      keys::big_endian(after_sequence));
  return page<Mail>(*reader_, keys::prefix(Table::kMail, customer_), after, limit);
}

std::vector<Acquired> CustomerView::acquired(std::string_view device_id, std::size_t limit) const {
  return page<Acquired>(*reader_, keys::prefix(Table::kAcquired, customer_, device_id), {}, limit);
}

std::optional<Entitlement> CustomerView::entitlement(std::string_view service,
                                                     std::string_view device_id) const {
  return read<Entitlement>(*reader_, keys::key(Table::kEntitlement, customer_, service, device_id));
}

std::vector<Entitlement> CustomerView::entitlements(std::string_view service,
                                                    std::string_view after_service,
                                                    std::string_view after_device,
                                                    std::size_t limit) const {
  const auto prefix = service.empty() ? keys::prefix(Table::kEntitlement, customer_)
                                      : keys::prefix(Table::kEntitlement, customer_, service);
  const auto after = after_service.empty()
                         ? std::string()
                         : keys::key(Table::kEntitlement, customer_, after_service, after_device);
  return page<Entitlement>(*reader_, prefix, after, limit);
}

ServiceCounts CustomerView::counts(std::string_view service) const {
  return read<ServiceCounts>(*reader_, keys::key(Table::kCounts, customer_, service))
      .value_or(ServiceCounts());
}

std::vector<LogRow> CustomerView::log(std::uint64_t since, std::size_t limit) const {
  return page<LogRow>(*reader_, keys::prefix(Table::kLog, customer_),
                      keys::key(Table::kLog, customer_, keys::big_endian(since)), limit);
}

std::uint64_t CustomerView::oldest_log_sequence() const {
  const auto rows = log(0, 1);
  return rows.empty() ? 0 : rows.front().sequence;
}

std::uint64_t CustomerView::newest_log_sequence() const {
  const auto state = read<CustomerState>(*reader_, keys::key(Table::kState, customer_));
  return state ? state->last_log_sequence : 0;
}

std::optional<OwnRow> CustomerView::own(std::string_view owner, std::string_view key) const {
  return raw_row(*reader_, keys::prefix(Table::kOwn, customer_, owner), key);
}

std::vector<OwnRow> CustomerView::own_walk(std::string_view owner, std::string_view prefix,
                                           std::string_view after_key, std::size_t limit) const {
  return raw_rows(*reader_, keys::prefix(Table::kOwn, customer_, owner), prefix, after_key, limit);
}

Tries CustomerView::tries(std::string_view device_id, std::string_view service) const {
  return read<Tries>(*reader_, keys::key(Table::kTries, customer_, device_id, service))
      .value_or(Tries());
}

std::optional<OwnRow> CustomerView::host_row(std::string_view key) const {
  return raw_row(*reader_, keys::prefix(Table::kHostRow, customer_), key);
}

std::vector<OwnRow> CustomerView::host_rows(std::string_view prefix, std::string_view after_key,
                                            std::size_t limit) const {
  return raw_rows(*reader_, keys::prefix(Table::kHostRow, customer_), prefix, after_key, limit);
}

}  // namespace intray::store
