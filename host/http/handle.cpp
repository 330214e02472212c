// From a whole request to its handler and back: on the loop, or on a worker through cpp-httplib.
#include "host/http/loop.hpp"
#include "host/http/serialize.hpp"

namespace intray::http {
namespace {

// An exception ends here, and its text with it.
Response answer_of(const Route& route, const Request& request) {
  Response response;
  try {
    response = route.handle(request);
  } catch (const std::exception&) {
    response = problem(Error{INTRAY_E_INTERNAL, ""});
  }
  add_common_headers(response);
  return response;
}

void log(const Shared& shared, const Route& route, const Request& request, Listener listener,
         SteadyTime started, int status) {
  if (!shared.options.access) return;
  shared.options.access({request.method, route.path, request.trace_id, request.principal.id,
                         request.remote, listener, status,
                         std::chrono::steady_clock::now() - started});
}

}  // namespace

void Loop::handle(Connection& connection, PendingRequest pending, std::string body) {
  Request request;
  request.method = std::move(pending.head.method);
  request.path = std::move(pending.head.path);
  request.path_params = std::move(pending.found.params);
  request.headers = std::move(pending.head.headers);
  request.body = std::move(body);
  request.remote = connection.remote;
  request.principal = std::move(pending.principal);
  request.trace_id = shared_.trace_prefix + std::to_string(++shared_.traces);
  if (!parse_query(pending.head.query, request.query)) {
    return answer(connection, refusal(400, "the query is malformed"), pending.head.close);
  }
  request.raw_query = std::move(pending.head.query);
  connection.handling = true;
  if (!pending.found.route->on_loop) {
    return hand_to_worker(connection, pending, std::move(request));
  }
  const auto response = answer_of(*pending.found.route, request);
  log(shared_, *pending.found.route, request, shared_.options.listeners[connection.listener].kind,
      pending.started, response.status);
  finish(connection, serialize(response, pending.head.close), pending.head.close);
}

void Loop::hand_to_worker(Connection& connection, const PendingRequest& pending, Request request) {
  auto job = [route = pending.found.route, request = std::move(request),
              listener = shared_.options.listeners[connection.listener].kind,
              started = pending.started, close = pending.head.close, inbox = inbox_,
              number = connection.number, shared = owned_]() mutable {
    int status = 500;
    const auto handle = [&](std::string received) {
      request.body = std::move(received);
      auto response = answer_of(*route, request);
      status = response.status;
      return response;
    };
    // Routing is done: httplib sees no path that a pattern of its could trip over.
    const auto message = request.method + " / HTTP/1.1\r\nHost: intray\r\nContent-Length: " +
                         std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
    auto bytes = shared->adapter.process(message, close, handle);
    log(*shared, *route, request, listener, started, status);
    inbox->deliver({number, std::move(bytes), close});
  };
  if (shared_.pool->post(std::move(job))) return;
  ++shared_.stats.overloaded;
  answer(connection, refusal(503, "too many requests wait: try again in a moment"), true);
}

}  // namespace intray::http
