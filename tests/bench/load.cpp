#include "tests/bench/load.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace intray::bench {
namespace {

using std::chrono::steady_clock;

struct Client {
  int socket = -1;
  std::string in;
  bool done = false;
};

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::exit(1);
}

// Head and body of one answer at the start of `in`; 0 = not whole yet.
std::size_t whole(const std::string& in, std::size_t& head, int& status) {
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  head = end + 4;
  status = std::atoi(in.c_str() + std::strlen("HTTP/1.1 "));
  std::size_t length = 0;
  const auto found = in.find("Content-Length: ");
  if (found != std::string::npos && found < end) {
    length = std::strtoul(in.c_str() + found + std::strlen("Content-Length: "), nullptr, 10);
  }
  return in.size() < head + length ? 0 : head + length;
}

class Load {
 public:
  Load(const NextRequest& next, const OnAnswer& on_answer) : next_(next), on_answer_(on_answer) {}

  LoadResult run(const std::string& address, std::size_t connections, std::chrono::seconds most) {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    clients_.resize(connections);
    for (std::size_t i = 0; i < connections; ++i) {
      clients_[i].socket = connect_to(address);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_[i].socket, &event);
      // cpp-httplib listens with a backlog of 5: what comes faster than it accepts would wait a
      // second for the network's second try, and be counted as its slowness.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    const auto start = steady_clock::now();
    for (std::size_t i = 0; i < connections; ++i) send_next(i);
    std::array<epoll_event, 64> events{};
    while (open_ > 0 && steady_clock::now() - start < most) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
      for (int i = 0; i < ready; ++i) receive(events[static_cast<std::size_t>(i)].data.u64);
    }
    result_.took = steady_clock::now() - start;
    for (auto& client : clients_) close(client.socket);
    close(epoll_);
    return result_;
  }

 private:
  void send_next(std::size_t index) {
    const auto bytes = next_(index);
    auto& client = clients_[index];
    if (!bytes) {
      if (!client.done && started_ > index) --open_;
      client.done = true;
      return;
    }
    if (started_ <= index) {
      started_ = index + 1;
      ++open_;
    }
    if (send(client.socket, bytes->data(), bytes->size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes->size())) {
      fail(index);
    }
  }
  void fail(std::size_t index) {
    ++result_.failures;
    if (!clients_[index].done) --open_;
    clients_[index].done = true;
    epoll_ctl(epoll_, EPOLL_CTL_DEL, clients_[index].socket, nullptr);
  }
  void receive(std::size_t index) {
    auto& client = clients_[index];
    char bytes[16384];
    const auto size = recv(client.socket, bytes, sizeof bytes, 0);
    if (size <= 0) return fail(index);
    client.in.append(bytes, static_cast<std::size_t>(size));
    std::size_t head = 0;
    int status = 0;
    while (const auto end = whole(client.in, head, status)) {
      ++result_.answers;
      on_answer_(index, status, std::string_view(client.in).substr(head, end - head));
      client.in.erase(0, end);
      send_next(index);
      if (client.done) return;
    }
  }

  const NextRequest& next_;
  const OnAnswer& on_answer_;
  int epoll_ = -1;
  std::vector<Client> clients_;
  std::size_t open_ = 0, started_ = 0;
  LoadResult result_;
};

}  // namespace

int connect_to(const std::string& address) {
  constexpr std::string_view kUnix = "unix:";
  int socket = -1;
  int connected = -1;
  if (address.rfind(kUnix, 0) == 0) {
    socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, address.c_str() + kUnix.size(), sizeof to.sun_path - 1);
    connected = connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to);
  } else {
    socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    connected = connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to);
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (connected != 0) give_up(address.c_str());
  return socket;
}

LoadResult load(const std::string& address, std::size_t connections, std::chrono::seconds most,
                const NextRequest& next, const OnAnswer& on_answer) {
  return Load(next, on_answer).run(address, connections, most);
}

LoadResult load_each(const std::string& address, std::size_t connections, std::size_t count,
                     const NumberedRequest& request_of, const NumberedAnswer& on_answer) {
  std::vector<std::size_t> asked(connections);
  std::size_t next = 0;
  return load(
      address, connections, std::chrono::seconds(300),
      [&](std::size_t connection) -> std::optional<std::string> {
        if (next == count) return std::nullopt;
        asked[connection] = next;
        return request_of(next++);
      },
      [&](std::size_t connection, int status, std::string_view body) {
        on_answer(asked[connection], status, body);
      });
}

std::string request(std::string_view method, std::string_view path, std::string_view token,
                    std::string_view body, std::string_view more_headers) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!token.empty()) text.append("Authorization: Bearer ").append(token).append("\r\n");
  text.append(more_headers);
  if (!body.empty()) {
    text.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n");
  }
  return text.append("\r\n").append(body);
}

}  // namespace intray::bench
