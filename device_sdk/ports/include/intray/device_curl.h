/* intray/device_curl.h - a transport over libcurl's multi interface, for one device or thousands on
 * one thread. C99.
 *
 * It verifies certificates and host names (TLS 1.2 at least), follows no redirect, speaks only http
 * and https, uses no proxy but the one that is named, and ends a reply that grows too large. Plain
 * http works for URLs that say http: the device only calls its server and origins it was
 * provisioned with, so this is the host's decision, not an attacker's.
 *
 * Signals: the process must ignore SIGPIPE, which writing to a closed TLS connection can raise.
 *
 * A call to a neighbour (request.address_allowed) asks about the address that it has come to, after
 * the name was resolved, calls none of this machine's own addresses (127.0.0.0/8 apart, where that
 * is allowed), and ends with the first line of the answer. Its https takes any certificate, unless
 * lan_ca_file says whose: most devices sign their own, and a wake command proves itself.
 *
 * Threads: an intray_curl and all of its transports belong to one thread.
 */
#ifndef INTRAY_DEVICE_CURL_H
#define INTRAY_DEVICE_CURL_H

#include <intray/device_supply.h>

#ifdef __cplusplus
extern "C" {
#endif

/** All fields may be 0 or NULL. The text must outlive the intray_curl. */
typedef struct intray_curl_options {
  const char* ca_file; /**< PEM file of trusted authorities; NULL = the system's */
  /** "HOST:PORT:ADDRESS:PORT" each: where to connect to for a host name, as curl --connect-to. */
  const char* const* connect_to;
  size_t connect_to_count;
  const char* proxy;        /**< as curl --proxy; NULL = none, whatever the environment says */
  const char* lan_ca_file;  /**< PEM file: neighbours must show a certificate of it; NULL = any */
  uint32_t connections_max; /**< open at once; more requests wait; 0 = no limit */
} intray_curl_options;

/** What the transports of one thread share: connections, names, TLS sessions. */
typedef struct intray_curl intray_curl;

/** NULL: libcurl could not be set up (out of memory). */
intray_curl* intray_curl_create(const intray_curl_options* options);
/** Its transports must have been destroyed before. NULL is fine. */
void intray_curl_destroy(intray_curl* curl);

/** Drives all requests; returns as soon as one of them has ended, a signal came, or timeout_ms are
 * over. Call it instead of sleeping: nothing moves outside of it. */
void intray_curl_wait(intray_curl* curl, uint32_t timeout_ms);

/** The same, and returns too when `descriptor` is readable: intray_lan_fd(), for example. */
void intray_curl_wait_for(intray_curl* curl, uint32_t timeout_ms, int descriptor);

/** One device's transport. */
typedef struct intray_curl_transport intray_curl_transport;

/** NULL: out of memory. `curl` must outlive it. */
intray_curl_transport* intray_curl_transport_create(intray_curl* curl);
/** Cancels what is under way. NULL is fine. */
void intray_curl_transport_destroy(intray_curl_transport* transport);
/** For intray_device_options.transport; `transport` must outlive the device. */
intray_device_transport intray_curl_transport_table(intray_curl_transport* transport);
/** True when a request has ended and the device has not looked yet: step it now. */
bool intray_curl_transport_has_news(const intray_curl_transport* transport);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_CURL_H */
