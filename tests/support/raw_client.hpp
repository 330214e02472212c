// A TCP client that sends exactly the bytes of a test, and collects what comes back.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace intray::testing_support {

class RawClient {
 public:
  /// `address`: "127.0.0.1:PORT" or "unix:PATH".
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return file_ >= 0; }
  /// False when the peer has closed.
  bool send(std::string_view bytes);
  /// One whole answer with Content-Length (or 204/304); "" when the peer closes or time is over.
  std::string receive(std::chrono::milliseconds time = std::chrono::seconds(5));
  /// All until the peer closes or time is over.
  std::string receive_all(std::chrono::milliseconds time = std::chrono::seconds(5));
  /// Whether the peer closes within this time.
  bool closes_within(std::chrono::milliseconds time);

 private:
  bool fill(std::chrono::steady_clock::time_point until);
  int file_ = -1;
  bool closed_ = false;
  std::string buffer_;
};

/// 200 of "HTTP/1.1 200 OK..."; 0 when it is no answer.
int status_of(std::string_view answer);

}  // namespace intray::testing_support
