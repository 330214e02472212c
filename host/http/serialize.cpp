#include "host/http/serialize.hpp"

#include <algorithm>

namespace intray::http {
namespace {

struct Reason {
  int status;
  const char* code;
  const char* text;
};
constexpr Reason kReasons[] = {
    {200, "", "OK"},
    {201, "", "Created"},
    {202, "", "Accepted"},
    {204, "", "No Content"},
    {304, "", "Not Modified"},
    {400, "INT-1101", "Bad Request"},
    {401, "INT-1102", "Unauthorized"},
    {403, "INT-1103", "Forbidden"},
    {404, "INT-1104", "Not Found"},
    {405, "INT-1105", "Method Not Allowed"},
    {408, "INT-1106", "Request Timeout"},
    {409, "INT-1107", "Conflict"},
    {410, "INT-1108", "Gone"},
    {411, "INT-1109", "Length Required"},
    {413, "INT-1110", "Content Too Large"},
    {414, "INT-1111", "URI Too Long"},
    {415, "INT-1112", "Unsupported Media Type"},
    {417, "INT-1113", "Expectation Failed"},
    {421, "INT-1114", "Misdirected Request"},
    {422, "INT-1115", "Unprocessable Content"},
    {429, "INT-1116", "Too Many Requests"},
    {431, "INT-1117", "Request Header Fields Too Large"},
    {500, "INT-1118", "Internal Server Error"},
    {501, "INT-1119", "Not Implemented"},
    {503, "INT-1120", "Service Unavailable"},
    {505, "INT-1121", "HTTP Version Not Supported"},
    {507, "INT-1122", "Insufficient Storage"},
};

const Reason& reason_of(int status) {
  static constexpr Reason kOther = {0, "INT-1199", "Other"};
  const auto* found = std::find_if(std::begin(kReasons), std::end(kReasons),
                                   [&](const Reason& reason) { return reason.status == status; });
  return found == std::end(kReasons) ? kOther : *found;
}

// A handler's header must not become two: CR and LF are left out.
std::string one_line(const std::string& value) {
  std::string line;
  std::copy_if(value.begin(), value.end(), std::back_inserter(line),
               [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  return line;
}

}  // namespace

void each_header(const Response& response,
                 const std::function<void(std::string_view, std::string_view)>& take) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  bool says_how_to_cache = false;
  for (const auto& [name, value] : response.headers) {
    says_how_to_cache |= name == "Cache-Control";
    if (value.find_first_of(kBreaks) == std::string::npos) {
      take(name, value);
    } else {
      take(name, one_line(value));
    }
  }
  if (!says_how_to_cache) take("Cache-Control", "no-store");
  take("X-Content-Type-Options", "nosniff");
}

void append(const Response& response, bool close, std::string& bytes) {
  constexpr std::size_t kUsualHeadBytes = 256;
  const bool bodiless = response.status == 204 || response.status == 304;
  bytes.reserve(bytes.size() + kUsualHeadBytes + (bodiless ? 0 : response.body.size()));
  const auto header = [&bytes](std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  bytes.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  bytes.append(reason_of(response.status).text).append("\r\n");
  each_header(response, header);
  if (close) header("Connection", "close");
  if (!bodiless) {
    if (!response.body.empty()) header("Content-Type", content_type_of(response));
    header("Content-Length", std::to_string(response.body.size()));
  }
  bytes += "\r\n";
  if (!bodiless) bytes += response.body;
}

std::string serialize(const Response& response, bool close) {
  std::string bytes;
  append(response, close, bytes);
  return bytes;
}

std::string content_type_of(const Response& response) {
  return response.content_type.empty() ? "application/json" : response.content_type;
}

Response refusal(int status, const std::string& detail) {
  const auto& reason = reason_of(status);
  auto response = problem(Problem{status, reason.code, reason.text, detail, {}, {}});
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 503) response.headers.emplace_back("Retry-After", "5");
  return response;
}

}  // namespace intray::http
