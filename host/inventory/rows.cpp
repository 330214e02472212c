#include "host/inventory/rows.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "host/inventory/address.hpp"
#include "host/inventory/columns.hpp"
#include "host/inventory/text.hpp"

namespace intray::inventory {
namespace {

constexpr std::size_t kPerformance = 8;  // in kColumnNames

std::string_view field(const Columns& columns, const Record& record, std::size_t column) {
  return columns.has(column) ? record.fields[columns.place[column]] : std::string_view();
}

Row row_of(const Columns& columns, const Record& record) {
  const auto get = [&](std::size_t column) { return field(columns, record, column); };
  Row row;
  row.customer = get(0), row.model = get(1), row.device_id = get(2), row.address = get(3);
  row.vendor = get(4), row.serial = get(5), row.firmware = get(6), row.name = get(7);
  row.line = static_cast<std::uint32_t>(record.line);
  return row;
}

std::string wrong_with_ids(const Row& row) {
  const auto wrong = [](std::string_view what, std::string_view id, std::size_t bytes_max) {
    return std::string(what) + ' ' + shown(id) + " is no id: 1 to " + std::to_string(bytes_max) +
           " letters, digits and . _ : -, the first a letter or digit";
  };
  if (!is_id(row.customer, kCustomerBytesMax)) {
    return wrong("customer", row.customer, kCustomerBytesMax);
  }
  if (!is_id(row.device_id, kDeviceIdBytesMax)) {
    return wrong("device", row.device_id, kDeviceIdBytesMax);
  }
  return {};
}

// Sets the row's performance, too: a whole number, empty = not known.
std::string wrong_with_values(Row& row, std::string_view performance) {
  if (row.model.empty()) return "the model is missing";
  const std::pair<std::string_view, std::string_view> texts[] = {{"model", row.model},
                                                                 {"vendor", row.vendor},
                                                                 {"serial", row.serial},
                                                                 {"firmware", row.firmware},
                                                                 {"name", row.name}};
  for (const auto& [what, text] : texts) {
    if (is_text(text, kTextBytesMax)) continue;
    return std::string(what) + ' ' + shown(text) + " is not at most " +
           std::to_string(kTextBytesMax) +
           " bytes of printable UTF-8 that neither begin nor end with a space";
  }
  if (auto wrong = wrong_with_address(row.address); !wrong.empty()) {
    return "address " + shown(row.address) + ' ' + wrong;
  }
  if (performance.empty()) return {};
  const auto* end = performance.data() + performance.size();
  const auto parsed = std::from_chars(performance.data(), end, row.performance);
  if (parsed.ec == std::errc() && parsed.ptr == end) return {};
  return "performance " + shown(performance) + " is no whole number of 0 to 4294967295";
}

void take(Rows& rows, const Columns& columns, const Record& record) {
  if (record.fields.size() != columns.count) {
    const bool blank = record.fields.size() == 1 && record.fields[0].empty();
    rows.reject(record.line, "",
                blank ? "the line is empty"
                      : "the line has " + std::to_string(record.fields.size()) +
                            " fields, the header names " + std::to_string(columns.count));
    return;
  }
  auto row = row_of(columns, record);
  if (auto wrong = wrong_with_ids(row); !wrong.empty()) {
    const bool has_id = is_id(row.device_id, kDeviceIdBytesMax);
    rows.reject(record.line, has_id ? row.device_id : std::string_view(), std::move(wrong));
    return;
  }
  auto wrong = wrong_with_values(row, field(columns, record, kPerformance));
  row.rejected = !wrong.empty();
  if (row.rejected) rows.reject(record.line, row.device_id, std::move(wrong));
  rows.rows.push_back(row);
}

// Of several rows with one device id the first counts.
void reject_repeated(Rows& rows) {
  std::vector<std::uint32_t> order(rows.rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&rows](auto a, auto b) {
    const int compared = rows.rows[a].device_id.compare(rows.rows[b].device_id);
    return compared != 0 ? compared < 0 : a < b;
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const auto& before = rows.rows[order[i - 1]];
    auto& row = rows.rows[order[i]];
    if (row.device_id != before.device_id) continue;
    if (!row.rejected) {
      rows.reject(row.line, row.device_id,
                  "device " + shown(row.device_id) + " is in line " + std::to_string(before.line) +
                      " already: a device id is in the file once");
    }
    row.rejected = true;
  }
}

}  // namespace

void Rows::reject(std::size_t line, std::string_view device_id, std::string reason) {
  ++rejected_count;
  if (rejected.size() == kListedRowsMax) return;
  rejected.push_back({line, std::string(device_id), std::move(reason)});
}

Result<Rows> read_rows(std::string_view text) {
  auto csv = Csv::open(text);
  if (!csv) return fail(csv.error());
  Rows rows{std::move(*csv), {}, {}, {}, 0};
  Record record;
  const auto header = rows.csv.next(record);
  if (!header) return fail(header.error());
  const auto columns = columns_of(record);
  if (!columns) return fail(columns.error());
  rows.columns = {columns->has(4), columns->has(5), columns->has(6), columns->has(7),
                  columns->has(8)};
  for (std::size_t count = 0;; ++count) {
    const auto more = rows.csv.next(record);
    if (!more) return fail(more.error());
    if (!*more && count == 0) return fail(INTRAY_E_INVALID, "the file names no device");
    if (!*more) break;
    if (count == kRowsMax) {
      return fail(INTRAY_E_TOO_LARGE, "the file has more than " + std::to_string(kRowsMax) +
                                          " rows: import the customers in several files");
    }
    take(rows, *columns, record);
  }
  reject_repeated(rows);
  std::stable_sort(rows.rejected.begin(), rows.rejected.end(),
                   [](const Rejected& a, const Rejected& b) { return a.line < b.line; });
  return rows;
}

}  // namespace intray::inventory
