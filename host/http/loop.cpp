#include "host/http/loop.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "host/http/serialize.hpp"

namespace intray::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kWakeNumber = 0;
constexpr std::uint64_t kFirstConnection = 1024;  // below: listeners, by index + 1
constexpr int kReadsInATurn = 16;
constexpr milliseconds kTick{250};
constexpr milliseconds kLinger{2000};
constexpr std::size_t kShedPercent = 80;

int spare_file() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

void Inbox::deliver(Delivery delivery) {
  const std::lock_guard lock(mutex);
  if (wake < 0) return;
  deliveries.push_back(std::move(delivery));
  if (deliveries.size() > 1) return;  // the loop was called already
  const std::uint64_t one = 1;
  if (write(wake, &one, sizeof one) < 0) return;  // full: the loop is awake already
}

Loop::Loop(std::shared_ptr<Shared> shared)
    : owned_(std::move(shared)), shared_(*owned_), next_number_(kFirstConnection) {}

Loop::~Loop() {
  join();
  connections_.clear();
  std::vector<Inbox::Delivery> late;  // each holds the inbox that holds it
  const std::lock_guard lock(inbox_->mutex);
  late.swap(inbox_->deliveries);
  if (inbox_->wake >= 0) ::close(inbox_->wake);
  inbox_->wake = -1;
  if (epoll_ >= 0) ::close(epoll_);
  if (spare_ >= 0) ::close(spare_);
}

Result<void> Loop::start() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  inbox_->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  spare_ = spare_file();
  if (epoll_ < 0 || inbox_->wake < 0) {
    return fail(INTRAY_E_INTERNAL, std::string("cannot make an event loop: ") + strerror(errno));
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeNumber;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, inbox_->wake, &event);
  for (std::size_t i = 0; i < shared_.sockets.size(); ++i) {
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.u64 = i + 1;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, shared_.sockets[i].file, &event);
  }
  thread_ = std::thread([this] { run(); });
  return {};
}

void Loop::stop(SteadyTime until) {
  stop_until_ = until.time_since_epoch().count();
  const std::lock_guard lock(inbox_->mutex);
  const std::uint64_t one = 1;
  if (inbox_->wake >= 0 && write(inbox_->wake, &one, sizeof one) < 0) return;
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

void Loop::run() {
  std::array<epoll_event, 256> events{};
  auto next_tick = steady_clock::now() + kTick;
  bool accepting = true;
  for (;;) {
    const int timeout = again_.empty() ? static_cast<int>(kTick.count()) : 0;
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
    for (int i = 0; i < ready; ++i) {
      const auto number = events[static_cast<std::size_t>(i)].data.u64;
      if (number == kWakeNumber) {
        take_deliveries();
      } else if (number < kFirstConnection) {
        if (accepting) accept_all(number - 1);
      } else if (const auto found = connections_.find(number); found != connections_.end()) {
        const auto what = events[static_cast<std::size_t>(i)].events;
        found->second->drained = false;
        found->second->ending |= (what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
        pump(*found->second);
      }
    }
    for (const auto number : std::exchange(again_, {})) {
      if (const auto found = connections_.find(number); found != connections_.end()) {
        pump(*found->second);
      }
    }
    const auto now = steady_clock::now();
    if (now >= next_tick) {
      enforce_deadlines(now);
      next_tick = now + kTick;
    }
    const auto until = stop_until_.load();
    if (until == 0) continue;
    if (accepting) {
      accepting = false;
      for (const auto& socket : shared_.sockets) {
        epoll_ctl(epoll_, EPOLL_CTL_DEL, socket.file, nullptr);
      }
    }
    bool busy = false;
    for (const auto& [number, connection] : connections_) {
      busy |= connection->handling || !connection->out.empty();
    }
    if (!busy || now.time_since_epoch().count() >= until) return;
  }
}

// ---- connections come and go ----------------------------------------------------------------

// A socket, or -errno. One loop at a time: else another one would take the file that the spare one
// leaves, keep the caller, and leave this loop without a spare one.
int Loop::accept_one(std::size_t listener) {
  const std::lock_guard lock(shared_.accepting);
  const int file = shared_.sockets[listener].file;
  const int socket = accept4(file, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0) return socket;
  if (errno != EMFILE && errno != ENFILE) return -errno;
  // Out of file descriptors: take the caller with the spare one, and let it go.
  ::close(spare_);
  const int victim = accept4(file, nullptr, nullptr, SOCK_CLOEXEC);
  if (victim >= 0) ::close(victim);
  spare_ = spare_file();
  if (victim < 0) return -EAGAIN;  // nobody waits: accept finds no file before it finds that out
  ++shared_.stats.connections_shed;
  return -ECONNABORTED;
}

void Loop::accept_all(std::size_t listener) {
  constexpr int kAcceptsInATurn = 64;  // the other loop wants some, too
  for (int i = 0; i < kAcceptsInATurn; ++i) {
    const int socket = accept_one(listener);
    if (socket >= 0) {
      open(socket, listener);
    } else if (socket != -EINTR && socket != -ECONNABORTED) {
      return;
    }
  }
}

// A fleet stands behind one address, so there is no limit for each: above 80 % of all connections,
// the oldest one without a whole request goes first.
void Loop::make_room() {
  const auto max = shared_.options.connections_max;
  if (shared_.stats.connections_open * 100 >= max * kShedPercent && !waiting_.empty()) {
    shed(waiting_.front());
  }
}

void Loop::open(int socket, std::size_t listener) {
  ++shared_.stats.connections_accepted;
  make_room();
  const bool stranger = shared_.sockets[listener].is_unix && !is_own_peer(socket);
  if (stranger || shared_.stats.connections_open >= shared_.options.connections_max) {
    ++shared_.stats.connections_shed;
    ::close(socket);
    return;
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const auto& tls = shared_.tls[listener];
  const auto number = next_number_++;
  auto connection =
      std::make_unique<Connection>(number, socket, listener, tls ? tls->session(socket) : nullptr);
  connection->remote = remote_address(socket);
  connection->deadline = steady_clock::now() + shared_.options.head_time;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = number;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return;
  ++shared_.stats.connections_open;
  set_waiting(*connection, true);
  connections_.emplace(number, std::move(connection));
}

void Loop::set_waiting(Connection& connection, bool waits) {
  if (connection.waiting)
    connection.place.splice(connection.place.end(), waiting_, connection.node);
  if (waits) waiting_.splice(waiting_.end(), connection.place, connection.node);
  connection.waiting = waits;
}

void Loop::close(Connection& connection) {
  set_waiting(connection, false);
  --shared_.stats.connections_open;
  connections_.erase(connection.number);
}

void Loop::shed(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  ++shared_.stats.connections_shed;
  close(*found->second);
}

void Loop::enforce_deadlines(SteadyTime now) {
  std::vector<std::uint64_t> late;
  for (const auto& [number, connection] : connections_) {
    if (!connection->handling && connection->deadline < now) late.push_back(number);
  }
  for (const auto number : late) shed(number);
}

void Loop::take_deliveries() {
  std::uint64_t count = 0;
  std::vector<Inbox::Delivery> deliveries;
  {
    const std::lock_guard lock(inbox_->mutex);
    if (read(inbox_->wake, &count, sizeof count) < 0 && errno != EAGAIN) return;
    deliveries.swap(inbox_->deliveries);
  }
  for (auto& [exchange, status, bytes] : deliveries) {
    const auto found = connections_.find(exchange->connection);
    if (found == connections_.end() || !found->second->handling) continue;
    auto& connection = *found->second;
    if (bytes.empty()) {
      hand_to_worker(connection, std::move(exchange));
    } else {
      log(*exchange, status);
      finish(connection, std::move(bytes), exchange->close);
    }
    pump(connection);
  }
}

// ---- one connection -------------------------------------------------------------------------

void Loop::pump(Connection& connection) {
  for (int reads = 0; reads < kReadsInATurn;) {
    const bool sent = connection.out.empty() || flush(connection);
    if (connection.broken) return close(connection);
    if (!sent) return;
    if (connection.close_after && !connection.handling && !connection.lingering) {
      connection.say_goodbye();
      connection.deadline = steady_clock::now() + kLinger;
    }
    if (connection.handling) return;
    if (!connection.lingering && advance(connection)) continue;
    if (connection.drained) return;
    const auto size = connection.read();
    if (size == kBlocked) return;
    if (size == kClosed) return close(connection);
    ++reads;
  }
  again_.push_back(connection.number);
}

// A slow reader may take long, as long as it reads.
bool Loop::flush(Connection& connection) {
  const auto before = connection.unsent();
  const bool sent = connection.flush();
  if (!sent && connection.unsent() < before) {
    connection.deadline = steady_clock::now() + shared_.options.write_time;
  }
  return sent;
}

bool Loop::advance(Connection& connection) {
  if (connection.close_after) return false;
  return connection.pending ? read_body(connection) : read_head(connection);
}

bool Loop::read_head(Connection& connection) {
  auto& in = connection.in;
  if (in.empty()) return false;
  const auto now = steady_clock::now();
  if (!connection.head_begun) {
    connection.head_begun = true;
    connection.deadline = now + shared_.options.head_time;
  }
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos && in.size() <= kHeadBytesMax) return false;
  const auto refuse = [&](int status, const char* why) {
    ++shared_.stats.refused;
    answer(connection, refusal(status, why), true);
    return true;
  };
  if (end == std::string::npos || end + 4 > kHeadBytesMax) {
    return refuse(431, "the head of the request is above 16 KiB");
  }
  auto vetted = vet(std::string_view(in).substr(0, end + 4));
  if (vetted.status != 0) return refuse(vetted.status, vetted.why);
  in.erase(0, end + 4);
  PendingRequest pending;
  pending.started = now;
  pending.head = std::move(vetted.head);
  judge(connection, pending);
  const bool known = pending.found.route != nullptr;
  const auto limit = known ? pending.found.route->body_bytes_max : 64 * 1024;
  if (pending.head.content_length > limit) {
    return refuse(413, "the body is above the limit of this route");
  }
  // A large body that will be refused anyway is not waited for.
  if (pending.refusal && pending.head.content_length > in.size() + kHeadBytesMax) {
    answer(connection, *pending.refusal, true);
    return true;
  }
  constexpr std::size_t kSlowestBytesPerSecond = 64 * 1024;
  connection.deadline = now + shared_.options.request_time +
                        std::chrono::seconds(pending.head.content_length / kSlowestBytesPerSecond);
  connection.pending = std::move(pending);
  return true;
}

// Who, where to, and whether it is allowed: before the body is read.
void Loop::judge(Connection& connection, PendingRequest& pending) const {
  auto& stats = shared_.stats;
  const auto& options = shared_.options.listeners[connection.listener];
  const bool is_unix = shared_.sockets[connection.listener].is_unix;
  const auto& head = pending.head;
  if (!is_unix &&
      std::find(shared_.hosts.begin(), shared_.hosts.end(), head.host) == shared_.hosts.end()) {
    const auto aliases = shared_.router.alias_hosts();
    if (std::find(aliases.begin(), aliases.end(), head.host) == aliases.end()) {
      ++stats.refused;
      pending.refusal = refusal(421, "this host does not answer for " + head.host);
      return;
    }
  }
  pending.found = shared_.router.find(options.kind, head.method, head.host, head.path);
  const auto& found = pending.found;
  if (found.status == 400) {
    ++stats.refused;
    pending.refusal = refusal(400, "a part of the path does not decode");
    return;
  }
  if (found.status == 404) {
    pending.refusal = refusal(404, "there is no " + head.path + " on this listener");
    return;
  }
  if (found.status == 405) {
    pending.refusal = refusal(405, head.path + " answers " + found.allow);
    pending.refusal->headers.emplace_back("Allow", found.allow);
    return;
  }
  const auto& permission = found.route->permission;
  pending.principal = shared_.options.authenticate(options.kind, head.bearer);
  if (security::permits(pending.principal.role, permission)) return;
  if (pending.principal.role == security::Role::kNobody) {
    ++stats.unauthenticated;
    pending.refusal =
        refusal(401, head.bearer.empty() ? "this needs a token: Authorization: Bearer ..."
                                         : "the token is unknown or was revoked");
  } else {
    pending.refusal =
        refusal(403, "a token of role " + std::string(security::role_name(pending.principal.role)) +
                         " may not do this: it needs " + permission);
  }
}

bool Loop::read_body(Connection& connection) {
  const auto size = connection.pending->head.content_length;
  if (connection.in.size() < size) return false;
  auto pending = std::move(*connection.pending);
  connection.pending.reset();
  auto body = connection.in.substr(0, size);
  connection.in.erase(0, size);
  set_waiting(connection, false);
  ++shared_.stats.requests;
  if (pending.refusal) {
    answer(connection, *pending.refusal, pending.head.close);
    return true;
  }
  handle(connection, std::move(pending), std::move(body));
  return true;
}

void Loop::answer(Connection& connection, const Response& response, bool close) {
  finish(connection, serialize(response, close), close);
}

void Loop::finish(Connection& connection, std::string bytes, bool close) {
  connection.out += bytes;
  connection.handling = false;
  connection.head_begun = false;
  connection.close_after |= close || stop_until_ != 0;
  connection.deadline = steady_clock::now() + shared_.options.idle_time;
  set_waiting(connection, true);
}

}  // namespace intray::http
