// From a whole request to its handler and back: on the loop, on a worker, or there through
// cpp-httplib.
#include "host/http/loop.hpp"
#include "host/http/serialize.hpp"
#include "host/http/vet.hpp"

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
    auto& task = exchange->task;
    task.fault = std::move(answer.fault);
    deliver(exchange, answer.status, serialize(answer, task.request.close));
  });
}

// Routing is done: httplib sees no path that a pattern of its could trip over.
std::string message_of(const Request& request) {
  return request.method + " / HTTP/1.1\r\nContent-Length: " + std::to_string(request.body.size()) +
         "\r\n\r\n" + request.body;
}

void answer_on_worker(const std::shared_ptr<Exchange>& exchange) {
  ++exchange->attempts;
  auto& task = exchange->task;
  auto& request = task.request;
  int status = 500;
  std::function<void(Settled)> start;
  const auto handle = [&](std::string received) {
    request.body = std::move(received);
    auto response = answer_of(*task.route, request);
    status = response.status;
    start = std::move(response.settle);
    task.fault = std::move(response.fault);
    return response;
  };
  auto bytes = task.route->way == Way::kWorker
                   ? serialize(handle(std::move(request.body)), request.close)
                   : exchange->shared->adapter.process(message_of(request), request.close, handle);
  if (start) return settle(exchange, start, status, std::move(bytes));
  deliver(exchange, status, std::move(bytes));
}

}  // namespace

void Loop::handle(Connection& connection) {
  auto& task = connection.pending->task;
  auto& request = task.request;
  if (!parse_query(request.raw_query, request.query)) {
    return answer(connection, refusal(400, "the query is malformed"), request.close);
  }
  request.remote = connection.remote;
  request.trace_id = shared_.trace_prefix + std::to_string(++shared_.traces);
  if (task.route->way != Way::kLoop) {
    auto exchange =
        std::make_shared<Exchange>(Exchange{std::move(task), connection.number, inbox_, owned_});
    connection.pending.reset();
    connection.handling = true;
    return hand_to_worker(connection, std::move(exchange));
  }
  request.window = &window_;
  auto response = answer_of(*task.route, request);
  task.fault = std::move(response.fault);
  log(task, response.status);
  answer(connection, response, request.close);
}

void Loop::hand_to_worker(Connection& connection, std::shared_ptr<Exchange> exchange) {
  if (shared_.pool->post([exchange = std::move(exchange)] { answer_on_worker(exchange); })) return;
  ++shared_.stats.overloaded;
  answer(connection, refusal(503, "too many requests wait: try again in a moment"), true);
}

void Loop::log(const Task& task, int status) const {
  if (!shared_.options.access) return;
  const auto& request = task.request;
  shared_.options.access({request.method, task.route->path, request.trace_id, request.principal.id,
                          request.remote, task.listener, status,
                          std::chrono::steady_clock::now() - task.started, task.fault});
}

void Loop::answer(Connection& connection, const Response& response, bool close) {
  append(response, close, connection.out);
  finish(connection, close);
}

void Loop::finish(Connection& connection, bool close) {
  connection.pending.reset();
  connection.handling = false;
  connection.head_begun = false;
  connection.close_after |= close || stop_until_ != 0;
  connection.deadline = std::chrono::steady_clock::now() + shared_.options.idle_time;
  set_waiting(connection, true);
}

}  // namespace intray::http
