/* intray/abi.h - core of the plugin ABI, major 1.  C99, also valid C++17.
 * A sketch: split it further where that reads better, and write full docstrings.
 *
 * THE TEN RULES (everything below follows from them)
 *  R1  Only C crosses: fixed-width integers, pointers, structs of those. No enum types, no bool,
 *      no bit-fields, no long, no FILE*, no errno, no C++ objects, no varargs.
 *  R2  Every struct that may grow starts with uint32_t struct_size, set by whoever ALLOCATES it.
 *      Fields are only ever appended, never into old padding (there is none: -Wpadded is an error).
 *      Read or write a field only if INTRAY_HAS says the other side knows it.
 *      Structs marked FROZEN never change and carry no struct_size.
 *  R3  Growable structs cross by pointer only: never by value, never embedded in another struct,
 *      never in an array of values (arrays hold pointers). FROZEN structs may do all three.
 *  R4  Nobody frees what the other side allocated. Inputs are borrowed for the call. Outputs go to
 *      a caller-owned buffer or to a sink the caller passes in; the sink copies before it returns.
 *  R5  Text is UTF-8 in intray_str, not NUL-terminated. Extension and factory ids are NUL-terminated.
 *  R6  No exception, longjmp or thread exit leaves a function of this ABI, in either direction.
 *  R7  Every function says which threads may call it: [control], [worker], [any-thread].
 *      The host holds no lock while it calls a plugin, and never re-enters a plugin from inside a
 *      host call that plugin made (its own visitors and sinks excepted).
 *  R8  0 in an appended field means "as before that field existed".
 *  R9  Meaning never changes under one name. New meaning: new field, new function or new /rev.
 *  R10 A call carries data and call-scoped callbacks only, so it can be forwarded to another
 *      process. What outlives a call is a registration, or a commit_then, which ends with its done.
 */
#ifndef INTRAY_ABI_H
#define INTRAY_ABI_H

#include <stddef.h>
#include <stdint.h>

#define INTRAY_ABI_MAJOR 1u
#define INTRAY_ABI_MINOR 0u
#define INTRAY_ENTRY_SYMBOL "intray_plugin_entry_v1" /* the number is the ABI major */
#define INTRAY_ENTRY_MAGIC 0x31544E49u            /* "INT1" read as little-endian bytes */

#if defined(_WIN32)
#  define INTRAY_CC __cdecl
#  define INTRAY_EXPORT __declspec(dllexport)
#else
#  define INTRAY_CC
#  define INTRAY_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- scalars ------------------------------------------------------------------------------ */
typedef int32_t intray_status;   /* 0 is success; a value the reader does not know counts as INTERNAL */
#define INTRAY_OK               0
#define INTRAY_E_INTERNAL       1  /* bug or exception inside the callee */
#define INTRAY_E_INVALID        2  /* the caller broke the contract */
#define INTRAY_E_NOT_FOUND      3
#define INTRAY_E_CONFLICT       4  /* expected revision did not match; re-read and retry */
#define INTRAY_E_DENIED         5  /* capability not granted to this plugin */
#define INTRAY_E_UNSUPPORTED    6
#define INTRAY_E_BUSY           7  /* try again later */
#define INTRAY_E_TIMEOUT        8
#define INTRAY_E_CANCELLED      9
#define INTRAY_E_TOO_LARGE     10
#define INTRAY_E_NO_MEMORY     11
#define INTRAY_E_BAD_STATE     12  /* wrong lifecycle state */
#define INTRAY_E_UNAVAILABLE   13  /* e.g. the plugin's process is being restarted */
#define INTRAY_E_FULL       14  /* the store keeps its reserve for registrations and stops: 507 */
#define INTRAY_E_VENDOR_BASE 4096  /* a plugin's own codes start here; the host only logs them */

/* ---- FROZEN value types ------------------------------------------------------------------- */
typedef struct intray_str   { const char *data; size_t size; } intray_str;    /* FROZEN; data may be NULL if size==0 */
typedef struct intray_bytes { const void *data; size_t size; } intray_bytes;  /* FROZEN */
typedef struct intray_kv    { intray_str key; intray_str value; } intray_kv;        /* FROZEN */

#define INTRAY_STR_INIT(lit) { "" lit, sizeof(lit) - 1u }  /* initialiser, from a string literal */

/* Field present and inside what the filler knew about?  p must be non-NULL. */
#define INTRAY_HAS(p, type, field) \
    ((p)->struct_size >= (uint32_t)(offsetof(type, field) + sizeof((p)->field)))
/* Same, for a function slot that may also be left NULL. */
#define INTRAY_HAS_FN(p, type, field) (INTRAY_HAS(p, type, field) && (p)->field != NULL)

/* ---- errors: caller-owned, fixed size, nothing to free ------------------------------------- */
typedef struct intray_error {
    uint32_t   struct_size;   /* caller: sizeof(intray_error) */
    intray_status status;        /* callee */
    uint32_t   message_size;  /* callee: bytes used in message */
    uint32_t   reserved0;
    char       message[496];  /* UTF-8, cut at a code point, not NUL-terminated */
} intray_error;

/* ---- one host-to-plugin call ---------------------------------------------------------------- */
#define INTRAY_CALL_REPLAY 0x1u  /* the same (sequence) may have been delivered before: be idempotent */
typedef struct intray_call intray_call;
struct intray_call {
    uint32_t struct_size;
    uint32_t flags;
    int64_t  deadline_mono_ns;  /* CLOCK_MONOTONIC; 0 = no deadline */
    uint64_t sequence;          /* grows per plugin; 0 when the call is not an event */
    intray_str  trace_id;
    intray_str  principal;         /* "device:ID", "token:ID", "plugin:ID"; who is behind this call */
    intray_str  customer_id;       /* of the principal; empty for an operator or the host itself */
    void    *impl;
    /* non-zero once the caller has stopped waiting. [any-thread, during the call] */
    uint32_t (INTRAY_CC *is_cancelled)(const intray_call *call);
};

/* ---- the host, as a plugin sees it ---------------------------------------------------------- */
typedef struct intray_host intray_host;
struct intray_host {
    uint32_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t reserved0;
    void    *impl;
    intray_str  name;
    intray_str  version;
    /* NULL: unknown id, or capability not granted. The pointer lives until destroy() returns.
     * Allowed from init() on. [any-thread] */
    const void *(INTRAY_CC *get_extension)(const intray_host *host, const char *id);
};

/* ---- descriptor: static, constant data, readable before any plugin code has state ------------ */
#define INTRAY_KIND_SERVICE  1u
#define INTRAY_KIND_PLATFORM 2u
#define INTRAY_SERIAL        1u  /* at most one [worker] call in the instance at a time (default) */
#define INTRAY_CONCURRENT    2u  /* [worker] calls may overlap */
typedef struct intray_plugin_desc {
    uint32_t struct_size;
    uint32_t kind;
    uint32_t concurrency;
    uint32_t flags;                          /* unknown bits: refuse to load */
    intray_str  id;                             /* reverse DNS, [a-z0-9.-]{3,128} */
    intray_str  name;
    intray_str  vendor;
    intray_str  version;                        /* SemVer 2.0 */
    intray_str  description;
    intray_str  license;                        /* SPDX expression, may be empty */
    const char *const *required_extensions;  /* host extension ids, NULL-terminated list, or NULL */
    const char *const *optional_extensions;
} intray_plugin_desc;

/* ---- one plugin instance -------------------------------------------------------------------- */
typedef struct intray_plugin intray_plugin;
struct intray_plugin {
    uint32_t struct_size;
    uint32_t reserved0;
    const intray_plugin_desc *desc;
    void *impl;
    /* All four [control]: one thread at a time per instance, never together with a [worker] call
     * except stop(), which may run while calls drain. */
    intray_status (INTRAY_CC *init)(const intray_plugin *self, intray_error *err);   /* get extensions, read config */
    intray_status (INTRAY_CC *start)(const intray_plugin *self, intray_error *err);  /* may spawn threads, add routes */
    intray_status (INTRAY_CC *stop)(const intray_plugin *self, int64_t deadline_mono_ns, intray_error *err);
                                                                         /* all own threads joined on return */
    void       (INTRAY_CC *destroy)(const intray_plugin *self);                /* last call on this instance */
    /* NULL: not implemented. The pointer lives until destroy(). [any-thread], from init() on */
    const void *(INTRAY_CC *get_extension)(const intray_plugin *self, const char *id);
};

/* ---- the library ---------------------------------------------------------------------------- */
#define INTRAY_FACTORY_PLUGIN "intray.plugin-factory/1"
typedef struct intray_plugin_factory {
    uint32_t struct_size;
    uint32_t reserved0;
    uint32_t (INTRAY_CC *count)(void);                                         /* [any-thread] */
    const intray_plugin_desc *(INTRAY_CC *descriptor)(uint32_t index);            /* [any-thread], static data */
    /* Must not call the host. *out is owned by the plugin until destroy(). [control] */
    intray_status (INTRAY_CC *create)(intray_str plugin_id, const intray_host *host,
                                const intray_plugin **out, intray_error *err);
} intray_plugin_factory;

typedef struct intray_entry {
    uint32_t struct_size;
    uint32_t magic;           /* INTRAY_ENTRY_MAGIC */
    uint32_t abi_major;       /* header the plugin was built with */
    uint32_t abi_minor;
    uint32_t abi_min_minor;   /* oldest host minor it can live with; probe the rest with INTRAY_HAS */
    uint32_t flags;           /* 0 */
    /* Called once after loading; if init fails, deinit is not called. [control] */
    intray_status (INTRAY_CC *init)(intray_str library_path, intray_error *err);
    void       (INTRAY_CC *deinit)(void);
    const void *(INTRAY_CC *get_factory)(const char *factory_id);              /* [any-thread] */
} intray_entry;

/* The ONLY symbol a plugin exports. Returns constant data; must not allocate, throw or start threads. */
typedef const intray_entry *(INTRAY_CC intray_entry_fn)(void);
INTRAY_EXPORT const intray_entry *INTRAY_CC intray_plugin_entry_v1(void);

/* ==== host extensions open to every plugin ==================================================== */
#define INTRAY_LOG_DEBUG 1u
#define INTRAY_LOG_INFO  2u
#define INTRAY_LOG_WARN  3u
#define INTRAY_LOG_ERROR 4u
#define INTRAY_HOST_LOG "intray.host.log/1"
typedef struct intray_host_log {
    uint32_t struct_size;
    uint32_t reserved0;
    /* Never fails, never blocks on I/O; drops and counts when the queue is full. [any-thread] */
    void (INTRAY_CC *write)(const intray_host *host, uint32_t level, intray_str message,
                         const intray_kv *fields, uint32_t field_count);
} intray_host_log;

#define INTRAY_HOST_CLOCK "intray.host.clock/1"
typedef struct intray_host_clock {
    uint32_t struct_size;
    uint32_t reserved0;
    int64_t (INTRAY_CC *unix_ns)(const intray_host *host);  /* [any-thread]; tests can fake it */
    int64_t (INTRAY_CC *mono_ns)(const intray_host *host);  /* [any-thread] */
} intray_host_clock;

typedef intray_status (INTRAY_CC *intray_kv_visit)(void *user, const intray_kv *kv); /* non-zero stops the walk */
#define INTRAY_HOST_CONFIG "intray.host.config/1"
typedef struct intray_host_config {
    uint32_t struct_size;
    uint32_t reserved0;
    /* The plugin's own section only, flattened to dotted keys, secrets already resolved. [any-thread] */
    intray_status (INTRAY_CC *get)(const intray_host *host, intray_str key, intray_kv_visit visit, void *user, intray_error *err);
    intray_status (INTRAY_CC *walk)(const intray_host *host, intray_str prefix, intray_kv_visit visit, void *user, intray_error *err);
} intray_host_config;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_ABI_H */
