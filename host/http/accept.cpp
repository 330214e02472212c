// Connections come and go: accepted, kept in the order in which they may have to leave, let go.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "host/http/loop.hpp"

namespace intray::http {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kShedPercent = 80;

}  // namespace

// To be let go of when there are no other file descriptors.
int Loop::spare_file() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

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
  const bool stranger =
      shared_.sockets[listener].is_unix && !is_peer_of(shared_.options.owner, socket);
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

}  // namespace intray::http
