/* intray/commit.h - writing: a batch of operations on one customer's rows, all or nothing.
 *
 * No plugin code runs while the store's single writer is held, so a slow or dead plugin cannot
 * block it. Read-modify-write: pass the revision that was read; INTRAY_E_CONFLICT means read again
 * and retry. A batch can be sent twice (its outcome may be unknown after a crash or a time-out):
 * give its operations expected revisions and references that make the repeat harmless.
 */
#ifndef INTRAY_COMMIT_H
#define INTRAY_COMMIT_H

#include <intray/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Fields of intray_op not named for a kind are left empty or 0. */
#define INTRAY_OP_PUT \
  1u /**< writes a row: store = INTRAY_STORE_OWN, key, value, expected_revision */
#define INTRAY_OP_ERASE 2u /**< erases one: store = INTRAY_STORE_OWN, key, expected_revision */
/** Writes an instruction into a mailbox (patent step S103): key = device id; type = instruction
 * type, one that the plugin owns (intray.instructions/1); reference = the sender's own name for
 * it, 1..128 bytes, unique in that mailbox (CONFLICT when it waits there already, NOT_FOUND when
 * the customer holds no such device); value = a JSON object up to 1 KiB, whose member "service"
 * says what it is about; number = visible from (unix ns, 0 = now). Of a register-device {service,
 * generation, nonce, url, expires} a poll shows url, expires and the code that the host derives
 * from the rest. Growth. */
#define INTRAY_OP_SEND 3u
/** Takes an instruction out of a mailbox: key = device id, reference. It is gone, or kept with its
 * time, as the customer's retention says (M9). Not there: no effect. */
#define INTRAY_OP_TAKE_OFF 4u
/** Adds to a counter among the own rows: key, number = delta. It is 8 bytes, a little-endian int64;
 * missing counts as 0. No precondition, so that batches side by side do not conflict. */
#define INTRAY_OP_ADD 5u
/** Writes a row of the customer's log: key = topic, type = outcome, reference = the object it is
 * about, value = a JSON object or empty. The host adds sequence, time, principal and hash. */
#define INTRAY_OP_EVENT 6u
/** Sets a durable timer of the plugin: key = name, 1..255 bytes; number = due (unix ns; 0 =
 * cancel). Setting a name again moves it. See intray.timer/1. */
#define INTRAY_OP_TIMER 7u
/** The device may use the service (patent step S208): key = device id, type = service id, value =
 * what registration answered, JSON. Repeating it replaces the value and calls no hook. */
#define INTRAY_OP_ENTITLE 8u
/** It may no longer: key = device id, type = service id, number = INTRAY_STOP_*. Not there: no
 * effect. Both kinds make the host call the service's hook after the commit, at least once. */
#define INTRAY_OP_DISENTITLE 9u
/** Hides an instruction: key = device id, reference, number = visible from (unix ns). Not there: no
 * effect. */
#define INTRAY_OP_DEFER 10u
/** What this request is answered: number = HTTP status, reference = Location (may be empty), value
 * = body. The host takes principal, Idempotency-Key and digest from the call and answers repeats
 * itself for 24 hours; a request without that key leaves nothing behind. */
#define INTRAY_OP_REPLY 11u

#define INTRAY_OPS_MAX 2000u /**< operations in one batch */
#define INTRAY_OP_ANY_REVISION UINT64_MAX

/** One operation. */
typedef struct intray_op {
  uint32_t struct_size;
  uint32_t kind;  /**< INTRAY_OP_* */
  uint32_t store; /**< INTRAY_STORE_OWN for PUT and ERASE; otherwise 0 */
  uint32_t flags; /**< 0; unknown bits: INTRAY_E_INVALID */
  intray_str key;
  intray_str type;
  intray_bytes value;
  uint64_t expected_revision; /**< 0 = must not exist; INTRAY_OP_ANY_REVISION = no precondition */
  int64_t number;
  intray_str reference;
} intray_op;

/** What came of a batch. */
typedef struct intray_commit_result {
  uint32_t struct_size;  /**< caller: sizeof(intray_commit_result) */
  uint32_t failed_index; /**< of the operation that was refused, on CONFLICT, INVALID, NOT_FOUND */
  uint64_t txn_id;       /**< on INTRAY_OK: the revision of every row that the batch wrote */
} intray_commit_result;

/** Takes the outcome of commit_then: exactly once, on a [worker] thread; result lives until it
 * returns. It must not commit and wait. */
typedef void(INTRAY_CC *intray_commit_done)(void *user, intray_status status,
                                            const intray_commit_result *result);

#define INTRAY_HOST_COMMIT "intray.host.commit/1"
/** Commits batches. call is the call that the batch serves: the host takes the principal of log
 * rows from it, and its customer must be customer_id unless it is an operator's or the host's own.
 *
 * INTRAY_E_CONFLICT     an expected revision or a reference did not match; nothing was written.
 * INTRAY_E_NOT_FOUND    a SEND or ENTITLE names a device that the customer does not hold.
 * INTRAY_E_INVALID      a malformed operation; nothing was written.
 * INTRAY_E_TOO_LARGE    above INTRAY_OPS_MAX operations or a limit of a value; nothing was written.
 * INTRAY_E_DENIED       another customer's rows, or an instruction type that the plugin does not
 * own. INTRAY_E_FULL         a batch with a SEND, and only the reserve is left; nothing was
 * written. INTRAY_E_BUSY         the reserve is used up as well; nothing was written.
 * INTRAY_E_UNAVAILABLE  the outcome is unknown: read again before a retry. */
typedef struct intray_host_commit {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Returns after the data is durable, or refused. result may be NULL. [any-thread] */
  intray_status(INTRAY_CC *commit)(const intray_host *host, const intray_call *call,
                                   intray_str customer_id, const intray_op *const *ops,
                                   uint32_t count, intray_commit_result *result, intray_error *err);
  /** The same without waiting. done comes only if this returns INTRAY_OK; operations and call are
   * copied before. All done calls have returned when stop() is called. [any-thread] */
  intray_status(INTRAY_CC *commit_then)(const intray_host *host, const intray_call *call,
                                        intray_str customer_id, const intray_op *const *ops,
                                        uint32_t count, intray_commit_done done, void *user,
                                        intray_error *err);
} intray_host_commit;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_COMMIT_H */
