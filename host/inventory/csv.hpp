// RFC 4180, strictly: records of a CSV text as views into it.
//
// Lines end in LF or CRLF, the last one may go without. A field is quoted as a whole or not at all;
// a quote inside quotes is doubled. Nothing is trimmed.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intray/result.hpp"

namespace intray::inventory {

inline constexpr std::size_t kFileBytesMax = 32U << 20U;
inline constexpr std::size_t kLineBytesMax = 4U << 10U;  // of a whole record
inline constexpr std::size_t kFieldsMax = 64;

struct Record {
  std::size_t line = 0;  // where it begins, counting from 1
  std::vector<std::string_view> fields;
};

/// Reads one record after another. Its views live as long as both the text and this object (a field
/// with doubled quotes is kept here), also after it was moved.
class Csv {
 public:
  /// INTRAY_E_TOO_LARGE  more than kFileBytesMax.
  /// INTRAY_E_INVALID    begins with a byte order mark, or holds a NUL.
  static Result<Csv> open(std::string_view text);

  /// The next record into `record`; false at the end. Reading on after an error is a bug.
  /// INTRAY_E_INVALID    a quote or a carriage return where none may be, or more than kFieldsMax
  ///                     fields; the message names the line.
  /// INTRAY_E_TOO_LARGE  the record is longer than kLineBytesMax.
  Result<bool> next(Record& record);

 private:
  explicit Csv(std::string_view text) : text_(text) {}

  Result<std::string_view> quoted_field();
  Result<std::string_view> plain_field();
  std::string_view without_doubled_quotes(std::string_view inside);
  bool at_end() const { return position_ == text_.size(); }
  bool at(char c) const { return !at_end() && text_[position_] == c; }
  bool skip_line_end();
  Failure broken(const std::string& what) const;

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  std::size_t record_begin_ = 0;
  std::deque<std::string> unescaped_;
};

}  // namespace intray::inventory
