#include "tests/support/raw_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace intray::testing_support {
namespace {

int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return file;
  close(file);
  return -1;
}

int connect_tcp(const std::string& host, const std::string& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port.c_str())));
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(file, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return file;
  close(file);
  return -1;
}

}  // namespace

RawClient::RawClient(const std::string& address) {
  const auto colon = address.rfind(':');
  file_ = address.rfind("unix:", 0) == 0
              ? connect_unix(address.substr(5))
              : connect_tcp(address.substr(0, colon), address.substr(colon + 1));
}

RawClient::~RawClient() {
  if (file_ >= 0) close(file_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::fill(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      until - std::chrono::steady_clock::now());
  pollfd readable{file_, POLLIN, 0};
  if (closed_ || left.count() <= 0 || poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
    return false;
  }
  char bytes[16384];
  const auto size = recv(file_, bytes, sizeof bytes, 0);
  if (size <= 0) {
    closed_ = true;
    return false;
  }
  buffer_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

std::string RawClient::receive(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    const auto end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto field = buffer_.find("Content-Length: ");
      std::size_t body = 0;
      if (field < end) body = std::strtoul(buffer_.c_str() + field + 16, nullptr, 10);
      if (buffer_.size() >= end + 4 + body) {
        auto answer = buffer_.substr(0, end + 4 + body);
        buffer_.erase(0, answer.size());
        return answer;
      }
    }
    if (!fill(until)) return "";
  }
}

std::string RawClient::receive_all(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (fill(until)) {
  }
  return std::move(buffer_);
}

bool RawClient::closes_within(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (fill(until)) {
  }
  return closed_;
}

int status_of(std::string_view answer) {
  constexpr std::string_view kStart = "HTTP/1.1 ";
  if (answer.substr(0, kStart.size()) != kStart) return 0;
  return std::atoi(std::string(answer.substr(kStart.size(), 3)).c_str());
}

}  // namespace intray::testing_support
