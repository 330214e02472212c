/* intray/platform.h - host services for PLATFORM plugins. Each id is granted one by one by policy. */
#ifndef INTRAY_PLATFORM_H
#define INTRAY_PLATFORM_H
#include "abi.h"
#include "service.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- reads: one snapshot per call; the host copies the rows out and closes its LMDB read transaction
 * before it calls visit, so a slow visitor pins no pages. Views die when visit returns. ------------- */
typedef intray_status (INTRAY_CC *intray_device_visit)(void *user, const intray_device *device);
typedef struct intray_device_query {
    uint32_t struct_size;
    uint32_t limit;             /* 0 = host default */
    intray_str  vendor;            /* empty = any */
    intray_str  model_glob;        /* empty = any */
    intray_str  customer_id;         /* mandatory: a query never spans customers */
    intray_str  after_device_id;   /* paging: strictly after this id */
} intray_device_query;
#define INTRAY_HOST_INVENTORY "intray.host.inventory/1"
typedef struct intray_host_inventory {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *find)(const intray_host *host, intray_str customer_id, intray_str device_id, intray_device_visit visit, void *user, intray_error *err);
    intray_status (INTRAY_CC *query)(const intray_host *host, const intray_device_query *q, intray_device_visit visit, void *user, intray_error *err);
    /* Each (vendor, model) that the customer holds, with the number of devices as a decimal value. */
    intray_status (INTRAY_CC *models)(const intray_host *host, intray_str customer_id, intray_kv_visit visit, void *user, intray_error *err);
} intray_host_inventory;

typedef intray_status (INTRAY_CC *intray_service_visit)(void *user, intray_str plugin_id, const intray_service_desc *service);
#define INTRAY_HOST_CATALOGUE "intray.host.catalogue/1"
typedef struct intray_host_catalogue {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *for_device)(const intray_host *host, const intray_device *device, intray_service_visit visit, void *user, intray_error *err);
    intray_status (INTRAY_CC *all)(const intray_host *host, intray_service_visit visit, void *user, intray_error *err);
    /* Do the service's applied models cover this one? */
    intray_status (INTRAY_CC *applies)(const intray_host *host, intray_str service_id, intray_str vendor, intray_str model, uint32_t *yes, intray_error *err);
    /* Ask the one service (application->service_id); the host does time-outs and fault policy. */
    intray_status (INTRAY_CC *validate)(const intray_host *host, const intray_call *call, const intray_application *app,
                                  const intray_verdict_sink *verdict, intray_error *err);
    intray_status (INTRAY_CC *registration_params)(const intray_host *host, const intray_call *call, intray_str service_id, const intray_device *device,
                                  const intray_kv_sink *params, intray_error *err);
} intray_host_catalogue;

#define INTRAY_STORE_OWN         1u /* the plugin's own keyspace: applications, enrolments ... */
#define INTRAY_STORE_MAILBOX     2u /* key = device id, 0x00, sequence */
#define INTRAY_STORE_ENTITLEMENT 3u /* key = service id, then device id */
#define INTRAY_HOST_STORE "intray.host.store/1"
typedef struct intray_host_store {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *get)(const intray_host *host, intray_str customer_id, uint32_t store, intray_str key, uint64_t snapshot, intray_value_visit visit, void *user, intray_error *err);
    intray_status (INTRAY_CC *walk)(const intray_host *host, intray_str customer_id, uint32_t store, intray_str prefix, intray_str after_key, uint32_t limit, uint64_t snapshot, intray_value_visit visit, void *user, intray_error *err); /* limit <= 500; snapshot 0 = newest */
} intray_host_store;

/* ---- what a customer has set, and what lies in a mailbox ------------------------------------------------ */
#define INTRAY_HOST_CUSTOMER "intray.host.customer/1"
typedef struct intray_host_customer {
    uint32_t struct_size;
    uint32_t reserved0;
    /* Settings: retention, notice form, code life, poll interval, wake scheme and port ... [any-thread] */
    intray_status (INTRAY_CC *get)(const intray_host *host, intray_str customer_id, intray_str key, intray_kv_visit visit, void *user, intray_error *err);
} intray_host_customer;
typedef struct intray_mail {
    uint32_t struct_size;
    uint32_t reserved0;
    uint64_t sequence;
    intray_str  reference;           /* the sender's, from SEND */
    intray_str  type;
    int64_t  sent_unix_ns;
    int64_t  fetched_unix_ns;     /* first hand-out, flushed lazily; 0 = not yet. Shown, never decided on */
    int64_t  visible_unix_ns;
} intray_mail;
typedef intray_status (INTRAY_CC *intray_mail_visit)(void *user, const intray_mail *mail);
#define INTRAY_HOST_MAILBOX "intray.host.mailbox/1"
typedef struct intray_host_mailbox {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *list)(const intray_host *host, intray_str customer_id, intray_str device_id, intray_mail_visit visit, void *user, intray_error *err);
} intray_host_mailbox;

/* ---- writes: a list of operations, one LMDB transaction, all or nothing -------------------------
 * No plugin code ever runs while the single LMDB writer is held, so a slow or dead plugin cannot
 * block it. Read-modify-write: pass the revision you read; CONFLICT means re-read and retry. */
#define INTRAY_OP_PUT      1u /* store + key + value */
#define INTRAY_OP_ERASE    2u
#define INTRAY_OP_SEND     3u /* mailbox: key = device id, type = instruction type, reference = the sender's own name for it, unique
                                 in that mailbox; value = JSON object. Of register-device {service, generation, nonce, url,
                                 expires} a poll shows url, expires and the code that the host derives */
#define INTRAY_OP_TAKE_OFF 4u /* mailbox: key = device id, reference = the sender's name; gone, or kept with its time (customer's
                                 setting). Not there: no effect */
#define INTRAY_OP_ADD      5u /* counter in OWN: key, number = delta, 8-byte little-endian int64, missing = 0; no precondition */
#define INTRAY_OP_EVENT    6u /* a row of the customer's log: key = topic, type = outcome, value = payload; the host adds
                                 sequence, time, principal and hash; told to subscribers after the commit, at least once */
#define INTRAY_OP_ENTITLE    8u /* key = device id, type = service id, value = what registration answered */
#define INTRAY_OP_DISENTITLE 9u  /* number = INTRAY_STOP_*; both write the outbox row from which the service's hook is called */
#define INTRAY_OP_DEFER     10u  /* mailbox: key = device id, reference = the sender's name, number = visible from (unix ns) */
#define INTRAY_OP_REPLY     11u  /* what this request was answered: value = status, Location, body. The host adds principal,
                                    Idempotency-Key and digest from the call, and answers repeats itself for 24 h */
#define INTRAY_OP_TIMER    7u /* durable timer: key = name, number = due time (unix ns), 0 = cancel; see intray.timer/1 */
#define INTRAY_OP_ANY_REVISION UINT64_MAX
typedef struct intray_op {
    uint32_t  struct_size;
    uint32_t  kind;
    uint32_t  store;
    uint32_t  flags;              /* unknown bits: INVALID */
    intray_str   key;
    intray_str   type;
    intray_bytes value;
    uint64_t  expected_revision;  /* 0 = must not exist */
    int64_t   number;
    intray_str   reference;          /* SEND, TAKE_OFF, DEFER: the sender's name of the instruction; EVENT: the object the row is about */
} intray_op;
typedef struct intray_commit_result {
    uint32_t struct_size;
    uint32_t failed_index;        /* on CONFLICT or INVALID */
    uint64_t txn_id;
} intray_commit_result;
typedef void (INTRAY_CC *intray_commit_done)(void *user, intray_status status, const intray_commit_result *result);
#define INTRAY_HOST_COMMIT "intray.host.commit/1"
typedef struct intray_host_commit {
    uint32_t struct_size;
    uint32_t reserved0;
    /* One customer a batch: the call's; an operator's call may name any. Returns after the data is durable. [any-thread] */
    intray_status (INTRAY_CC *commit)(const intray_host *host, const intray_call *call, intray_str customer_id,
                                const intray_op *const *ops, uint32_t count, intray_commit_result *result, intray_error *err);
    /* The same without waiting: done is called once, from a [worker] thread, after the data is durable or refused. */
    intray_status (INTRAY_CC *commit_then)(const intray_host *host, const intray_call *call, intray_str customer_id,
                                const intray_op *const *ops, uint32_t count, intray_commit_done done, void *user, intray_error *err);
} intray_host_commit;

/* ---- what a plugin implements when it owns instruction types or timers --------------------------------
 * The host calls these on a [worker] thread; what they add to the sink is one batch. The host takes nothing off by itself: the plugin
 * adds TAKE_OFF or DEFER. A sequence that is no longer there is answered by the host, the plugin is not asked. A timer is
 * consumed before its batch's operations, so due() may re-arm its own name; CONFLICT calls due() again. */
typedef struct intray_batch_sink intray_batch_sink;
struct intray_batch_sink {
    uint32_t struct_size;
    uint32_t reserved0;
    void *impl;
    intray_status (INTRAY_CC *add)(const intray_batch_sink *sink, const intray_op *op); /* copies */
};
#define INTRAY_ACK_DONE        1u
#define INTRAY_ACK_LATER       2u
#define INTRAY_ACK_REFUSED     3u
#define INTRAY_ACK_UNSUPPORTED 4u
typedef struct intray_acknowledgement {
    uint32_t struct_size;
    uint32_t result;
    uint64_t sequence;
    intray_str   type;
    intray_bytes instruction;
    intray_str   reason;
    int64_t  retry_after_s;
} intray_acknowledgement;
#define INTRAY_EXT_INSTRUCTIONS "intray.instructions/1"
typedef struct intray_instructions {
    uint32_t struct_size;
    uint32_t type_count;
    const intray_str *types;    /* instruction types that this plugin sends and owns */
    intray_status (INTRAY_CC *acknowledged)(const intray_plugin *self, const intray_call *call, const intray_device *device,
                    const intray_acknowledgement *ack, const intray_batch_sink *batch, intray_error *err);
} intray_instructions;
#define INTRAY_EXT_TIMER "intray.timer/1"
typedef struct intray_timer {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *due)(const intray_plugin *self, const intray_call *call, intray_str customer_id, intray_str name,
                    const intray_batch_sink *batch, intray_error *err);
} intray_timer;

/* ---- registration codes: made and judged by the host, whose key never leaves it ------------------------ */
#define INTRAY_CODE_MATCH   1u
#define INTRAY_CODE_ENDED   2u  /* right for a generation or epoch that is over */
#define INTRAY_CODE_NO      3u
#define INTRAY_CODE_LOCKED  4u
typedef struct intray_code_candidate {
    uint32_t struct_size;
    uint32_t live;              /* 1: the live enrolment, first in the list; 0: an ended one (kept 90 days) */
    uint64_t generation;
    uint8_t  nonce[16];
} intray_code_candidate;
#define INTRAY_HOST_CODES "intray.host.codes/1"
typedef struct intray_host_codes {
    uint32_t struct_size;
    uint32_t reserved0;
    /* Sixteen random bytes for a new enrolment; the instruction carries them, and the host puts the code in their place when
     * the device polls. [any-thread] */
    intray_status (INTRAY_CC *new_nonce)(const intray_host *host, uint8_t out[16], intray_error *err);
    /* Tries the candidates (none is allowed), then earlier epochs; counts at most one wrong try; tries, lock and the log row of a
     * refusal are durable when it returns. [any-thread] */
    intray_status (INTRAY_CC *judge)(const intray_host *host, const intray_call *call, intray_str service_id, intray_str device_id,
                    const intray_code_candidate *const *candidates, uint32_t count, intray_str code,
                    uint32_t *verdict, uint32_t *index, intray_error *err);
} intray_host_codes;
/* ---- a plugin with rows about devices is asked when one leaves the inventory (intray.inventory/1): what it adds (cancel,
 * DISENTITLE, TAKE_OFF) is committed with the removal ------------------------------------------------------ */
#define INTRAY_EXT_INVENTORY "intray.inventory/1"
typedef struct intray_inventory {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *device_leaving)(const intray_plugin *self, const intray_call *call, const intray_device *device,
                    const intray_batch_sink *batch, intray_error *err);
} intray_inventory;

/* ---- a plugin with rows of its own proves them sound (intray.check/1): report one line per broken invariant ----- */
#define INTRAY_EXT_CHECK "intray.check/1"
typedef struct intray_check {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *check)(const intray_plugin *self, const intray_call *call, intray_str customer_id, uint64_t snapshot,
                    const intray_kv_sink *broken, intray_error *err);
} intray_check;

/* ---- HTTP ----------------------------------------------------------------------------------- */
typedef struct intray_http_request {
    uint32_t  struct_size;
    uint32_t  flags;
    intray_str   method;
    intray_str   path;
    intray_str   query;
    intray_str   remote;
    intray_str   principal;          /* already authenticated by the host; empty = anonymous */
    intray_str   customer_id;        /* of the principal; empty for an operator */
    uint32_t  header_count;
    uint32_t  param_count;
    const intray_kv *headers;        /* names in lower case */
    const intray_kv *params;         /* from the path template */
    intray_bytes body;
} intray_http_request;
typedef struct intray_http_response intray_http_response;
struct intray_http_response {
    uint32_t struct_size;
    uint32_t reserved0;
    void *impl;
    intray_status (INTRAY_CC *head)(const intray_http_response *r, uint32_t status, const intray_kv *headers, uint32_t count);
    intray_status (INTRAY_CC *write)(const intray_http_response *r, intray_bytes chunk);
};
typedef struct intray_http_handler {
    uint32_t struct_size;
    uint32_t reserved0;
    void *user;
    intray_status (INTRAY_CC *handle)(void *user, const intray_call *call, const intray_http_request *req,
                                const intray_http_response *resp, intray_error *err);  /* [worker] */
} intray_http_handler;
typedef struct intray_http_route {
    uint32_t struct_size;
    uint32_t flags;
    intray_str  method;
    intray_str  path_template;       /* absolute, inside a prefix that policy grants, e.g. "/v1/applications/{id}" */
    intray_str  permission;          /* first word (device, customer, operator) picks the listener; empty is refused */
    uint64_t max_body;
} intray_http_route;
#define INTRAY_HOST_HTTP "intray.host.http/1"
typedef struct intray_host_http {
    uint32_t struct_size;
    uint32_t reserved0;
    intray_status (INTRAY_CC *add_route)(const intray_host *host, const intray_http_route *route, const intray_http_handler *handler,
                                   uint64_t *out_route, intray_error *err);
    void       (INTRAY_CC *remove_route)(const intray_host *host, uint64_t route); /* as unsubscribe: quiet on return */
} intray_host_http;

#ifdef __cplusplus
}
#endif
#endif
