// From a whole request to its handler and back: on the loop, or on a worker through cpp-httplib.
#include "host/http/loop.hpp"
#include "host/http/serialize.hpp"

namespace intray::http {
namespace {

constexpr int kAttemptsMax = 8;

// An exception ends here; its text goes into the log alone.
Response answer_of(const Route& route, const Request& request) {
  Response response;
  try {
    response = route.handle(request);
  } catch (const std::exception& exception) {
    response = problem(Error{INTRAY_E_INTERNAL, exception.what()});
  }
  return response;
}

void deliver(const std::shared_ptr<Exchange>& exchange, int status, std::string bytes) {
  exchange->inbox->deliver({exchange, status, std::move(bytes)});
}

// Until the outcome is known the worker does other work.
void settle(const std::shared_ptr<Exchange>& exchange, const std::function<void(Settled)>& start,
            int status, std::string bytes) {
  start([exchange, status, bytes = std::move(bytes)](const Result<void>& outcome) mutable {
    if (outcome) return deliver(exchange, status, std::move(bytes));
    const bool stale = outcome.error().status == INTRAY_E_CONFLICT;
    if (stale && exchange->attempts < kAttemptsMax) return deliver(exchange, 0, {});
    auto answer = problem(outcome.error());
    exchange->fault = std::move(answer.fault);
    deliver(exchange, answer.status, serialize(answer, exchange->close));
  });
}

// On a worker, through cpp-httplib.
void answer_on_worker(const std::shared_ptr<Exchange>& exchange) {
  ++exchange->attempts;
  auto& request = exchange->request;
  int status = 500;
  std::function<void(Settled)> start;
  const auto handle = [&](std::string received) {
    request.body = std::move(received);
    auto response = answer_of(*exchange->route, request);
    status = response.status;
    start = std::move(response.settle);
    exchange->fault = std::move(response.fault);
    return response;
  };
  // Routing is done: httplib sees no path that a pattern of its could trip over.
  const auto message = request.method + " / HTTP/1.1\r\nHost: intray\r\nContent-Length: " +
                       std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
  auto bytes = exchange->shared->adapter.process(message, exchange->close, handle);
  if (start) return settle(exchange, start, status, std::move(bytes));
  deliver(exchange, status, std::move(bytes));
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
  Exchange exchange{pending.found.route,
                    std::move(request),
                    shared_.options.listeners[connection.listener].kind,
                    pending.started,
                    pending.head.close,
                    connection.number,
                    inbox_,
                    owned_};
  if (!exchange.route->on_loop) {
    return hand_to_worker(connection, std::make_shared<Exchange>(std::move(exchange)));
  }
  auto response = answer_of(*exchange.route, exchange.request);
  exchange.fault = std::move(response.fault);
  log(exchange, response.status);
  finish(connection, serialize(response, exchange.close), exchange.close);
}

void Loop::hand_to_worker(Connection& connection, std::shared_ptr<Exchange> exchange) {
  if (shared_.pool->post([exchange = std::move(exchange)] { answer_on_worker(exchange); })) return;
  ++shared_.stats.overloaded;
  answer(connection, refusal(503, "too many requests wait: try again in a moment"), true);
}

void Loop::log(const Exchange& exchange, int status) const {
  if (!shared_.options.access) return;
  const auto& request = exchange.request;
  shared_.options.access({request.method, exchange.route->path, request.trace_id,
                          request.principal.id, request.remote, exchange.listener, status,
                          std::chrono::steady_clock::now() - exchange.started, exchange.fault});
}

}  // namespace intray::http
