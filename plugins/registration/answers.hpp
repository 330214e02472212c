// What HTTP handlers share: strict bodies, pages, answers, problem documents (RFC 9457).
#pragma once

#include <boost/json.hpp>
#include <intray/routes.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace intray::registration {

/// The body as a JSON object with no members but these; an empty body is an empty object.
/// INTRAY_E_INVALID names what is wrong.
Result<boost::json::object> body_of(const HttpRequest& request,
                                    const std::vector<std::string_view>& members);
/// A member that is a string of 1..bytes_max bytes; empty when it is not there.
Result<std::string> text_member(const boost::json::object& body, std::string_view member,
                                std::size_t bytes_max);
/// A member that is a list of 1..count_max such strings, sorted, each once; empty when not there.
Result<std::vector<std::string>> list_member(const boost::json::object& body,
                                             std::string_view member, std::size_t count_max,
                                             std::size_t bytes_max);
Result<bool> flag_member(const boost::json::object& body, std::string_view member);

/// OK when each part of the query is one of `known`, "?after&limit" ("" = none is): ?dryrun=true
/// must not apply for real. INTRAY_E_INVALID names it otherwise.
Result<void> expect_query(const HttpRequest& request, std::string_view known);

/// Where a list goes on: ?after=...&limit=1..500.
struct Page {
  std::string after;
  std::uint32_t limit = 100;
};
Result<Page> page_of(const HttpRequest& request);
/// {"items":[...],"next":"..."|null}; next is where the following page starts, empty = the end.
HttpAnswer list_answer(boost::json::array items, std::string_view next);
HttpAnswer json_answer(std::uint32_t status, const boost::json::object& body);

/// A problem of this plugin's own; the host answers those that are only an intray_status.
struct Problem {
  std::uint32_t status;
  std::string_view code;   // "INT-2001": stable
  std::string_view title;  // the same for every problem of that code
  std::string detail;
  boost::json::object members = {};  // more, beside the standard ones
  std::uint32_t retry_after_s = 0;   // 0 = none
};
HttpAnswer problem(const Problem& problem);

}  // namespace intray::registration
