// Which column of an inventory file holds what.
#pragma once

#include <array>
#include <cstddef>

#include "host/inventory/rows.hpp"

namespace intray::inventory {

/// The place of each of kColumnNames in a record.
struct Columns {
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
  std::array<std::size_t, kColumnNames.size()> place;
  std::size_t count = 0;  // of fields in each record

  bool has(std::size_t column) const { return place[column] != kAbsent; }
};

/// From the header record.
/// INTRAY_E_INVALID  a column is unknown (the message names the closest known one), named twice, or
///                   a required one is missing.
Result<Columns> columns_of(const Record& header);

}  // namespace intray::inventory
