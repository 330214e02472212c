// A load of one thread: some keep-alive connections, each with one request at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace intray::bench {

/// What one connection sends next; nothing = it is done.
using NextRequest = std::function<std::optional<std::string>(std::size_t connection)>;
/// The answer to that connection's last request.
using OnAnswer = std::function<void(std::size_t connection, int status, std::string_view body)>;

struct LoadResult {
  std::uint64_t answers = 0;
  std::uint64_t failures = 0;  // connections that broke
  std::chrono::duration<double> took{};
  double per_second() const { return static_cast<double>(answers) / took.count(); }
};

/// Runs until every connection is done, or `most` is over. `address`: "127.0.0.1:PORT",
/// "unix:PATH".
LoadResult load(const std::string& address, std::size_t connections, std::chrono::seconds most,
                const NextRequest& next, const OnAnswer& on_answer);

/// One request for each number below `count`, each answer with its number.
using NumberedRequest = std::function<std::string(std::size_t number)>;
using NumberedAnswer = std::function<void(std::size_t number, int status, std::string_view body)>;
LoadResult load_each(const std::string& address, std::size_t connections, std::size_t count,
                     const NumberedRequest& request_of, const NumberedAnswer& on_answer);

/// A request with a bearer token ("" = none) and a JSON body ("" = none).
std::string request(std::string_view method, std::string_view path, std::string_view token,
                    std::string_view body = "", std::string_view more_headers = "");

/// A connected non-blocking socket; aborts when it cannot.
int connect_to(const std::string& address);

}  // namespace intray::bench
