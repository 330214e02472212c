// A route of the HTTP interface, and what its handler gets and gives. Knows neither sockets nor
// httplib.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/security/principal.hpp"
#include "intray/result.hpp"

namespace intray::store {
class Window;
}

namespace intray::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The head of a request, as vet() took it apart.
struct Head {
  std::string method;
  std::string path;         // as sent, without the query; starts with '/'
  std::string raw_query;    // as sent, without '?'
  std::string host;         // lower case, without port
  std::string_view bearer;  // into the text that was taken apart; empty once the caller is known
  Fields headers;           // allow-listed ones, names in lower case
  std::size_t content_length = 0;
  bool close = false;  // the client said Connection: close
};

/// One vetted, complete, authenticated request.
struct Request : Head {
  Fields path_params;  // from the template, percent-decoded
  Fields query;        // percent-decoded, in order
  std::string body;
  std::string remote;  // address of the peer; empty on a Unix socket
  std::string trace_id;
  security::Principal principal;
  store::Window* window = nullptr;  // of the loop; only for a route on it

  /// The first field of that name, or "".
  std::string_view path_param(std::string_view name) const;
  std::string_view query_param(std::string_view name) const;
  std::string_view header(std::string_view lower_case_name) const;
};

/// Takes the outcome of what an answer waits for, once, on any thread; quick, and never blocks.
using Settled = std::function<void(const Result<void>&)>;

struct Response {
  int status = 200;
  Fields headers;  // without Content-Type, Content-Length and Connection: the front writes those
  std::string content_type = {};  // "" = application/json
  std::string body;
  /// When set, the answer holds only once what it says is durable. The front starts this, keeps no
  /// worker waiting for its end, and answers when it has settled; after INTRAY_E_CONFLICT it asks
  /// the handler again, some times, and any other error it answers instead. Not on the event loop.
  std::function<void(Settled)> settle = {};
  /// Of a 5xx: what went wrong, for the daemon's log. Never sent.
  std::string fault = {};
};

enum class Listener { kDevice, kCustomer, kOperator, kMetrics };

/// Where a handler runs, and who writes what it answers.
enum class Way {
  kLibrary,  // on a worker, through cpp-httplib: the rule
  kWorker,   // on a worker, written by the front: an acknowledgement, of which a wave has many
  kLoop,     // on the event loop, written by the front: must not block
};

inline constexpr std::size_t kBodyBytesMax = 64 * 1024;  // unless a route takes more

struct Route {
  std::string method;      // GET, POST, PATCH, DELETE
  std::string path;        // absolute template: "/v1/devices/{id}"
  std::string permission;  // "device.poll", "customer.apply", "operator.tokens"; "any.open" = on
                           // all listeners
  std::size_t body_bytes_max = kBodyBytesMax;
  Way way = Way::kLibrary;
  std::function<Response(const Request&)> handle;
};

/// RFC 9457 problem. code is stable ("INT-1042"); title belongs to the code; detail says what, on
/// what, what to do.
struct Problem {
  int status = 500;
  std::string code;
  std::string title;
  std::string detail;
  Fields headers;  // such as Retry-After
  /// Extra members of the JSON object, already as JSON text: {"devices", "[...]"}.
  Fields members;
};
Response problem(const Problem& problem);

/// The one map from intray_status to HTTP, with the error's message as detail; that of a 500 is for
/// the log alone.
Response problem(const Error& error);

}  // namespace intray::http
