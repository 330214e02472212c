#include "host/plugin/answer_sink.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "host/plugin/values.hpp"
#include "intray/crossing.hpp"

namespace intray::plugin {
namespace {

constexpr std::size_t kBodyBytesMax = 4U << 20U;
constexpr std::uint32_t kHeadersMax = 32;
constexpr std::size_t kHeaderNameBytesMax = 64;
constexpr std::size_t kHeaderValueBytesMax = 2048;

bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

// What frames a message is the host's to say.
bool is_the_hosts(std::string name) {
  constexpr std::array<std::string_view, 8> kHosts = {
      "date",    "content-length", "connection", "keep-alive", "transfer-encoding",
      "trailer", "upgrade",        "server"};
  for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kHosts.begin(), kHosts.end(), name) != kHosts.end();
}

}  // namespace

AnswerSink::AnswerSink() {
  response_.struct_size = sizeof response_;
  response_.impl = this;
  response_.head = [](const intray_http_response* response, std::uint32_t status,
                      const intray_kv* headers, std::uint32_t count) noexcept {
    return guard(nullptr, [&] {
      return static_cast<AnswerSink*>(response->impl)->head(status, headers, count);
    });
  };
  response_.write = [](const intray_http_response* response, intray_bytes chunk) noexcept {
    return guard(nullptr, [&] { return static_cast<AnswerSink*>(response->impl)->write(chunk); });
  };
}

Result<void> AnswerSink::head(std::uint32_t status, const intray_kv* headers, std::uint32_t count) {
  if (has_head_) return fail(INTRAY_E_BAD_STATE, "the head was given already");
  if (status < 200 || status > 599 || count > kHeadersMax || (count > 0 && headers == nullptr)) {
    return fail(INTRAY_E_INVALID, "a status outside 200 to 599, or too many headers");
  }
  Pairs checked;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto name = bounded(headers[i].key, kHeaderNameBytesMax);
    auto value = bounded(headers[i].value, kHeaderValueBytesMax);
    if (!name || !value || !is_token(*name) || is_the_hosts(*name)) {
      return fail(INTRAY_E_INVALID, "a header that HTTP does not allow, or the host writes itself");
    }
    checked.emplace_back(std::move(*name), std::move(*value));
  }
  has_head_ = true;
  answer_.status = static_cast<int>(status);
  answer_.headers = std::move(checked);
  return {};
}

Result<void> AnswerSink::write(intray_bytes chunk) {
  has_head_ = true;  // from here on it is 200, if nothing else was said
  const auto text = view(chunk);
  if (answer_.body.size() + text.size() > kBodyBytesMax) {
    return fail(INTRAY_E_TOO_LARGE, "an answer above 4 MiB");
  }
  answer_.body += text;
  return {};
}

}  // namespace intray::plugin
