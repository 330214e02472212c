#include "host/http/listener.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace intray::http {
namespace {

constexpr int kBacklog = 4096;
constexpr std::string_view kUnix = "unix:";

Failure system_failure(const std::string& what, const std::string& on) {
  const int code = errno;
  const auto status = code == EADDRINUSE ? INTRAY_E_BAD_STATE : INTRAY_E_INTERNAL;
  const char* remedy = "";
  if (code == EADDRINUSE) remedy = ": stop who has it, or choose another port";
  if (code == ENOENT) remedy = ": make its directory first";
  if (code == EACCES) remedy = ": ports below 1024, and the socket's directory, need the right";
  return fail(status, what + " " + on + ": " + std::strerror(code) + remedy);
}

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

std::string name_of(int file) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(file, reinterpret_cast<sockaddr*>(&address), &size);
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";
  getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
              NI_NUMERICHOST | NI_NUMERICSERV);
  const std::string name(host);
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port;
}

Result<ListeningSocket> listen_tcp(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) {
    return fail(INTRAY_E_INVALID, "'" + address + "' is no ADDRESS:PORT");
  }
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  AddressList found;
  const int code =
      getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found.first);
  if (code != 0) {
    return fail(INTRAY_E_INVALID, "cannot listen on " + address + ": " + gai_strerror(code));
  }
  const int file = socket(found.first->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (file < 0) return system_failure("cannot listen on", address);
  const int on = 1;
  setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(file, found.first->ai_addr, found.first->ai_addrlen) != 0 ||
      listen(file, kBacklog) != 0) {
    auto failure = system_failure("cannot listen on", address);
    close(file);
    return failure;
  }
  return ListeningSocket{file, name_of(file), false};
}

bool somebody_listens(const sockaddr_un& address) {
  const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answered =
      file >= 0 && connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (file >= 0) close(file);
  return answered;
}

Result<ListeningSocket> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return fail(INTRAY_E_INVALID, "the path of a Unix socket has 1 to " +
                                      std::to_string(sizeof address.sun_path - 1) +
                                      " bytes: " + path);
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  struct stat existing {};
  if (lstat(path.c_str(), &existing) == 0) {
    if (!S_ISSOCK(existing.st_mode)) {
      return fail(INTRAY_E_BAD_STATE, path + " is there and is no socket: move it away");
    }
    if (somebody_listens(address)) {
      return fail(INTRAY_E_BAD_STATE, "another process listens on " + path);
    }
    unlink(path.c_str());
  }
  const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (file < 0) return system_failure("cannot listen on", path);
  const auto mask = umask(0177);
  const bool bound = bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  umask(mask);
  if (!bound || listen(file, kBacklog) != 0) {
    auto failure = system_failure("cannot listen on", path);
    close(file);
    return failure;
  }
  return ListeningSocket{file, std::string(kUnix) + path, true};
}

}  // namespace

Result<ListeningSocket> listen_on(const std::string& address) {
  if (address.compare(0, kUnix.size(), kUnix) == 0) {
    return listen_unix(address.substr(kUnix.size()));
  }
  return listen_tcp(address);
}

bool is_peer_of(uid_t owner, int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         (peer.uid == 0 || peer.uid == owner);
}

std::string remote_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "";
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      address.ss_family == AF_UNIX ||
      getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, nullptr, 0,
                  NI_NUMERICHOST) != 0) {
    return "";
  }
  return host;
}

}  // namespace intray::http
