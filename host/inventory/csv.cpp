#include "host/inventory/csv.hpp"

namespace intray::inventory {

Result<Csv> Csv::open(std::string_view text) {
  if (text.size() > kFileBytesMax) {
    return fail(INTRAY_E_TOO_LARGE, "the file has " + std::to_string(text.size()) +
                                        " bytes, at most " + std::to_string(kFileBytesMax) +
                                        " are taken: import the customers in several files");
  }
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    return fail(INTRAY_E_INVALID,
                "line 1: the file begins with a byte order mark: save it as UTF-8 without one");
  }
  if (text.find('\0') != std::string_view::npos) {
    return fail(INTRAY_E_INVALID, "the file holds a NUL byte: it is no CSV text in UTF-8");
  }
  return Csv(text);
}

Failure Csv::broken(const std::string& what) const {
  return fail(INTRAY_E_INVALID, "line " + std::to_string(line_) + ": " + what);
}

bool Csv::skip_line_end() {
  const auto size = text_.substr(position_, 2) == "\r\n" ? 2U : at('\n') ? 1U : 0U;
  position_ += size;
  line_ += size != 0 ? 1 : 0;
  return size != 0;
}

Result<bool> Csv::next(Record& record) {
  record.fields.clear();
  record.line = line_;
  record_begin_ = position_;
  if (at_end()) return false;
  for (;;) {
    const auto field = at('"') ? quoted_field() : plain_field();
    if (!field) return fail(field.error());
    if (record.fields.size() == kFieldsMax) {
      return broken("more than " + std::to_string(kFieldsMax) + " fields");
    }
    record.fields.push_back(*field);
    if (position_ - record_begin_ > kLineBytesMax) {
      return fail(INTRAY_E_TOO_LARGE, "line " + std::to_string(record.line) + ": longer than " +
                                          std::to_string(kLineBytesMax) + " bytes");
    }
    if (at_end() || skip_line_end()) return true;
    if (!at(',')) return broken("text after a closing quote: quote the whole field");
    ++position_;
  }
}

Result<std::string_view> Csv::plain_field() {
  auto end = text_.find_first_of(",\r\n\"", position_);
  if (end == std::string_view::npos) end = text_.size();
  const auto field = text_.substr(position_, end - position_);
  position_ = end;
  if (at('"')) return broken("a bare quote: quote the whole field and double the quote in it");
  if (at('\r') && text_.substr(position_, 2) != "\r\n") {
    return broken("a carriage return that ends no line");
  }
  return field;
}

Result<std::string_view> Csv::quoted_field() {
  const auto begin = ++position_;
  bool doubled = false;
  for (;; ++position_) {
    if (at_end() || position_ - record_begin_ > kLineBytesMax) {
      return broken("a quoted field is not closed within " + std::to_string(kLineBytesMax) +
                    " bytes of its line's begin");
    }
    if (at('\n')) ++line_;
    if (!at('"')) continue;
    if (text_.substr(position_, 2) != "\"\"") break;
    doubled = true;
    ++position_;
  }
  const auto inside = text_.substr(begin, position_ - begin);
  ++position_;
  return doubled ? without_doubled_quotes(inside) : inside;
}

std::string_view Csv::without_doubled_quotes(std::string_view inside) {
  auto& kept = unescaped_.emplace_back();
  for (std::size_t i = 0; i < inside.size(); ++i) {
    kept += inside[i];
    if (inside[i] == '"') ++i;
  }
  return kept;
}

}  // namespace intray::inventory
