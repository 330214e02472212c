#include "host/cli/client.hpp"

#include <curl/curl.h>
#include <sys/random.h>

#include <array>
#include <boost/json/parse.hpp>
#include <chrono>
#include <memory>
#include <thread>

namespace intray::cli {
namespace {

constexpr std::size_t kReplyBytesMax = 64U << 20U;
constexpr long kConnectTimeoutMs = 5000;
constexpr long kTotalTimeoutMs = 120000;
constexpr int kTriesMax = 3;

struct CurlDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlDeleter>;
using List = std::unique_ptr<curl_slist, ListDeleter>;

std::size_t keep(const char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + size * count > kReplyBytesMax) return 0;
  body.append(data, size * count);
  return size * count;
}

void append(List& list, const std::string& line) {
  if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
    if (longer != list.get()) {
      (void)list.release();
      list.reset(longer);
    }
  }
}

List headers_of(const Connection& connection, const Call& call) {
  List list;
  // On its socket the operator is known by who runs the command: a customer's token in the
  // environment says nothing there.
  if (!connection.token.empty() && !call.on_socket) {
    append(list, "Authorization: Bearer " + connection.token);
  }
  if (!call.body.empty()) append(list, "Content-Type: " + call.content_type);
  if (!call.idempotency_key.empty()) append(list, "Idempotency-Key: " + call.idempotency_key);
  append(list, "Expect:");
  return list;
}

std::string address_of(const Connection& connection, const Call& call) {
  if (!call.on_socket) return connection.url;
  return "unix:" + connection.socket;
}

void prepare(CURL* handle, const Connection& connection, const Call& call,
             const curl_slist* headers, std::string& body) {
  const auto base = call.on_socket ? std::string("http://localhost") : connection.url;
  curl_easy_setopt(handle, CURLOPT_URL, (base + call.path).c_str());
  if (call.on_socket) {
    curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, connection.socket.c_str());
  }
  if (!connection.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, connection.ca_file.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  if (call.method != "GET" && call.method != "DELETE") {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, call.body.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, kTotalTimeoutMs);
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &keep);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
}

// Another try would not believe it either.
bool is_distrust(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE;
}

Result<Reply> send_once(const Connection& connection, const Call& call, bool& try_again) {
  const Handle handle(curl_easy_init());
  if (!handle) return fail(INTRAY_E_INTERNAL, "libcurl could not be started");
  const auto headers = headers_of(connection, call);
  Reply reply;
  prepare(handle.get(), connection, call, headers.get(), reply.body);
  std::array<char, CURL_ERROR_SIZE> why{};
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, why.data());

  const auto code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) {
    const std::string reason = why[0] != '\0' ? why.data() : curl_easy_strerror(code);
    try_again = !is_distrust(code);
    return fail(INTRAY_E_UNAVAILABLE,
                "no answer from " + address_of(connection, call) + ": " + reason +
                    (try_again ? "" : ": name the host's own certificate authority with --ca"));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  boost::system::error_code bad;
  reply.json = boost::json::parse(reply.body, bad);
  if (bad) reply.json = nullptr;
  return reply;
}

}  // namespace

Result<Reply> send(const Connection& connection, const Call& call) {
  if (!call.on_socket && connection.url.empty()) {
    return fail(INTRAY_E_INVALID, "no host given: use --url or set INTRAY_URL");
  }
  // A call without a key is never repeated: the first one may have taken effect.
  const bool repeatable = call.method == "GET" || !call.idempotency_key.empty();
  for (int tries = 1;; ++tries) {
    bool try_again = true;
    auto reply = send_once(connection, call, try_again);
    if (reply || !repeatable || !try_again || tries == kTriesMax) return reply;
    std::this_thread::sleep_for(std::chrono::milliseconds(200) * tries);
  }
}

std::string url_escape(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return escaped;
}

std::string new_idempotency_key() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, 26> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
  std::string key;
  for (const auto byte : bytes) key += kLetters[byte & 31U];
  return key;
}

}  // namespace intray::cli
