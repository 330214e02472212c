// One request to the host, over TCP or its Unix socket, by libcurl. No redirects; TLS is always
// verified.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "intray/result.hpp"

namespace intray::cli {

/// Where the host is and who asks.
struct Connection {
  std::string url;      // "https://intray.example.com:8443": the administrators' listener
  std::string socket;   // path of the operator's Unix socket; used by operator commands
  std::string token;    // bearer token; empty on the socket
  std::string ca_file;  // own certificate authority; empty = the system's
};

struct Reply {
  int status = 0;
  std::string body;
  boost::json::value json;  // null when the body is not JSON
  bool ok() const { return status >= 200 && status < 300; }
};

struct Call {
  std::string method = "GET";
  std::string path;  // with its query
  std::string body;
  std::string content_type = "application/json";
  /// Makes the call repeatable: it is tried again, up to three times, when the connection fails.
  std::string idempotency_key;
  bool on_socket = false;
};

/// INTRAY_E_UNAVAILABLE when nobody answers (the message says where and why), INTRAY_E_INVALID when
/// no address is given.
Result<Reply> send(const Connection& connection, const Call& call);

/// "a b/c" -> "a%20b%2Fc", for a path segment or a query value.
std::string url_escape(std::string_view text);

/// A fresh key for a repeatable call: 26 characters from the system's random source.
std::string new_idempotency_key();

}  // namespace intray::cli
