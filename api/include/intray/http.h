/* intray/http.h - HTTP routes of a platform plugin. The host authenticates, authorises and parses;
 * the handler decides and answers. */
#ifndef INTRAY_HTTP_H
#define INTRAY_HTTP_H

#include <intray/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One vetted, complete request, borrowed for the call. */
typedef struct intray_http_request {
  uint32_t struct_size;
  uint32_t flags;         /**< 0 */
  intray_str method;      /**< upper case */
  intray_str path;        /**< as sent, without the query */
  intray_str query;       /**< as sent, without the '?': percent-encoded name=value&...; or empty */
  intray_str remote;      /**< the peer's address; empty on a Unix socket */
  intray_str principal;   /**< authenticated by the host; empty = anonymous */
  intray_str customer_id; /**< of the principal; empty for an operator */
  uint32_t header_count;  /**< of headers */
  uint32_t param_count;   /**< of params */
  const intray_kv
      *headers;            /**< names in lower case; without Authorization and connection headers */
  const intray_kv *params; /**< from the path template, percent-decoded */
  intray_bytes body;       /**< 0..max_body bytes of the route */
} intray_http_request;

/** Takes the answer. Copies; valid until handle returns. */
typedef struct intray_http_response intray_http_response;
struct intray_http_response {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  void *impl;         /**< the host's */
  /** Status (200..599) and headers: once, before write. The host writes Date, Content-Length and
   * Connection itself; without a Content-Type it is application/json.
   * INTRAY_E_INVALID    a status or header that HTTP does not allow.
   * INTRAY_E_BAD_STATE  the second call. */
  intray_status(INTRAY_CC *head)(const intray_http_response *response, uint32_t status,
                                 const intray_kv *headers, uint32_t count);
  /** Appends to the body. Without head before it, the status is 200.
   * INTRAY_E_TOO_LARGE  above 4 MiB in all. */
  intray_status(INTRAY_CC *write)(const intray_http_response *response, intray_bytes chunk);
};

/** Answers the requests of a route. */
typedef struct intray_http_handler {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  void *user;         /**< the plugin's */
  /** Any status but INTRAY_OK: what was written is dropped, and the host answers with the problem
   * document of that status, err's message as its detail. [worker] */
  intray_status(INTRAY_CC *handle)(void *user, const intray_call *call,
                                   const intray_http_request *request,
                                   const intray_http_response *response, intray_error *err);
} intray_http_handler;

/** Where a handler answers. */
typedef struct intray_http_route {
  uint32_t struct_size;
  uint32_t flags;    /**< 0 */
  intray_str method; /**< GET, POST, PATCH, PUT or DELETE */
  /** Absolute, inside a prefix that policy grants to the plugin: "/v1/applications/{id}". A name in
   * braces stands for one whole segment. */
  intray_str path_template;
  /** What the caller must hold, such as "customer.apply". The first word picks the listener:
   * device, customer or operator. Empty is refused. */
  intray_str permission;
  uint64_t max_body; /**< bytes; longer ones get 413; 0 = 64 KiB */
} intray_http_route;

#define INTRAY_HOST_HTTP "intray.host.http/1"
/** The host's listeners. */
typedef struct intray_host_http {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Adds a route; requests may come before it returns. out_route: its number, for remove_route.
   * route and handler are copied; handler->user must live until remove_route has returned. Allowed
   * in start() and later. [any-thread] INTRAY_E_INVALID    a malformed template, an empty or
   * unknown permission, unknown flags. INTRAY_E_DENIED     outside the prefixes that policy grants
   * to this plugin. INTRAY_E_CONFLICT   another route answers the same requests. */
  intray_status(INTRAY_CC *add_route)(const intray_host *host, const intray_http_route *route,
                                      const intray_http_handler *handler, uint64_t *out_route,
                                      intray_error *err);
  /** Removes one. When it returns, no handle call of that route runs and none comes; so it must not
   * be called from inside one. An unknown number has no effect. [any-thread] */
  void(INTRAY_CC *remove_route)(const intray_host *host, uint64_t route);
} intray_host_http;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_HTTP_H */
