// The strict front: it owns every socket, vets every request, and hands on only what is whole,
// routed, authenticated and allowed.
//
// Threads: some event loops, which never block, and a pool of workers for handlers that may. Routes
// choose their way (route.hpp): the poll is answered on the loop itself, an acknowledgement on a
// worker; all others run on a worker through cpp-httplib, without a socket (httplib_adapter.hpp).
#pragma once

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/http/route.hpp"
#include "host/http/router.hpp"

namespace intray::store {
class Store;
class Window;
}  // namespace intray::store

namespace intray::http {

struct ListenOptions {
  Listener kind = Listener::kDevice;
  std::string address;                    // see listen_on()
  std::filesystem::path tls_certificate;  // empty = plain
  std::filesystem::path tls_key;
};

/// One answered request, for the daemon's log and metrics. `route` is the template, never the path.
struct Access {
  std::string_view method, route, trace_id, principal, remote;
  Listener listener = Listener::kDevice;
  int status = 0;
  std::chrono::nanoseconds took{};
  std::string_view fault = {};  // of a 5xx: what went wrong
};

struct FrontOptions {
  std::vector<ListenOptions> listeners;
  std::vector<std::string> hosts;       // names that Host may carry beside the listeners' own
  const store::Store* store = nullptr;  // what loops look into; outlives the front
  /// Who is behind a token ("" = none was sent); an error is answered in its place. Called on the
  /// loops: one read, no write.
  std::function<Result<security::Principal>(Listener, std::string_view token, store::Window&)>
      authenticate;
  std::function<void(const Access&)> access;  // may be empty; any thread, must not block
  uid_t owner = geteuid();  // whose processes, beside root's, may talk on a Unix socket
  std::size_t connections_max = 12000;
  std::size_t workers = 8;
  std::size_t loops = 2;
  std::size_t queue_max = 512;
  std::chrono::milliseconds head_time{10'000};     // from the first byte to the empty line
  std::chrono::milliseconds request_time{30'000};  // to the last byte of a small body
  std::chrono::milliseconds idle_time{15'000};
  std::chrono::milliseconds write_time{10'000};  // without progress
};

/// Counters since the start, for /metrics.
struct FrontStats {
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_shed{0};  // let go to make room, or too slow
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> refused{0};          // by a rule of vet.hpp, Host or size
  std::atomic<std::uint64_t> unauthenticated{0};  // without a valid token: only counted
  std::atomic<std::uint64_t> overloaded{0};       // 503 because the queue was full
};

class Front {
 public:
  /// `router` must outlive the front; routes may be added and removed while it runs.
  Front(FrontOptions options, Router& router);
  ~Front();  // stop()
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// Binds: who connects waits until start(). Errors: those of listen_on() and TlsContext::load();
  /// nothing listens then.
  Result<void> listen();
  /// Answers from now on; listens first when that was not done. Errors: those of listen().
  Result<void> start();
  /// Stops accepting, lets requests that are being handled end (at most `drain`), closes.
  void stop(std::chrono::milliseconds drain = std::chrono::milliseconds(5000));

  /// "127.0.0.1:40123" or "unix:PATH", in the order of the options. Valid after listen().
  std::vector<std::string> addresses() const;
  const FrontStats& stats() const;
  std::size_t queued() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace intray::http
