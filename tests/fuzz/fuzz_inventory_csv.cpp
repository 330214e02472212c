// Any bytes as an inventory file: refused in printable words, or rows that keep every promise.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "host/inventory/address.hpp"
#include "host/inventory/rows.hpp"
#include "host/inventory/text.hpp"

namespace intray::inventory {
namespace {

bool is_printable(std::string_view words) {
  return !words.empty() &&
         std::all_of(words.begin(), words.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// What a writer would write, read back, is the same.
void check_quoting(const Record& record) {
  std::string text;
  for (const auto field : record.fields) {
    text += text.empty() ? "\"" : ",\"";
    for (const char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  auto csv = Csv::open(text);
  Record again;
  // Quotes make a record longer, so that it may pass the limit.
  const auto more = csv->next(again);
  if (more && again.fields != record.fields) std::abort();
  if (!more && text.size() <= kLineBytesMax) std::abort();
}

void check_records(std::string_view text) {
  auto csv = Csv::open(text);
  if (!csv) return;
  std::size_t line = 0;
  for (Record record;;) {
    const auto more = csv->next(record);
    if (!more && !is_printable(more.error().message)) std::abort();
    if (!more || !*more) return;
    if (record.line <= line || record.fields.empty() || record.fields.size() > kFieldsMax) {
      std::abort();
    }
    line = record.line;
    check_quoting(record);
  }
}

void check_rows(std::string_view text) {
  const auto rows = read_rows(text);
  if (!rows) {
    if (!is_printable(rows.error().message)) std::abort();
    return;
  }
  for (const auto& rejected : rows->rejected) {
    if (!is_printable(rejected.reason) || rejected.line < 2) std::abort();
  }
  std::set<std::string_view> ids;
  for (const auto& row : rows->rows) {
    if (row.rejected) continue;
    const bool is_sound = is_id(row.customer, kCustomerBytesMax) &&
                          is_id(row.device_id, kDeviceIdBytesMax) && !row.model.empty() &&
                          is_text(row.model, kTextBytesMax) && is_text(row.name, kTextBytesMax) &&
                          wrong_with_address(row.address).empty();
    if (!is_sound || !ids.insert(row.device_id).second) std::abort();
  }
}

}  // namespace
}  // namespace intray::inventory

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  intray::inventory::check_records(bytes);
  intray::inventory::check_rows(bytes);
  // Most bytes are no header: give the rest of the reader something to do.
  const auto with_header = "customer,model,device,address,name,performance\n" + std::string(bytes);
  intray::inventory::check_rows(with_header);
  return 0;
}
