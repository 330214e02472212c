// From a whole request to its handler and back: on the loop, or on a worker through cpp-httplib.
#include <future>

#include "host/http/loop.hpp"
#include "host/http/serialize.hpp"

namespace intray::http {
namespace {

// Where the handler that this loop thread is in may answer without a detour through the inbox.
thread_local const void* direct_answer = nullptr;

// Answers once, however often and from wherever it is called; 500 when it never is.
class Ticket {
 public:
  explicit Ticket(std::function<void(Response)> answer) : answer_(std::move(answer)) {}
  ~Ticket() { respond(problem(Error{INTRAY_E_INTERNAL, ""})); }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  void respond(Response response) {
    if (answered_.exchange(true)) return;
    answer_(std::move(response));
  }

 private:
  std::function<void(Response)> answer_;
  std::atomic<bool> answered_{false};
};

Respond make_respond(std::function<void(Response)> answer) {
  auto ticket = std::make_shared<Ticket>(std::move(answer));
  return [ticket](Response response) { ticket->respond(std::move(response)); };
}

void call(const Route& route, const Request& request, const Respond& respond) {
  try {
    route.handle(request, respond);
  } catch (const std::exception&) {
    respond(problem(Error{INTRAY_E_INTERNAL, ""}));
  }
}

// What the access log needs, by value: the answer may come when the connection is gone.
struct Record {
  std::shared_ptr<const Route> route;
  std::string method, trace_id, principal, remote;
  Listener listener;
  SteadyTime started;
};

void log(const Shared& shared, const Record& record, int status) {
  if (!shared.options.access) return;
  shared.options.access({record.method, record.route->path, record.trace_id, record.principal,
                         record.remote, record.listener, status,
                         std::chrono::steady_clock::now() - record.started});
}

}  // namespace

void Loop::handle(Connection& connection, PendingRequest pending, std::string body) {
  Request request;
  request.method = pending.head.method;
  request.path = pending.head.path;
  request.path_params = std::move(pending.found.params);
  request.raw_query = pending.head.query;
  request.headers = std::move(pending.head.headers);
  request.body = std::move(body);
  request.remote = connection.remote;
  request.principal = std::move(pending.principal);
  request.trace_id = shared_.trace_prefix + std::to_string(++shared_.traces);
  if (!parse_query(pending.head.query, request.query)) {
    return answer(connection, refusal(400, "the query is malformed"), pending.head.close);
  }
  connection.handling = true;
  if (!pending.found.route->on_loop) {
    return hand_to_worker(connection, pending, std::move(request));
  }

  const Record record{pending.found.route, request.method,
                      request.trace_id,    request.principal.id,
                      request.remote,      shared_.options.listeners[connection.listener].kind,
                      pending.started};
  const bool close = pending.head.close;
  auto direct = std::make_shared<std::optional<std::string>>();
  const auto respond =
      make_respond([this, record, close, direct, inbox = inbox_, number = connection.number,
                    &shared = shared_](Response response) {
        add_common_headers(response);
        log(shared, record, response.status);
        auto bytes = serialize(response, close);
        if (direct_answer == direct.get()) {
          *direct = std::move(bytes);
        } else {
          inbox->deliver({number, std::move(bytes), close});
        }
      });
  direct_answer = direct.get();
  call(*pending.found.route, request, respond);
  direct_answer = nullptr;
  if (*direct) finish(connection, std::move(**direct), close);
}

void Loop::hand_to_worker(Connection& connection, const PendingRequest& pending, Request request) {
  const Record record{pending.found.route, request.method,
                      request.trace_id,    request.principal.id,
                      request.remote,      shared_.options.listeners[connection.listener].kind,
                      pending.started};
  auto job = [record, request = std::move(request), close = pending.head.close, inbox = inbox_,
              number = connection.number, shared = owned_]() mutable {
    int status = 500;
    const auto handle = [&](std::string received) {
      request.body = std::move(received);
      std::promise<Response> promise;
      auto answered = promise.get_future();
      // The worker waits: it must not go on while the handler still has the request.
      call(*record.route, request,
           make_respond([&promise](Response response) { promise.set_value(std::move(response)); }));
      auto response = answered.get();
      add_common_headers(response);
      status = response.status;
      return response;
    };
    // Routing is done: httplib sees no path that a pattern of its could trip over.
    const auto message = request.method + " / HTTP/1.1\r\nHost: intray\r\nContent-Length: " +
                         std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
    auto bytes = shared->adapter.process(message, close, handle);
    log(*shared, record, status);
    inbox->deliver({number, std::move(bytes), close});
  };
  if (shared_.pool->post(std::move(job))) return;
  ++shared_.stats.overloaded;
  answer(connection, refusal(503, "too many requests wait: try again in a moment"), true);
}

}  // namespace intray::http
