// What a person or a script sees: tables, JSON, errors in words, exit codes.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "host/cli/client.hpp"

namespace intray::cli {

/// The process's exit codes, a contract with scripts.
enum Exit : int {
  kOk = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kDenied = 5,
  kUnreachable = 6,
  kPartial = 7,
};

/// How to print.
struct Style {
  bool json = false;   // one JSON document on standard output, nothing else
  bool quiet = false;  // no hints
};

Exit exit_of(int http_status);

/// Prints why a call failed (the problem's title, detail and code) and returns the exit code. With
/// style.json the problem itself goes to standard output.
Exit explain(const Style& style, const Reply& reply);
Exit explain(const Style& style, const Error& error);

/// A table with aligned columns; nothing but `empty` when there are no rows.
void print_table(const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows, std::string_view empty);

/// "what to type next", on standard error, unless quiet.
void hint(const Style& style, const std::string& text);

/// The member as text: strings as they are, numbers and booleans spelled, lists joined by ", ",
/// absent or null as "". Control characters are shown as '?': a device's name must not steer the
/// terminal.
std::string text_of(const boost::json::value& object, std::string_view member);
std::string printable(std::string_view text);

/// Rows of {"items": [...]}, one cell a member.
std::vector<std::vector<std::string>> rows_of(const boost::json::value& list,
                                              const std::vector<std::string_view>& members);

/// The array `member` of an object, or an empty one. Of a temporary it is the reader's own, so that
/// a loop over it does not outlive what it walks.
const boost::json::array& items_of(const boost::json::value& object,
                                   std::string_view member = "items");
boost::json::array items_of(boost::json::value&& object, std::string_view member = "items");

}  // namespace intray::cli
