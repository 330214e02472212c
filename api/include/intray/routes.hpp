// intray/routes.hpp - HTTP routes of a platform plugin as C++ functions. C++17.
#ifndef INTRAY_ROUTES_HPP
#define INTRAY_ROUTES_HPP

#include <intray/http.h>

#include <deque>
#include <functional>
#include <intray/plugin.hpp>
#include <utility>
#include <vector>

namespace intray {

/// What a handler answers. Without a Content-Type header it is application/json.
struct HttpAnswer {
  std::uint32_t status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// One request, borrowed: it must not outlive the handler's call.
class HttpRequest {
 public:
  HttpRequest(const intray_call& call, const intray_http_request& request)
      : call_(call), request_(request) {}

  const intray_call& call() const noexcept { return call_; }
  std::string_view customer() const noexcept { return view(request_.customer_id); }
  std::string_view principal() const noexcept { return view(request_.principal); }
  std::string_view body() const noexcept { return view(request_.body); }
  /// A part of the path; empty when the template has none of that name.
  std::string_view param(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i < request_.param_count; ++i) {
      if (view(request_.params[i].key) == name) return view(request_.params[i].value);
    }
    return {};
  }
  /// The parts of the query in order, percent-decoded.
  std::vector<std::pair<std::string, std::string>> queries() const {
    std::vector<std::pair<std::string, std::string>> parts;
    for (auto rest = view(request_.query); !rest.empty();) {
      const auto pair = rest.substr(0, rest.find('&'));
      rest = pair.size() == rest.size() ? std::string_view() : rest.substr(pair.size() + 1);
      const auto name = pair.substr(0, pair.find('='));
      const auto value = pair.substr(name.size() == pair.size() ? name.size() : name.size() + 1);
      if (!pair.empty()) parts.emplace_back(decoded(name), decoded(value));
    }
    return parts;
  }
  /// The first part of that name; empty when it is not there.
  std::string query(std::string_view name) const {
    for (auto& part : queries()) {
      if (part.first == name) return std::move(part.second);
    }
    return {};
  }

 private:
  static int digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
  static std::string decoded(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escaped = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
                           digit(text[i + 2]) >= 0;
      if (!escaped) {
        plain += text[i] == '+' ? ' ' : text[i];
        continue;
      }
      plain += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    }
    return plain;
  }

  const intray_call& call_;
  const intray_http_request& request_;
};

/// An Error becomes the host's problem document of its status.
using HttpHandler = std::function<Result<HttpAnswer>(const HttpRequest&)>;

/// The routes that a plugin added. Not copied or moved: the host holds pointers into it.
class HttpRoutes {
 public:
  explicit HttpRoutes(Host host) : host_(host) {}
  HttpRoutes(const HttpRoutes&) = delete;
  HttpRoutes& operator=(const HttpRoutes&) = delete;

  /// As intray_http_route says. body_bytes_max: 0 = the host's 64 KiB.
  Result<void> add(std::string_view method, std::string_view path_template,
                   std::string_view permission, HttpHandler handler,
                   std::uint64_t body_bytes_max = 0) {
    const auto* table = host_.find<intray_host_http>(INTRAY_HOST_HTTP);
    if (table == nullptr) return fail(INTRAY_E_UNSUPPORTED, "the host grants no HTTP routes");
    auto& kept = handlers_.emplace_back(std::move(handler));
    const intray_http_route route = {
        sizeof route, 0, str(method), str(path_template), str(permission), body_bytes_max};
    const intray_http_handler to_kept = {sizeof to_kept, 0, &kept, &handle};
    std::uint64_t number = 0;
    ErrorSlot error;
    auto added = error.result(table->add_route(host_.raw(), &route, &to_kept, &number, error));
    if (added) numbers_.push_back(number);
    return added;
  }
  /// When it returns no handler runs and none comes. Belongs into stop().
  void remove_all() noexcept {
    const auto* table = host_.find<intray_host_http>(INTRAY_HOST_HTTP);
    for (const auto number : numbers_) table->remove_route(host_.raw(), number);
    numbers_.clear();
    handlers_.clear();
  }

 private:
  static intray_status INTRAY_CC handle(void* user, const intray_call* call,
                                        const intray_http_request* request,
                                        const intray_http_response* response,
                                        intray_error* error) noexcept {
    return guard(error, [&]() -> Result<void> {
      const auto answer = (*static_cast<const HttpHandler*>(user))(HttpRequest(*call, *request));
      if (!answer) return fail(answer.error());
      std::vector<intray_kv> headers;
      for (const auto& [name, value] : answer->headers) headers.push_back({str(name), str(value)});
      auto status = response->head(response, answer->status, headers.data(),
                                   static_cast<std::uint32_t>(headers.size()));
      if (status == INTRAY_OK) status = response->write(response, bytes(answer->body));
      return status == INTRAY_OK ? Result<void>() : fail(status, "the answer was not taken");
    });
  }

  Host host_;
  std::deque<HttpHandler> handlers_;  // a deque never moves what it holds
  std::vector<std::uint64_t> numbers_;
};

}  // namespace intray
#endif
