// The rows of an inventory file: columns found, values checked, each refusal in words.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/inventory/csv.hpp"
#include "intray/result.hpp"

namespace intray::inventory {

inline constexpr std::size_t kRowsMax = 500'000;
inline constexpr std::size_t kCustomerBytesMax = 64;
inline constexpr std::size_t kDeviceIdBytesMax = 128;
inline constexpr std::size_t kTextBytesMax = 128;       // model, vendor, serial, firmware, name
inline constexpr std::size_t kListedRowsMax = 10'000;   // of each part of a diff; counts are whole
inline constexpr std::size_t kRequiredColumnCount = 4;  // the first of kColumnNames
inline constexpr std::array<std::string_view, 9> kColumnNames = {
    "customer", "model",    "device", "address",    "vendor",
    "serial",   "firmware", "name",   "performance"};

/// One device as the file has it (FIG. 2). Views into the text.
struct Row {
  std::string_view customer, model, device_id, address, vendor, serial, firmware, name;
  std::uint32_t performance = 0;
  std::uint32_t line = 0;
  bool rejected = false;  // its ids are sound, something else is not
};

/// A row that cannot be taken.
struct Rejected {
  std::size_t line = 0;
  std::string device_id;  // empty when it has no sound one
  std::string reason;     // names the value
};

/// Columns that a file may leave out; a change keeps what the store has there.
struct OptionalColumns {
  bool vendor = false, serial = false, firmware = false, name = false, performance = false;
};

/// The text of the file must outlive it.
struct Rows {
  Csv csv;                         // keeps some of the views' bytes
  std::vector<Row> rows;           // in order of the file
  OptionalColumns columns;         // those that it has
  std::vector<Rejected> rejected;  // the first kListedRowsMax
  std::size_t rejected_count = 0;

  void reject(std::size_t line, std::string_view device_id, std::string reason);
};

/// INTRAY_E_INVALID    it is no CSV (see Csv), a column is unknown, named twice or missing, or
/// there
///                     are no rows; the message names line and column.
/// INTRAY_E_TOO_LARGE  a limit of Csv, or more than kRowsMax rows.
/// Rows with wrong values, or a device id that an earlier row has, are in `rejected`.
Result<Rows> read_rows(std::string_view csv);

}  // namespace intray::inventory
