#include "host/http/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace intray::http {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

ssize_t outcome(ssize_t result) {
  if (result > 0) return result;
  return result < 0 && (errno == EAGAIN || errno == EINTR) ? kBlocked : kClosed;
}

}  // namespace

Connection::Connection(std::uint64_t number_, int socket, std::size_t listener_,
                       std::unique_ptr<TlsSession> tls)
    : number(number_),
      listener(listener_),
      place{number_},
      node(place.begin()),
      socket_(socket),
      tls_(std::move(tls)) {}

Connection::~Connection() {
  tls_.reset();
  ::close(socket_);
}

ssize_t Connection::read() {
  char bytes[kReadBytes];
  const auto size =
      tls_ ? tls_->read(bytes, sizeof bytes) : outcome(recv(socket_, bytes, sizeof bytes, 0));
  // A read that leaves room took all there was; the next bytes, or the end, are an event.
  drained = !tls_ && !ending && size > 0 && size < static_cast<ssize_t>(sizeof bytes);
  if (size > 0 && !lingering) in.append(bytes, static_cast<std::size_t>(size));
  return size;
}

ssize_t Connection::send_some(const char* bytes, std::size_t size) {
  return tls_ ? tls_->write(bytes, size) : outcome(send(socket_, bytes, size, MSG_NOSIGNAL));
}

bool Connection::flush() {
  while (sent_ < out.size()) {
    const auto size = send_some(out.data() + sent_, out.size() - sent_);
    if (size == kClosed) broken = true;
    if (size <= 0) return false;
    sent_ += static_cast<std::size_t>(size);
  }
  out.clear();
  sent_ = 0;
  if (out.capacity() > kReadBytes) out.shrink_to_fit();
  return true;
}

void Connection::say_goodbye() {
  if (tls_) tls_->close();
  shutdown(socket_, SHUT_WR);
  lingering = true;
  in.clear();
  in.shrink_to_fit();
}

}  // namespace intray::http
