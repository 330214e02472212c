// Reading one stored row: JSON of version 1. Anything missing or of another type makes the row
// unreadable as a whole; it is never guessed at.
#pragma once

#include <boost/json.hpp>
#include <intray/platform.hpp>
#include <string>
#include <string_view>

namespace intray::registration {

/// Borrows the row.
class Row {
 public:
  explicit Row(const StoredRow& row);

  /// The parts of the key lie between spaces; 0 is the table. Empty when there is no such part.
  std::string key_part(std::size_t index) const;
  std::string text(std::string_view member);
  std::int64_t number(std::string_view member);
  std::uint64_t unsigned_number(std::string_view member);
  bool flag(std::string_view member);
  const boost::json::array& array(std::string_view member);

  /// Was everything that was asked for there?
  bool readable() const { return readable_; }
  /// INTRAY_E_INTERNAL that names the row.
  Failure unreadable() const;

 private:
  const boost::json::value& at(std::string_view member);

  const StoredRow& row_;
  boost::json::object fields_;
  bool readable_ = true;
};

}  // namespace intray::registration
