#include "host/http/loop.hpp"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace intray::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint64_t kWakeNumber = 0;
constexpr std::uint64_t kFirstConnection = 1024;  // below: listeners, by index + 1
constexpr int kReadsInATurn = 16;
constexpr int kEventsInARound = 32;  // whom they are for does not wait for the whole turn
constexpr milliseconds kTick{250};
constexpr milliseconds kLinger{2000};

}  // namespace

Inbox::~Inbox() {
  if (bell >= 0) ::close(bell);
}

void Inbox::deliver(Delivery delivery) {
  {
    const std::lock_guard lock(mutex);
    if (closed) return;
    deliveries.push_back(std::move(delivery));
    if (deliveries.size() > 1) return;  // the loop was called, or is at the end of a round
  }
  store::Round::wake_at_end(shared_from_this());
}

void Inbox::wake() {
  const std::uint64_t one = 1;
  if (write(bell, &one, sizeof one) < 0) return;  // full: the loop is awake already
}

Loop::Loop(std::shared_ptr<Shared> shared)
    : owned_(std::move(shared)),
      shared_(*owned_),
      window_(shared_.options.store),
      next_number_(kFirstConnection) {}

Loop::~Loop() {
  join();
  connections_.clear();
  std::vector<Inbox::Delivery> late;  // each holds the inbox that holds it
  const std::lock_guard lock(inbox_->mutex);
  late.swap(inbox_->deliveries);
  inbox_->closed = true;
  if (epoll_ >= 0) ::close(epoll_);
  if (spare_ >= 0) ::close(spare_);
}

Result<void> Loop::start() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  inbox_->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  spare_ = spare_file();
  if (epoll_ < 0 || inbox_->bell < 0) {
    return fail(INTRAY_E_INTERNAL, std::string("cannot make an event loop: ") + strerror(errno));
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = kWakeNumber;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, inbox_->bell, &event);
  for (std::size_t i = 0; i < shared_.sockets.size(); ++i) {
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    event.data.u64 = i + 1;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, shared_.sockets[i].file, &event);
  }
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "loop");
  return {};
}

void Loop::stop(SteadyTime until) {
  stop_until_ = until.time_since_epoch().count();
  inbox_->wake();
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

void Loop::run() {
  std::array<epoll_event, 256> events{};
  auto next_tick = steady_clock::now() + kTick;
  store::Round turn;
  for (;;) {
    const int timeout = again_.empty() ? static_cast<int>(kTick.count()) : 0;
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
    for (int i = 0; i < ready; ++i) {
      take_event(events[static_cast<std::size_t>(i)]);
      if (i % kEventsInARound == kEventsInARound - 1) turn.end();
    }
    for (const auto number : std::exchange(again_, {})) {
      if (const auto found = connections_.find(number); found != connections_.end()) {
        pump(*found->second);
      }
    }
    turn.end();
    window_.close();
    const auto now = steady_clock::now();
    if (now >= next_tick) {
      enforce_deadlines(now);
      next_tick = now + kTick;
    }
    if (stop_until_ == 0) continue;
    stop_accepting();
    if (!is_busy() || now.time_since_epoch().count() >= stop_until_) return;
  }
}

void Loop::take_event(const epoll_event& event) {
  const auto number = event.data.u64;
  if (number == kWakeNumber) return take_deliveries();
  if (number < kFirstConnection) {
    if (accepting_) accept_all(number - 1);
    return;
  }
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  auto& connection = *found->second;
  connection.drained = false;
  connection.ending |= (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  pump(connection);
}

void Loop::stop_accepting() {
  if (!accepting_) return;
  accepting_ = false;
  for (const auto& socket : shared_.sockets) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, socket.file, nullptr);
  }
}

// Somebody is being answered, or still takes its answer.
bool Loop::is_busy() const {
  return std::any_of(connections_.begin(), connections_.end(), [](const auto& each) {
    return each.second->handling || !each.second->out.empty();
  });
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
    if (read(inbox_->bell, &count, sizeof count) < 0 && errno != EAGAIN) return;
    deliveries.swap(inbox_->deliveries);
  }
  for (auto& [exchange, status, bytes] : deliveries) {
    const auto found = connections_.find(exchange->connection);
    if (found == connections_.end() || !found->second->handling) continue;
    auto& connection = *found->second;
    if (bytes.empty()) {
      hand_to_worker(connection, std::move(exchange));
    } else {
      log(exchange->task, status);
      connection.out += bytes;
      finish(connection, exchange->task.request.close);
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

}  // namespace intray::http
