/* intray/device_lan.h - hears /doPolling on the LAN, for a firmware without a web server of its
 * own. C99, Linux.
 *
 * One listening socket and at most INTRAY_LAN_CONNECTIONS_MAX connections, none of which is ever
 * waited for: call intray_lan_step() in the loop that steps the device. It answers GET and POST of
 * /doPolling with a status and nothing else, and closes; it reads no body. It speaks no TLS: a
 * firmware whose web server does gives the request target to intray_device_wake() itself.
 *
 * A "Host" that is neither an IP address nor one of the given names is answered 421: a web page
 * that has its own name point here (DNS rebinding) gets nothing.
 *
 * Threads: an intray_lan and its device belong to one thread.
 */
#ifndef INTRAY_DEVICE_LAN_H
#define INTRAY_DEVICE_LAN_H

#include <intray/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_LAN_CONNECTIONS_MAX 16u
#define INTRAY_LAN_HEAD_BYTES_MAX 4096u /**< of a request's lines; a larger one is answered 431 */
#define INTRAY_LAN_BODY_BYTES_MAX 8192u /**< thrown away after the answer; then it is closed */
#define INTRAY_LAN_MS_MAX 5000u         /**< for a whole connection */

/** Text is copied by intray_lan_open(), but for names. */
typedef struct intray_lan_options {
  const char* address;      /**< to listen at: an IPv4 or IPv6 address; NULL = "0.0.0.0" */
  uint16_t port;            /**< 0 = any free one: intray_lan_port() */
  const char* const* names; /**< this device's own names, as in "Host"; outlive the intray_lan */
  size_t names_count;
} intray_lan_options;

typedef struct intray_lan intray_lan;

/** Listens. NULL: it cannot, and *why says so, in a sentence with static lifetime. */
intray_lan* intray_lan_open(const intray_lan_options* options, const char** why);
/** Closes the socket and all connections. NULL is fine. */
void intray_lan_close(intray_lan* lan);
/** The port that it listens at. */
uint16_t intray_lan_port(const intray_lan* lan);
/** A file descriptor that is readable when intray_lan_step() has something to do, for the loop's
 * poll(2), or for intray_curl_wait_for(). Not to be read or closed. */
int intray_lan_fd(const intray_lan* lan);

/** Takes what has come in and answers, without waiting. Then step the device: it may have been
 * woken. Besides calls when the file descriptor is readable, one in INTRAY_LAN_MS_MAX closes those
 * who are silent.
 *
 * now_ms, now_unix_s  as for intray_device_wake(). */
void intray_lan_step(intray_lan* lan, intray_device* device, uint64_t now_ms, int64_t now_unix_s);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_LAN_H */
