#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "host/http/route.hpp"

namespace intray::http {
namespace {

struct Meaning {
  intray_status status;
  int http;
  const char* code;
  const char* title;
  const char* retry_after;  // seconds; empty = do not retry by itself
};

// The one map from intray_status to HTTP.
constexpr Meaning kMeanings[] = {
    {INTRAY_E_INVALID, 400, "INT-1001", "The request is not valid", ""},
    {INTRAY_E_NOT_FOUND, 404, "INT-1002", "Not found", ""},
    {INTRAY_E_CONFLICT, 409, "INT-1003", "In conflict with the present state", ""},
    {INTRAY_E_DENIED, 403, "INT-1004", "Not allowed", ""},
    {INTRAY_E_UNSUPPORTED, 501, "INT-1005", "Not supported", ""},
    {INTRAY_E_BUSY, 503, "INT-1006", "Busy: try again", "5"},
    {INTRAY_E_TIMEOUT, 503, "INT-1007", "Too late: try again", "5"},
    {INTRAY_E_CANCELLED, 503, "INT-1008", "Given up: try again", "5"},
    {INTRAY_E_TOO_LARGE, 413, "INT-1009", "Too large", ""},
    {INTRAY_E_NO_MEMORY, 503, "INT-1010", "Out of memory: try again", "30"},
    {INTRAY_E_BAD_STATE, 409, "INT-1011", "Not possible in this state", ""},
    {INTRAY_E_UNAVAILABLE, 503, "INT-1012", "Not available: try again", "5"},
    {INTRAY_E_FULL, 507, "INT-1013", "The store is full", "300"},
};
constexpr Meaning kInternal = {INTRAY_E_INTERNAL, 500, "INT-1000", "An error of the host", ""};

const Meaning& meaning_of(intray_status status) {
  for (const auto& meaning : kMeanings) {
    if (meaning.status == status) return meaning;
  }
  return kInternal;
}

}  // namespace

Response problem(const Problem& problem) {
  boost::json::object body;
  body["status"] = problem.status;
  body["code"] = problem.code;
  body["title"] = problem.title;
  body["detail"] = problem.detail;
  for (const auto& [name, json] : problem.members) {
    boost::json::error_code error;
    auto value = boost::json::parse(json, error);
    if (!error) body[name] = std::move(value);
  }
  return {problem.status, problem.headers, "application/problem+json",
          boost::json::serialize(body)};
}

Response problem(const Error& error) {
  const auto& meaning = meaning_of(error.status);
  Problem document{meaning.http, meaning.code, meaning.title, error.message, {}, {}};
  // What went wrong inside is for the log, not for the caller.
  if (meaning.http == 500) document.detail = "see the host's log";
  if (*meaning.retry_after != 0) document.headers.emplace_back("Retry-After", meaning.retry_after);
  auto response = problem(document);
  if (meaning.http >= 500) response.fault = error.message;
  return response;
}

}  // namespace intray::http
