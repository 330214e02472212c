// What the routes of the host share: strict bodies, pages, times.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "host/http/route.hpp"
#include "host/store/records.hpp"

namespace intray::http {

/// The request's body as an object; an unknown key is an error that names it and the known ones.
/// INTRAY_E_INVALID says what is wrong.
Result<boost::json::object> body_of(const Request& request,
                                    std::initializer_list<std::string_view> known);

/// A member that must be text of at most `max` bytes; "" when it is absent and not `required`.
Result<std::string> text_member(const boost::json::object& body, std::string_view name,
                                bool required, std::size_t max = 255);

/// ?after=…&limit=…: limit is 1..500, default 100.
struct Page {
  std::string after;
  std::size_t limit = 100;
};
Result<Page> page_of(const Request& request);
/// {"items": […], "next": …|null}
Response page(boost::json::array items, std::string_view next);

Response json(int status, const boost::json::value& value);

/// RFC 3339 UTC with milliseconds; null when the time is not set.
boost::json::value time_value(store::UnixNs time);

/// A number in the query, or `absent`. INTRAY_E_INVALID when it is none.
Result<std::uint64_t> number_param(const Request& request, std::string_view name,
                                   std::uint64_t absent);
/// Where a reader of a log goes on: after ?since=SEQUENCE, or after the page that ended at ?after=.
Result<std::uint64_t> log_position(const Request& request);
/// OK when each part of the query is one of `known`, "?model&service" ("" = none is): one that is
/// misspelt must not pass unseen, least of all ?dryrun=true. INTRAY_E_INVALID names it otherwise.
Result<void> expect_query(const Request& request, std::string_view known);
/// true, false, or absent. INTRAY_E_INVALID otherwise.
Result<bool> flag_param(const Request& request, std::string_view name);

/// Whether the text is one of the ids that records.hpp allows.
bool is_name(std::string_view text, std::size_t max);

}  // namespace intray::http
