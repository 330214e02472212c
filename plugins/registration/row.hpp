// Reading one stored row: JSON of version 1. Anything missing, of another type or out of its range
// makes the row unreadable as a whole; it is never guessed at.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <intray/platform.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/registration/scratch.hpp"

namespace intray::registration {

/// No row counts further: every JSON reader is exact up to here, and sums of counts fit 64 bits.
inline constexpr std::uint64_t kCountMax = (std::uint64_t{1} << 53U) - 1;
/// The latest time of a row, in unix ns (year 2255): any setting's span may still be added to it.
inline constexpr std::int64_t kTimeMaxNs = 9'000'000'000'000'000'000;

/// A whole number of 0..max; nothing when the value is another one, or none.
std::optional<std::uint64_t> whole_number(const boost::json::value& value, std::uint64_t max);

/// Borrows the row.
class Row {
 public:
  explicit Row(const StoredRow& row);

  /// The parts of the key lie between spaces; 0 is the table. Empty when there is no such part.
  std::string key_part(std::size_t index) const;
  /// The row is readable only under this key: the one that what was read from it is written under.
  void expect_key(std::string_view key);

  std::string text(std::string_view member);
  std::vector<std::string> texts(std::string_view member);
  std::uint64_t number(std::string_view member, std::uint64_t max = kCountMax);
  /// Unix ns, of 0..kTimeMaxNs.
  std::int64_t time(std::string_view member);
  bool flag(std::string_view member);
  const boost::json::array& array(std::string_view member);

  /// Was everything that was asked for there?
  bool readable() const { return readable_; }
  /// INTRAY_E_INTERNAL that names the row.
  Failure unreadable() const;

 private:
  const boost::json::value& at(std::string_view member);

  const StoredRow& row_;
  Scratch scratch_;  // before what lies in it
  boost::json::object fields_{scratch_.storage()};
  bool readable_ = true;
};

}  // namespace intray::registration
