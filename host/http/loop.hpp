// One event loop of the front: a thread with an epoll set and its connections.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "host/http/connection.hpp"
#include "host/http/front.hpp"
#include "host/http/httplib_adapter.hpp"
#include "host/http/listener.hpp"
#include "host/plugin/worker_pool.hpp"
#include "host/store/round.hpp"
#include "host/store/window.hpp"

namespace intray::http {

/// What all loops share.
struct Shared {
  FrontOptions options;
  Router& router;
  FrontStats stats;
  HttplibAdapter adapter;
  std::vector<ListeningSocket> sockets;          // one for each listener of the options
  std::vector<std::shared_ptr<TlsContext>> tls;  // null = plain
  std::vector<std::string> hosts;                // lower case
  std::unique_ptr<plugin::WorkerPool> pool;
  std::mutex accepting;  // held for one accept
  std::atomic<std::uint64_t> traces{0};
  std::string trace_prefix;  // tells apart what two lives of the daemon log

  Shared(FrontOptions given, Router& routes) : options(std::move(given)), router(routes) {}
};

struct Inbox;

/// A task on its way through a worker, and perhaps the store's writer, back to its loop.
struct Exchange {
  Task task;
  std::uint64_t connection;
  std::shared_ptr<Inbox> inbox;
  std::shared_ptr<Shared> shared;  // answers may come when the front is gone
  int attempts = 0;
};

/// Answers that come from other threads, for a loop that may be gone by then.
struct Inbox final : store::Sleeper, std::enable_shared_from_this<Inbox> {
  struct Delivery {
    std::shared_ptr<Exchange> exchange;
    int status;
    std::string bytes;  // empty: its rows were changed meanwhile, ask the handler again
  };
  std::mutex mutex;
  std::vector<Delivery> deliveries;
  bool closed = false;  // the loop is gone
  int bell = -1;        // eventfd

  ~Inbox() override;
  void deliver(Delivery delivery);
  void wake() override;
};

class Loop {
 public:
  explicit Loop(std::shared_ptr<Shared> shared);
  ~Loop();
  Result<void> start();
  /// Wakes the loop, which ends once nothing is being handled or the time is over.
  void stop(SteadyTime until);
  void join();

 private:
  void run();
  void take_event(const epoll_event& event);
  void stop_accepting();
  bool is_busy() const;
  static int spare_file();
  int accept_one(std::size_t listener);
  void accept_all(std::size_t listener);
  void make_room();
  void open(int socket, std::size_t listener);
  void take_deliveries();
  void enforce_deadlines(SteadyTime now);
  void shed(std::uint64_t connection);

  // ---- one connection; `false` = it is closed or has to wait ----
  void pump(Connection& connection);
  bool advance(Connection& connection);
  bool flush(Connection& connection);
  bool read_head(Connection& connection);
  std::optional<Response> judge(const Connection& connection, Task& task);
  bool is_ours(std::string_view host) const;
  std::optional<Response> find_route(Task& task);
  std::optional<Response> admit(Task& task);
  bool read_body(Connection& connection);
  void handle(Connection& connection);
  void hand_to_worker(Connection& connection, std::shared_ptr<Exchange> exchange);
  void log(const Task& task, int status) const;
  void answer(Connection& connection, const Response& response, bool close);
  void finish(Connection& connection, bool close);
  void close(Connection& connection);
  void set_waiting(Connection& connection, bool waits);

  std::shared_ptr<Shared> owned_;  // answers may come when the front is gone
  Shared& shared_;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  int epoll_ = -1;
  int spare_ = -1;  // let go for a moment when the process is out of file descriptors
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  std::list<std::uint64_t> waiting_;  // without a whole request, oldest first
  store::Window window_;              // closed before the loop waits
  std::vector<std::uint64_t> again_;  // had more to do than is fair in one turn
  std::uint64_t next_number_;
  bool accepting_ = true;
  std::atomic<std::int64_t> stop_until_{0};  // steady clock; 0 = run
  std::thread thread_;
};

}  // namespace intray::http
