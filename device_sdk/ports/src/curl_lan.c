#include "curl_lan.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel sends from one of this machine's addresses to that same address only. Connecting a UDP
 * socket sends nothing. */
bool intray_curl_is_own_address(const struct sockaddr* to, socklen_t to_size) {
  struct sockaddr_storage from;
  socklen_t size = sizeof from;
  const int probe = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool found =
      connect(probe, to, to_size) == 0 && getsockname(probe, (struct sockaddr*)&from, &size) == 0;
  close(probe);
  if (!found) return false;
  const void* target = to;
  if (to->sa_family == AF_INET) {
    return memcmp(&((const struct sockaddr_in*)(const void*)&from)->sin_addr,
                  &((const struct sockaddr_in*)target)->sin_addr, 4) == 0;
  }
  return memcmp(&((const struct sockaddr_in6*)(const void*)&from)->sin6_addr,
                &((const struct sockaddr_in6*)target)->sin6_addr, 16) == 0;
}

/* Called with each address, names being resolved, before anything is sent to it. */
static curl_socket_t open_socket(void* user, curlsocktype purpose, struct curl_sockaddr* to) {
  (void)purpose; /* libcurl: a connection */
  const curl_lan* lan = user;
  const bool v4 = to->family == AF_INET;
  if (!v4 && to->family != AF_INET6) return CURL_SOCKET_BAD;
  const void* generic = &to->addr;
  const uint8_t* address = v4 ? (const uint8_t*)&((const struct sockaddr_in*)generic)->sin_addr
                              : (const uint8_t*)&((const struct sockaddr_in6*)generic)->sin6_addr;
  if (!lan->allowed(lan->rule, address, v4 ? 4 : 16)) return CURL_SOCKET_BAD;
  const bool loopback = v4 && address[0] == 127; /* all of it is this machine */
  if (!loopback && intray_curl_is_own_address(&to->addr, to->addrlen)) return CURL_SOCKET_BAD;
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* The first line says that the neighbour lives: nothing more is read. */
static size_t take_first_line(char* bytes, size_t one, size_t size, void* user) {
  (void)one; /* libcurl: always 1 */
  curl_lan* lan = user;
  const char* space = memchr(bytes, ' ', size);
  const char* end = bytes + size;
  if (lan->status != 0 || space == NULL || end - space < 4) return 0;
  for (const char* digit = space + 1; digit < space + 4; ++digit) {
    if (*digit < '0' || *digit > '9') return 0;
  }
  lan->status = (space[1] - '0') * 100 + (space[2] - '0') * 10 + (space[3] - '0');
  return 0;
}

static size_t take_nothing(char* bytes, size_t one, size_t size, void* user) {
  (void)bytes;
  (void)one;
  (void)size;
  (void)user;
  return 0;
}

void intray_curl_lan_rules(CURL* easy, curl_lan* lan, const char* ca_file) {
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, lan);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_first_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, lan);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_nothing);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)INTRAY_DEVICE_LAN_REPLY_BYTES_MAX);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)INTRAY_DEVICE_LAN_MS_MAX);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L); /* an old one was checked by another rule */
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, NULL);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, ca_file == NULL ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, ca_file == NULL ? 0L : 2L);
  if (ca_file != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
}
