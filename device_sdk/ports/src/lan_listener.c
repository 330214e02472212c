#include <arpa/inet.h>
#include <errno.h>
#include <intray/device_lan.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lan_request.h"

typedef struct lan_connection {
  int socket;    /* -1 = free */
  bool answered; /* what still comes is thrown away, so that closing does not reset the answer */
  size_t got;
  uint64_t ends_ms;
  char head[INTRAY_LAN_HEAD_BYTES_MAX + 1];
} lan_connection;

struct intray_lan {
  intray_lan_options options;
  int listener;
  int epoll;
  uint16_t port;
  lan_connection connections[INTRAY_LAN_CONNECTIONS_MAX];
};

/* ---- opening ---- */

typedef union lan_address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} lan_address;

/* The size of the address; 0 = the text is none. */
static socklen_t read_address(const char* text, uint16_t port, lan_address* address) {
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons(port);
    return sizeof address->v4;
  }
  if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons(port);
    return sizeof address->v6;
  }
  return 0;
}

static bool watch(const intray_lan* lan, int socket) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.fd = socket}};
  return epoll_ctl(lan->epoll, EPOLL_CTL_ADD, socket, &event) == 0;
}

/* Why it cannot listen; NULL = it does. */
static const char* listen_at(intray_lan* lan, const char* text) {
  lan_address address;
  socklen_t size = read_address(text == NULL ? "0.0.0.0" : text, lan->options.port, &address);
  if (size == 0) return "the address to listen at is no IPv4 or IPv6 address";
  lan->epoll = epoll_create1(EPOLL_CLOEXEC);
  lan->listener =
      socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (lan->epoll < 0 || lan->listener < 0) return "no socket is to be had";
  const int on = 1;
  setsockopt(lan->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(lan->listener, &address.any, size) != 0) {
    return errno == EADDRINUSE ? "the port is in use" : "the address or the port cannot be bound";
  }
  if (listen(lan->listener, (int)INTRAY_LAN_CONNECTIONS_MAX) != 0 || !watch(lan, lan->listener) ||
      getsockname(lan->listener, &address.any, &size) != 0) {
    return "the socket cannot listen";
  }
  lan->port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
  return NULL;
}

intray_lan* intray_lan_open(const intray_lan_options* options, const char** why) {
  intray_lan* lan = calloc(1, sizeof *lan);
  *why = "out of memory";
  if (lan == NULL) return NULL;
  lan->options = *options;
  lan->listener = lan->epoll = -1;
  for (unsigned i = 0; i < INTRAY_LAN_CONNECTIONS_MAX; ++i) lan->connections[i].socket = -1;
  *why = listen_at(lan, options->address);
  if (*why == NULL) return lan;
  intray_lan_close(lan);
  return NULL;
}

static void hang_up(lan_connection* connection) {
  if (connection->socket >= 0) close(connection->socket);
  connection->socket = -1;
}

void intray_lan_close(intray_lan* lan) {
  if (lan == NULL) return;
  for (unsigned i = 0; i < INTRAY_LAN_CONNECTIONS_MAX; ++i) hang_up(&lan->connections[i]);
  if (lan->listener >= 0) close(lan->listener);
  if (lan->epoll >= 0) close(lan->epoll);
  free(lan);
}

uint16_t intray_lan_port(const intray_lan* lan) { return lan->port; }

int intray_lan_fd(const intray_lan* lan) { return lan->epoll; }

/* ---- a step ---- */

/* Who comes while all places are taken is turned away: places are free again within seconds. */
static void take_callers(intray_lan* lan, uint64_t now_ms) {
  for (unsigned callers = 0; callers < 2 * INTRAY_LAN_CONNECTIONS_MAX; ++callers) {
    const int socket = accept4(lan->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return;
    unsigned i = 0;
    while (i < INTRAY_LAN_CONNECTIONS_MAX && lan->connections[i].socket >= 0) ++i;
    if (i == INTRAY_LAN_CONNECTIONS_MAX || !watch(lan, socket)) {
      close(socket);
      continue;
    }
    lan_connection* connection = &lan->connections[i];
    connection->socket = socket;
    connection->answered = false;
    connection->got = 0;
    connection->ends_ms = now_ms + INTRAY_LAN_MS_MAX;
  }
}

/* An answer fits into an empty socket's buffer: what the kernel does not take at once is lost. */
static void answer(lan_connection* connection, int status) {
  char text[256];
  const size_t size = intray_lan_write(text, sizeof text, status);
  const ssize_t sent = send(connection->socket, text, size, MSG_NOSIGNAL);
  connection->answered = true;
  connection->got = 0;
  if (sent != (ssize_t)size || shutdown(connection->socket, SHUT_WR) != 0) hang_up(connection);
}

static int status_of(intray_lan* lan, lan_connection* connection, size_t size,
                     intray_device* device, uint64_t now_ms, int64_t now_unix_s) {
  const lan_request request = intray_lan_read(connection->head, size, &lan->options);
  if (request.status != 0) return request.status;
  int status = 404;
  intray_device_wake(device, request.target, now_ms, now_unix_s, &status);
  return status;
}

/* More bytes into the head; false = there are none now, or the connection has ended. */
static bool read_more(lan_connection* connection) {
  char* into = connection->head + (connection->answered ? 0 : connection->got);
  const size_t room = INTRAY_LAN_HEAD_BYTES_MAX - (connection->answered ? 0 : connection->got);
  const ssize_t got = recv(connection->socket, into, room, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    hang_up(connection);
    return false;
  }
  connection->got += (size_t)got;
  if (connection->answered && connection->got > INTRAY_LAN_BODY_BYTES_MAX) hang_up(connection);
  return connection->socket >= 0;
}

static void serve(intray_lan* lan, lan_connection* connection, intray_device* device,
                  uint64_t now_ms, int64_t now_unix_s) {
  if (now_ms >= connection->ends_ms || now_ms + INTRAY_LAN_MS_MAX < connection->ends_ms) {
    hang_up(connection); /* its time is over, or the clock went back */
    return;
  }
  size_t size = 0;
  while (connection->socket >= 0 && read_more(connection)) {
    if (connection->answered) continue;
    if (intray_lan_is_whole(connection->head, connection->got, &size)) {
      answer(connection, status_of(lan, connection, size, device, now_ms, now_unix_s));
    } else if (connection->got == INTRAY_LAN_HEAD_BYTES_MAX) {
      answer(connection, 431);
    }
  }
}

void intray_lan_step(intray_lan* lan, intray_device* device, uint64_t now_ms, int64_t now_unix_s) {
  take_callers(lan, now_ms);
  for (unsigned i = 0; i < INTRAY_LAN_CONNECTIONS_MAX; ++i) {
    lan_connection* connection = &lan->connections[i];
    if (connection->socket >= 0) serve(lan, connection, device, now_ms, now_unix_s);
  }
}
