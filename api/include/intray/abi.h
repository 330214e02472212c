/* intray/abi.h - the rules and the basic types of the plugin ABI, major 1. C99, also valid C++17.
 *
 * A DRAFT until the plugin kit is released: until then a release may still change it, and says so
 * in CHANGELOG.md. From then on the rules below hold for as long as the major is 1.
 *
 * THE TEN RULES (everything below follows from them)
 *  R1  Only C crosses: fixed-width integers, pointers, structs of those. No enum types, no bool,
 *      no bit-fields, no long, no FILE*, no errno, no C++ objects, no varargs.
 *  R2  Every struct that may grow starts with uint32_t struct_size, set by whoever ALLOCATES it.
 *      Fields are only ever appended, never into old padding (there is none: -Wpadded is an error).
 *      Read or write a field only if INTRAY_HAS says that the other side knows it.
 *      Structs marked FROZEN never change and carry no struct_size.
 *  R3  Growable structs cross by pointer only: never by value, never embedded in another struct,
 *      never in an array of values (arrays hold pointers). FROZEN structs may do all three.
 *  R4  Nobody frees what the other side allocated. Inputs are borrowed for the call. Outputs go to
 *      a caller-owned buffer or to a sink the caller passes in; the sink copies before it returns.
 *  R5  Text is UTF-8 in intray_str, not NUL-terminated. Extension and factory ids are
 *      NUL-terminated.
 *  R6  No exception, longjmp or thread exit leaves a function of this ABI, in either direction.
 *  R7  Every function says which threads may call it:
 *        [control]     one host thread at a time for each plugin instance;
 *        [worker]      host pool threads, at most one at a time in each instance, unless the
 *                      plugin says INTRAY_CONCURRENT;
 *        [any-thread]  any thread, a plugin's own included, from init() to the end of stop().
 *      The host holds no lock while it calls a plugin, and never re-enters a plugin from inside
 *      a host call that plugin made (its own visitors and sinks excepted).
 *  R8  0 in an appended field means "as before that field existed".
 *  R9  Meaning never changes under one name. New meaning: new field, new function or new /rev.
 *  R10 A call carries data and call-scoped callbacks only, so that it can be forwarded to another
 *      process. What outlives a call is a registration, or a commit_then, which ends with its
 *      done.
 */
#ifndef INTRAY_ABI_H
#define INTRAY_ABI_H

#include <stddef.h>
#include <stdint.h>

#define INTRAY_ABI_MAJOR 1u
#define INTRAY_ABI_MINOR 0u
#define INTRAY_ENTRY_SYMBOL "intray_plugin_entry_v1" /**< the number is the ABI major */
#define INTRAY_ENTRY_MAGIC 0x31544E49u               /**< "INT1" read as little-endian bytes */

#if defined(_WIN32)
#define INTRAY_CC __cdecl
#define INTRAY_EXPORT __declspec(dllexport)
#else
#define INTRAY_CC
#define INTRAY_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** How a call ended. INTRAY_OK is success; a value that the reader does not know counts as
 * INTRAY_E_INTERNAL. A function's docstring names those that mean something of its own there;
 * INTERNAL, NO_MEMORY and UNAVAILABLE may come from every function. */
typedef int32_t intray_status;
#define INTRAY_OK 0
#define INTRAY_E_INTERNAL 1    /**< a bug or an exception inside the callee */
#define INTRAY_E_INVALID 2     /**< the caller broke the contract */
#define INTRAY_E_NOT_FOUND 3   /**< what the call names is not there (for this customer) */
#define INTRAY_E_CONFLICT 4    /**< the expected revision did not match; re-read and retry */
#define INTRAY_E_DENIED 5      /**< this plugin, or this caller, may not do that */
#define INTRAY_E_UNSUPPORTED 6 /**< not implemented on the other side */
#define INTRAY_E_BUSY 7        /**< try again later */
#define INTRAY_E_TIMEOUT 8     /**< the deadline passed; whether it took effect is unknown */
#define INTRAY_E_CANCELLED 9   /**< the caller gave up, or a visitor stopped the walk */
#define INTRAY_E_TOO_LARGE 10  /**< above a limit that the docstring names */
#define INTRAY_E_NO_MEMORY 11  /**< the process is out of memory */
#define INTRAY_E_BAD_STATE 12  /**< not allowed in this state of the plugin's life */
#define INTRAY_E_UNAVAILABLE                                                                       \
  13                              /**< not reachable now, such as a plugin that is being restarted \
                                   */
#define INTRAY_E_FULL 14          /**< the store keeps its reserve for registrations (507) */
#define INTRAY_E_VENDOR_BASE 4096 /**< a plugin's own codes start here; the host only logs them */

/** UTF-8 text, borrowed. data may be NULL when size is 0. FROZEN. */
typedef struct intray_str {
  const char *data;
  size_t size; /**< bytes */
} intray_str;

/** Bytes, borrowed. data may be NULL when size is 0. FROZEN. */
typedef struct intray_bytes {
  const void *data;
  size_t size; /**< bytes */
} intray_bytes;

/** A name with a value, borrowed. FROZEN. */
typedef struct intray_kv {
  intray_str key;
  intray_str value;
} intray_kv;

/* clang-format off */
/** Initialises an intray_str from a string literal, without its NUL. */
#define INTRAY_STR_INIT(literal) {"" literal, sizeof(literal) - 1u}
/* clang-format on */

/** Is the field inside what the struct's allocator knew? p must not be NULL. */
#define INTRAY_HAS(p, type, field) \
  ((p)->struct_size >= (uint32_t)(offsetof(type, field) + sizeof((p)->field)))
/** The same for a function slot, which may also be left NULL. */
#define INTRAY_HAS_FN(p, type, field) (INTRAY_HAS(p, type, field) && (p)->field != NULL)

/** Why a call failed, for a person. The caller owns it and may pass NULL instead; the callee fills
 * it only when it returns something other than INTRAY_OK, and never beyond struct_size. */
typedef struct intray_error {
  uint32_t struct_size;  /**< caller: sizeof(intray_error) */
  intray_status status;  /**< callee: what it returned */
  uint32_t message_size; /**< callee: bytes used in message */
  uint32_t reserved0;    /**< 0 */
  char message[496];     /**< what, on what, what to do; cut at a code point, no NUL at its end */
} intray_error;

/** The same event may have been delivered before, with the same sequence: be idempotent. */
#define INTRAY_CALL_REPLAY 0x1u

/** On whose behalf, and until when, one call into a plugin runs. Lives until that call returns. */
typedef struct intray_call intray_call;
struct intray_call {
  uint32_t struct_size;
  uint32_t flags;           /**< INTRAY_CALL_*; ignore unknown bits */
  int64_t deadline_mono_ns; /**< CLOCK_MONOTONIC, as intray.host.clock/1 tells it; 0 = none */
  uint64_t sequence;        /**< of the event, growing for each plugin; 0 = the call is no event */
  intray_str trace_id;      /**< of the request, for the log; may be empty */
  intray_str principal;     /**< "device:ID", "token:ID", "operator:ID", "plugin:ID" or "host" */
  intray_str customer_id;   /**< of the principal; empty for an operator and for the host itself */
  void *impl;               /**< the host's */
  /** Non-zero once the caller has stopped waiting. [any-thread], while the call runs */
  uint32_t(INTRAY_CC *is_cancelled)(const intray_call *call);
};

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_ABI_H */
