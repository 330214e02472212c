#include "host/http/vet.hpp"

#include <algorithm>
#include <array>

namespace intray::http {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
// Everything else is dropped: what nobody reads can deceive nobody.
constexpr std::array<std::string_view, 8> kForwarded = {
    "accept",        "content-type",  "idempotency-key", "if-match",
    "if-none-match", "last-event-id", "prefer",          "user-agent"};
constexpr std::size_t kLengthDigitsMax = 10;

// ASCII, whatever the process's locale; and these run for every byte of every request.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z');
}

constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-.^`|~"))
    table[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] |= is_alphanumeric(c);
  return table;
}();
constexpr bool is_token(char c) { return kTokenBytes[static_cast<unsigned char>(c)]; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = static_cast<char>(c | (is_upper(c) ? 0x20 : 0));
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

class Vetting {
 public:
  Vetting(std::string_view text, Head& head) : rest_(text), head_(head) {}

  Vetted run() {
    auto vetted = request_line();
    while (vetted.status == 0 && !done_) vetted = header();
    return vetted.status == 0 ? together() : vetted;
  }

 private:
  // The next line without its CRLF; a lone CR or LF is inside it and is refused with it.
  bool line(std::string_view& out) {
    const auto end = rest_.find("\r\n");
    if (end == std::string_view::npos) return false;
    out = rest_.substr(0, end);
    rest_.remove_prefix(end + 2);
    return true;
  }

  Vetted request_line() {
    std::string_view text;
    if (!line(text)) return {400, "the request line has no end"};
    const auto first = text.find(' ');
    const auto last = text.rfind(' ');
    if (first == std::string_view::npos || first == last || text.find(' ', first + 1) != last) {
      return {400, "the request line is not METHOD TARGET VERSION"};
    }
    const auto version = text.substr(last + 1);
    if (version != "HTTP/1.1") return {505, "only HTTP/1.1 is spoken"};
    head_.method = text.substr(0, first);
    if (std::find(kMethods.begin(), kMethods.end(), head_.method) == kMethods.end()) {
      return {501, "the method is not GET, POST, PUT, PATCH or DELETE"};
    }
    return target(text.substr(first + 1, last - first - 1));
  }

  Vetted target(std::string_view target) {
    if (target.size() > kTargetBytesMax) return {414, "the target is above 2,048 bytes"};
    if (target.empty() || target[0] != '/') return {400, "the target does not start with '/'"};
    for (const char c : target) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte <= 32 || byte >= 127) return {400, "the target holds a byte that is not printable"};
      if (c == '#' || c == '\\') return {400, "the target holds '#' or '\\'"};
    }
    if (target.find("%00") != std::string_view::npos) return {400, "the target hides a NUL"};
    const auto question = target.find('?');
    head_.path = target.substr(0, question);
    if (question != std::string_view::npos) head_.raw_query = target.substr(question + 1);
    return {};
  }

  Vetted header() {
    std::string_view text;
    if (!line(text)) return {400, "a header has no end"};
    if (text.empty()) {
      done_ = true;
      return {};
    }
    if (++count_ > kHeadersMax) return {431, "more than 64 headers"};
    if (text.size() > kHeaderLineBytesMax) return {431, "a header is above 4,096 bytes"};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return {400, "a header has no name"};
    const auto name = text.substr(0, colon);
    if (!std::all_of(name.begin(), name.end(), is_token)) {
      return {400, "a header's name is no token"};
    }
    const auto value = trimmed(text.substr(colon + 1));
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 32 && c != '\t') || byte == 127) {
        return {400, "a header holds a control character"};
      }
    }
    return known(lower(name), value);
  }

  Vetted known(const std::string& name, std::string_view value) {
    if (name == "host") return host(value);
    if (name == "content-length") return content_length(value);
    if (name == "authorization") return authorization(value);
    if (name == "transfer-encoding") return {501, "Transfer-Encoding is not spoken"};
    if (name == "content-encoding") return {415, "Content-Encoding is not spoken"};
    if (name == "expect") return {417, "Expect is not spoken"};
    if (name == "upgrade") return {400, "there is nothing to upgrade to"};
    if (name == "connection") {
      head_.close |= lower(value).find("close") != std::string::npos;
      return {};
    }
    if (std::find(kForwarded.begin(), kForwarded.end(), name) == kForwarded.end()) return {};
    if (value.find('%') != std::string_view::npos) return {400, "a header holds '%'"};
    if (name == "content-type" && lower(value).rfind("multipart/", 0) == 0) {
      return {415, "multipart bodies are not spoken"};
    }
    for (const auto& [seen, ignored] : head_.headers) {
      if (seen == name) return {400, "a header is given twice"};
    }
    head_.headers.emplace_back(name, value);
    return {};
  }

  Vetted host(std::string_view value) {
    if (hosts_++ > 0) return {400, "more than one Host"};
    auto name = lower(value);
    const auto bracket = name.rfind(']');
    const auto colon = name.rfind(':');
    if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
      const auto port = name.substr(colon + 1);
      if (port.empty() || port.size() > 5 || !std::all_of(port.begin(), port.end(), is_digit)) {
        return {400, "Host has a malformed port"};
      }
      name.resize(colon);
    }
    const auto fits = [](char c) {
      return is_alphanumeric(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
    };
    if (name.empty() || name.size() > 255 || !std::all_of(name.begin(), name.end(), fits)) {
      return {400, "Host is no host name"};
    }
    head_.host = std::move(name);
    return {};
  }

  Vetted content_length(std::string_view value) {
    if (lengths_++ > 0) return {400, "more than one Content-Length"};
    if (value.empty() || value.size() > kLengthDigitsMax ||
        !std::all_of(value.begin(), value.end(), is_digit)) {
      return {400, "Content-Length is no number"};
    }
    for (const char c : value) {
      head_.content_length = head_.content_length * 10 + static_cast<std::size_t>(c - '0');
    }
    return {};
  }

  Vetted authorization(std::string_view value) {
    if (authorizations_++ > 0) return {400, "more than one Authorization"};
    constexpr std::string_view kScheme = "bearer ";
    if (lower(value.substr(0, kScheme.size())) == kScheme) {
      head_.bearer = trimmed(value.substr(kScheme.size()));
    }
    return {};
  }

  Vetted together() const {
    if (!rest_.empty()) return {400, "bytes after the head"};
    if (hosts_ != 1) return {400, "no Host"};
    const bool takes_body = head_.method != "GET" && head_.method != "DELETE";
    if (takes_body && lengths_ == 0) return {411, "no Content-Length"};
    if (head_.method == "GET" && head_.content_length > 0) return {400, "a GET with a body"};
    return {};
  }

  std::string_view rest_;
  Head& head_;
  bool done_ = false;
  std::size_t count_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;
  int authorizations_ = 0;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Vetted vet(std::string_view text, Head& head) { return Vetting(text, head).run(); }

bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    const int byte = high << 4 | low;
    if (high < 0 || low < 0 || byte < 32 || byte == 127) return false;
    out += static_cast<char>(byte);
    i += 2;
  }
  return true;
}

bool parse_query(std::string_view query, Fields& out) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name;
    std::string value;
    const auto raw =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!percent_decode(pair.substr(0, equals), name) || !percent_decode(raw, value)) return false;
    out.emplace_back(std::move(name), std::move(value));
  }
  return true;
}

}  // namespace intray::http
