#include "plugins/registration/answers.hpp"

#include <algorithm>
#include <charconv>

#include "plugins/registration/format.hpp"

namespace intray::registration {
namespace {

constexpr std::uint32_t kLimitMax = 500;
constexpr std::size_t kAfterBytesMax = 200;  // a service and a device

Failure invalid(std::string message) { return fail(INTRAY_E_INVALID, std::move(message)); }

bool is_text(const boost::json::value& value, std::size_t bytes_max) {
  return value.is_string() && !value.get_string().empty() && value.get_string().size() <= bytes_max;
}

}  // namespace

Result<boost::json::object> body_of(const HttpRequest& request,
                                    const std::vector<std::string_view>& members) {
  if (request.body().empty()) return boost::json::object();
  boost::json::error_code error;
  auto value = boost::json::parse(request.body(), error);
  if (error || !value.is_object()) return invalid("the body is not a JSON object");
  for (const auto& member : value.get_object()) {
    const std::string_view key(member.key());
    if (std::find(members.begin(), members.end(), key) == members.end()) {
      std::string known;
      for (const auto each : members) known.append(known.empty() ? "" : ", ").append(each);
      return invalid("the member '" + std::string(key) + "' is not known here; known: " + known);
    }
  }
  return std::move(value.get_object());
}

Result<std::string> text_member(const boost::json::object& body, std::string_view member,
                                std::size_t bytes_max) {
  const auto* value = body.if_contains(member);
  if (value == nullptr) return std::string();
  if (is_text(*value, bytes_max)) return std::string(std::string_view(value->get_string()));
  return invalid("'" + std::string(member) + "' is a string of 1 to " + std::to_string(bytes_max) +
                 " bytes");
}

Result<std::vector<std::string>> list_member(const boost::json::object& body,
                                             std::string_view member, std::size_t count_max,
                                             std::size_t bytes_max) {
  std::vector<std::string> texts;
  const auto* value = body.if_contains(member);
  if (value == nullptr) return texts;
  const auto* list = value->if_array();
  const bool well_formed =
      list != nullptr && !list->empty() && list->size() <= count_max &&
      std::all_of(list->begin(), list->end(),
                  [&](const boost::json::value& each) { return is_text(each, bytes_max); });
  if (!well_formed) {
    return invalid("'" + std::string(member) + "' is a list of 1 to " + std::to_string(count_max) +
                   " strings of 1 to " + std::to_string(bytes_max) + " bytes");
  }
  for (const auto& each : *list) texts.emplace_back(std::string_view(each.get_string()));
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

Result<bool> flag_member(const boost::json::object& body, std::string_view member) {
  const auto* value = body.if_contains(member);
  if (value == nullptr) return false;
  if (value->is_bool()) return value->get_bool();
  return invalid("'" + std::string(member) + "' is true or false");
}

Result<void> expect_query(const HttpRequest& request, std::string_view known) {
  const auto list = '&' + std::string(known.empty() ? known : known.substr(1)) + '&';
  for (const auto& [name, value] : request.queries()) {
    const bool plain = !name.empty() && name.find('&') == std::string::npos;
    if (plain && list.find('&' + name + '&') != std::string::npos) {
      continue;
    }
    return invalid("the query's '" + printable(name) +
                   "' is not known here; known: " + (known.empty() ? "none" : std::string(known)));
  }
  return {};
}

Result<Page> page_of(const HttpRequest& request) {
  Page page;
  page.after = request.query("after");
  if (page.after.size() > kAfterBytesMax) return invalid("'after' is what a page gave as 'next'");
  const auto limit = request.query("limit");
  if (limit.empty()) return page;
  const auto* end = limit.data() + limit.size();
  const auto [parsed, bad] = std::from_chars(limit.data(), end, page.limit);
  if (bad != std::errc() || parsed != end || page.limit < 1 || page.limit > kLimitMax) {
    return invalid("'limit' is a number from 1 to " + std::to_string(kLimitMax));
  }
  return page;
}

HttpAnswer json_answer(std::uint32_t status, const boost::json::object& body) {
  return {status, boost::json::serialize(body), {}};
}

HttpAnswer list_answer(boost::json::array items, std::string_view next) {
  boost::json::object body{{"items", std::move(items)}, {"next", nullptr}};
  if (!next.empty()) body["next"] = next;
  return json_answer(200, body);
}

HttpAnswer problem(const Problem& problem) {
  auto body = problem.members;
  body["status"] = problem.status;
  body["code"] = problem.code;
  body["title"] = problem.title;
  body["detail"] = problem.detail;
  HttpAnswer answer{problem.status, boost::json::serialize(body), {}};
  answer.headers.emplace_back("Content-Type", "application/problem+json");
  if (problem.retry_after_s > 0) {
    answer.headers.emplace_back("Retry-After", std::to_string(problem.retry_after_s));
  }
  return answer;
}

}  // namespace intray::registration
