// One connection of an event loop: its bytes, its deadline, the request that is being read.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "host/http/router.hpp"
#include "host/http/tls.hpp"

namespace intray::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A request and the route that answers it.
struct Task {
  std::shared_ptr<const Route> route;
  Request request;
  Listener listener{};
  SteadyTime started;  // when its head was whole
  std::string fault;   // of a 5xx, for the log
};

/// A request whose head has passed, while its body arrives.
struct PendingRequest {
  Task task;
  std::optional<Response> refusal;  // answered instead, once the body is in
};

class Connection {
 public:
  Connection(std::uint64_t number, int socket, std::size_t listener,
             std::unique_ptr<TlsSession> tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Bytes appended to `in`, kBlocked or kClosed.
  ssize_t read();
  /// Sends what waits in `out`: true when nothing is left, false when it is blocked or closed.
  bool flush();
  std::size_t unsent() const { return out.size() - sent_; }
  /// No more bytes from this side; the peer may still send what it was sending.
  void say_goodbye();

  const std::uint64_t number;
  const std::size_t listener;  // index into the options
  std::string remote;
  std::string in;
  std::string out;
  std::optional<PendingRequest> pending;
  bool handling = false;     // a handler has the request; its answer will come
  bool close_after = false;  // once `out` is sent
  bool lingering = false;    // said goodbye: what still comes in is thrown away
  bool broken = false;       // the peer is gone
  bool head_begun = false;   // the first byte of a request is there
  bool drained = false;      // nothing to read until epoll says so again
  bool ending = false;       // the peer sends no more: its end is behind what is left to read
  SteadyTime deadline;
  bool waiting = false;  // without a whole request; then its place is in the loop's list
  std::list<std::uint64_t>
      place;  // ... and otherwise here, so that no node is ever allocated again
  std::list<std::uint64_t>::iterator node;

 private:
  ssize_t send_some(const char* bytes, std::size_t size);
  int socket_;
  std::unique_ptr<TlsSession> tls_;
  std::size_t sent_ = 0;
};

}  // namespace intray::http
