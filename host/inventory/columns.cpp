#include "host/inventory/columns.hpp"

#include <algorithm>
#include <numeric>

#include "host/inventory/text.hpp"

namespace intray::inventory {
namespace {

// Levenshtein: how many characters to add, drop or replace.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string_view closest_to(std::string_view name) {
  name = name.substr(0, kTextBytesMax);
  return *std::min_element(kColumnNames.begin(), kColumnNames.end(), [name](auto a, auto b) {
    return distance(a, name) < distance(b, name);
  });
}

Failure wrong_header(const std::string& what) { return fail(INTRAY_E_INVALID, "line 1: " + what); }

}  // namespace

Result<Columns> columns_of(const Record& header) {
  Columns columns;
  columns.place.fill(Columns::kAbsent);
  columns.count = header.fields.size();
  for (std::size_t place = 0; place < columns.count; ++place) {
    const auto name = header.fields[place];
    const auto found = std::find(kColumnNames.begin(), kColumnNames.end(), name);
    if (found == kColumnNames.end()) {
      return wrong_header("unknown column " + shown(name) + ": did you mean '" +
                          std::string(closest_to(name)) + "'?");
    }
    auto& known = columns.place[static_cast<std::size_t>(found - kColumnNames.begin())];
    if (known != Columns::kAbsent) return wrong_header("column " + shown(name) + " is named twice");
    known = place;
  }
  for (std::size_t column = 0; column < kRequiredColumnCount; ++column) {
    if (columns.has(column)) continue;
    return wrong_header("column '" + std::string(kColumnNames[column]) +
                        "' is missing: the header begins customer,model,device,address");
  }
  return columns;
}

}  // namespace intray::inventory
