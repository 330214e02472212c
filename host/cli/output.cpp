#include "host/cli/output.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <iostream>

namespace intray::cli {
namespace {

// Columns on a terminal: continuation bytes of UTF-8 take none. Wide characters are rare in ids.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 < cells.size()) line.append(widths[i] - width_of(cells[i]) + 2, ' ');
  }
  std::cout << line << '\n';
}

std::string spelled(const boost::json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_array()) {
    std::string joined;
    for (const auto& element : value.get_array()) {
      if (!joined.empty()) joined += ", ";
      joined += spelled(element);
    }
    return joined;
  }
  return boost::json::serialize(value);
}

}  // namespace

Exit exit_of(int http_status) {
  if (http_status >= 200 && http_status < 300) return kOk;
  switch (http_status) {
    case 401:
    case 403:
      return kDenied;
    case 404:
    case 410:
      return kNotFound;
    case 409:
      return kConflict;
    case 502:
    case 503:
    case 504:
      return kUnreachable;
    default:
      return kFailed;
  }
}

Exit explain(const Style& style, const Reply& reply) {
  if (style.json) {
    std::cout << reply.body << '\n';
    return exit_of(reply.status);
  }
  const auto title = text_of(reply.json, "title");
  std::cerr << "intray: "
            << (title.empty() ? "the host answered " + std::to_string(reply.status) : title);
  const auto detail = text_of(reply.json, "detail");
  if (!detail.empty()) std::cerr << ": " << detail;
  const auto code = text_of(reply.json, "code");
  if (!code.empty()) std::cerr << " [" << code << ']';
  std::cerr << '\n';
  for (const auto& device : items_of(reply.json, "devices")) {
    std::cerr << "  " << text_of(device, "device_id") << "  " << text_of(device, "reason") << '\n';
  }
  return exit_of(reply.status);
}

Exit explain(const Style& style, const Error& error) {
  if (style.json) {
    std::cout << boost::json::serialize(boost::json::object{
                     {"title", error.status == INTRAY_E_UNAVAILABLE ? "unreachable" : "failed"},
                     {"detail", error.message}})
              << '\n';
  } else {
    std::cerr << "intray: " << printable(error.message) << '\n';
  }
  return error.status == INTRAY_E_INVALID       ? kUsage
         : error.status == INTRAY_E_UNAVAILABLE ? kUnreachable
                                                : kFailed;
}

void print_table(const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows, std::string_view empty) {
  if (rows.empty()) {
    std::cout << empty << '\n';
    return;
  }
  std::vector<std::size_t> widths;
  for (const auto& cell : header) widths.push_back(width_of(cell));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  print_row(header, widths);
  for (const auto& row : rows) print_row(row, widths);
}

void hint(const Style& style, const std::string& text) {
  if (!style.json && !style.quiet) std::cerr << text << '\n';
}

std::string printable(std::string_view text) {
  std::string shown(text);
  for (auto& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return shown;
}

std::string text_of(const boost::json::value& object, std::string_view member) {
  const auto* fields = object.if_object();
  if (fields == nullptr) return {};
  const auto* value = fields->if_contains(member);
  return value == nullptr ? std::string() : printable(spelled(*value));
}

const boost::json::array& items_of(const boost::json::value& object, std::string_view member) {
  static const boost::json::array none;
  const auto* fields = object.if_object();
  const auto* value = fields == nullptr ? nullptr : fields->if_contains(member);
  const auto* items = value == nullptr ? nullptr : value->if_array();
  return items == nullptr ? none : *items;
}

std::vector<std::vector<std::string>> rows_of(const boost::json::value& list,
                                              const std::vector<std::string_view>& members) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : items_of(list)) {
    auto& row = rows.emplace_back();
    for (const auto member : members) row.push_back(text_of(item, member));
  }
  return rows;
}

boost::json::array items_of(boost::json::value&& object, std::string_view member) {
  const auto& kept = object;
  return items_of(kept, member);
}

}  // namespace intray::cli
