#include "host/http/json.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <ctime>

namespace intray::http {
namespace {

constexpr std::size_t kPageDefault = 100;
constexpr std::size_t kPageMax = 500;

std::string listed(std::initializer_list<std::string_view> names) {
  std::string list;
  for (const auto name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

}  // namespace

Result<boost::json::object> body_of(const Request& request,
                                    std::initializer_list<std::string_view> known) {
  if (request.body.empty()) return boost::json::object();
  boost::json::error_code error;
  auto value = boost::json::parse(request.body, error);
  if (error || !value.is_object()) {
    return fail(INTRAY_E_INVALID,
                "the body is no JSON object: " +
                    (error ? error.message() : std::string("it is another value")));
  }
  for (const auto& [key, member] : value.as_object()) {
    if (std::find(known.begin(), known.end(), std::string_view(key)) == known.end()) {
      return fail(INTRAY_E_INVALID, "the key '" + std::string(key) +
                                        "' is not known here; known are " + listed(known));
    }
  }
  return std::move(value.as_object());
}

Result<std::string> text_member(const boost::json::object& body, std::string_view name,
                                bool required, std::size_t max) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) {
    if (!required) return std::string();
    return fail(INTRAY_E_INVALID, "the key '" + std::string(name) + "' is missing");
  }
  const auto* text = value->if_string();
  if (text == nullptr || text->size() > max || (required && text->empty())) {
    return fail(INTRAY_E_INVALID, "'" + std::string(name) + "' is no text of at most " +
                                      std::to_string(max) + " bytes");
  }
  return std::string(*text);
}

Result<Page> page_of(const Request& request) {
  const auto limit = number_param(request, "limit", kPageDefault);
  if (!limit) return fail(limit.error());
  if (*limit == 0 || *limit > kPageMax) {
    return fail(INTRAY_E_INVALID, "limit is a number from 1 to 500");
  }
  return Page{std::string(request.query_param("after")), static_cast<std::size_t>(*limit)};
}

Response page(boost::json::array items, std::string_view next) {
  boost::json::object body;
  body["items"] = std::move(items);
  body["next"] = next.empty() ? boost::json::value(nullptr) : boost::json::value(next);
  return json(200, std::move(body));
}

Response json(int status, const boost::json::value& value) {
  return {status, {}, "application/json", boost::json::serialize(value)};
}

boost::json::value time_value(store::UnixNs time) {
  if (time <= 0) return nullptr;
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto seconds = static_cast<std::time_t>(time / kSecond);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
  auto milliseconds = std::to_string(time % kSecond / 1'000'000);
  milliseconds.insert(0, 3 - milliseconds.size(), '0');
  return boost::json::string(std::string(text, size) + "." + milliseconds + "Z");
}

Result<std::uint64_t> number_param(const Request& request, std::string_view name,
                                   std::uint64_t absent) {
  const auto text = request.query_param(name);
  if (text.empty()) return absent;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(INTRAY_E_INVALID, std::string(name) + "=" + std::string(text) + " is no number");
  }
  return number;
}

Result<void> expect_query(const Request& request, std::string_view known) {
  const auto list = '&' + std::string(known.empty() ? known : known.substr(1)) + '&';
  for (const auto& [name, value] : request.query) {
    const bool plain = !name.empty() && name.find('&') == std::string::npos;
    if (plain && list.find('&' + name + '&') != std::string::npos) {
      continue;
    }
    return fail(INTRAY_E_INVALID, "the query's '" + name + "' is not known here; known: " +
                                      (known.empty() ? "none" : std::string(known)));
  }
  return {};
}

Result<std::uint64_t> log_position(const Request& request) {
  const auto since = number_param(request, "since", 0);
  if (!since) return since;
  const auto after = number_param(request, "after", 0);
  if (!after) return after;
  return std::max(*since, *after);
}

Result<bool> flag_param(const Request& request, std::string_view name) {
  const auto text = request.query_param(name);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return fail(INTRAY_E_INVALID, std::string(name) + " is true or false");
}

bool is_name(std::string_view text, std::size_t max) {
  return !text.empty() && text.size() <= max &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 32 && c < 127; });
}

}  // namespace intray::http
