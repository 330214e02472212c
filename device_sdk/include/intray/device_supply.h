/* intray/device_supply.h - what an integrator supplies: transport, storage, random, and, for wake
 * commands, the check of a signature. C99.
 *
 * Seven functions. Each is called from inside intray_device_step() (storage and random also from
 * init, provision, adopt and wake), on that thread, and must return at once: none may wait for the
 * network. None may call the SDK back with the same device. intray/device_curl.h,
 * intray/device_posix.h and intray/device_openssl.h are ready-made sets for Linux.
 */
#ifndef INTRAY_DEVICE_SUPPLY_H
#define INTRAY_DEVICE_SUPPLY_H

#include <intray/device_limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One HTTP request. The pointers stay valid until poll() reports its end, or until cancel(). */
typedef struct intray_device_request {
  const char* method;        /**< "GET" or "POST" */
  const char* url;           /**< absolute; scheme http or https, no fragment, no user */
  const char* token;         /**< send as "Authorization: Bearer TOKEN"; NULL = send none */
  const char* if_none_match; /**< send as "If-None-Match"; NULL = send none */
  const char* body;          /**< JSON, "Content-Type: application/json"; NULL = no body */
  size_t body_bytes;
  const char* url_rest; /**< sent right behind `url`, as a part of it; NULL = nothing */
  /** NULL: a request to the host. Otherwise one to a neighbour on the LAN, who may be anybody: it
   * goes without credentials, cookies and proxy; redirects are not followed; nothing of the answer
   * is needed but the status, so that reading ends with the first line, and after
   * INTRAY_DEVICE_LAN_REPLY_BYTES_MAX bytes at the latest. Before it connects, names being
   * resolved, the transport asks this for each address (4 or 16 bytes, network order), and connects
   * to none for which it is false. A device certificate is seldom signed by anybody: whether it has
   * to be is the transport's choice, for what is sent is public to the LAN and proves itself. */
  bool (*address_allowed)(const void* rule, const uint8_t* address, size_t size);
  const void* address_rule; /**< the first argument of address_allowed */
} intray_device_request;

/** How a request ended. The pointers stay valid until the slot's next start() or cancel(). */
typedef struct intray_device_reply {
  int status;       /**< the HTTP status; 0 = no whole reply came, see error */
  const char* body; /**< at most INTRAY_DEVICE_REPLY_BYTES_MAX; may be NULL when empty */
  size_t body_bytes;
  const char* etag;        /**< the header "ETag" as it came; NULL = absent */
  const char* next_poll;   /**< "Intray-Next-Poll"; NULL = absent */
  const char* retry_after; /**< "Retry-After"; NULL = absent */
  const char* error;       /**< with status 0: why, for people ("certificate has expired") */
} intray_device_reply;

/** HTTP without waiting. A transport must verify the server's certificate against the host name,
 * must not follow redirects (the token would go along), and must fail a reply whose body exceeds
 * INTRAY_DEVICE_REPLY_BYTES_MAX. It needs no timer: the core cancels what takes too long. Slot 0 is
 * for the host; the others are for neighbours, and a transport that cannot reach any fails those.
 */
typedef struct intray_device_transport {
  void* context; /**< passed to each function; outlives the device */
  /** Starts a request in a free slot (0..INTRAY_DEVICE_SLOTS-1). False: it could not be started,
   * which counts like a lost connection. */
  bool (*start)(void* context, unsigned slot, const intray_device_request* request);
  /** Looks at a started request. False: still under way. True: ended, `reply` is filled in, and
   * the slot is free. */
  bool (*poll)(void* context, unsigned slot, intray_device_reply* reply);
  /** Gives up a started request; the slot is free. Its effect on the host may have happened. */
  void (*cancel)(void* context, unsigned slot);
} intray_device_transport;

/** A few small values that survive a power cut. Keys are 1..INTRAY_DEVICE_KEY_BYTES_MAX of
 * [a-z0-9-]; about a dozen exist. One of the values holds the device's token: keep others out. */
typedef struct intray_device_storage {
  void* context; /**< passed to each function; outlives the device */
  /** Copies a value into `buffer`. Returns its size, 0 when there is none, or -1 when it cannot be
   * read or is larger than `size`. */
  int32_t (*get)(void* context, const char* key, void* buffer, size_t size);
  /** Replaces a value: atomically (a power cut leaves the old value or the new one, whole) and
   * durably (the new one is there once this returned true). False: it could not, and the old value
   * is unharmed. Values are 1..INTRAY_DEVICE_RECORD_BYTES_MAX bytes. */
  bool (*put)(void* context, const char* key, const void* value, size_t size);
} intray_device_storage;

/** Checks a signature by Ed25519 (RFC 8032, pure). NULL: no signed wake command is accepted. */
typedef struct intray_device_verifier {
  void* context; /**< passed to the function; outlives the device */
  /** True when `signature` is that of `bytes` by the key. */
  bool (*ed25519)(void* context, const uint8_t public_key[32], const uint8_t signature[64],
                  const uint8_t* bytes, size_t size);
} intray_device_verifier;

/** Random bytes fit for secrets: the device's token is made of them. */
typedef struct intray_device_random {
  void* context; /**< passed to the function; outlives the device */
  /** Fills `bytes`. False: there is not enough randomness yet; the core asks again later. */
  bool (*fill)(void* context, uint8_t* bytes, size_t size);
} intray_device_random;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_SUPPLY_H */
