/* What a call to a neighbour keeps to, beyond what every request does. */
#ifndef INTRAY_DEVICE_PORTS_CURL_LAN_H
#define INTRAY_DEVICE_PORTS_CURL_LAN_H

#include <curl/curl.h>
#include <intray/device_supply.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct curl_lan {
  bool (*allowed)(const void* rule, const uint8_t* address, size_t size); /* NULL = no such call */
  const void* rule;
  int status; /* of the first line of the answer; 0 = it has not come */
} curl_lan;

/* `lan` must outlive the transfer; `ca_file` may be NULL: any certificate will do. */
void intray_curl_lan_rules(CURL* easy, curl_lan* lan, const char* ca_file);

/* Whether an IPv4 or IPv6 address is one of this machine. Sends nothing. */
bool intray_curl_is_own_address(const struct sockaddr* to, socklen_t size);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_PORTS_CURL_LAN_H */
