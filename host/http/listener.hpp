// Listening sockets: TCP or Unix, non-blocking, close-on-exec.
#pragma once

#include <sys/types.h>

#include <string>

#include "intray/result.hpp"

namespace intray::http {

struct ListeningSocket {
  int file = -1;
  std::string address;  // "127.0.0.1:8443" with the real port, or "unix:PATH"
  bool is_unix = false;
};

/// `address`: "IP:PORT", "[IPv6]:PORT" (port 0 = any free one) or "unix:PATH", whose file gets mode
/// 0600 and replaces a socket that nobody listens on any more.
/// INTRAY_E_INVALID   no such address.
/// INTRAY_E_BAD_STATE somebody listens there already.
/// INTRAY_E_INTERNAL  the operating system refused; the message says what on what.
Result<ListeningSocket> listen_on(const std::string& address);

/// Whether the peer of a Unix socket is root's process or its owner's.
bool is_peer_of(uid_t owner, int socket);

/// "192.0.2.1", or "" on a Unix socket.
std::string remote_address(int socket);

}  // namespace intray::http
