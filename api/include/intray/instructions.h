/* intray/instructions.h - what a plugin implements that sends instructions or sets timers.
 *
 * The host calls these on a [worker] thread; what they add to the batch is committed as one,
 * together with the host's own part. Returning a status other than INTRAY_OK commits nothing.
 */
#ifndef INTRAY_INSTRUCTIONS_H
#define INTRAY_INSTRUCTIONS_H

#include <intray/commit.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Takes operations. Copies; valid until the call that got it returns. */
typedef struct intray_batch_sink intray_batch_sink;
struct intray_batch_sink {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  void *impl;         /**< the host's */
  /** INTRAY_E_INVALID    a malformed operation.
   *  INTRAY_E_TOO_LARGE  the batch is full (INTRAY_OPS_MAX, less the host's part). */
  intray_status(INTRAY_CC *add)(const intray_batch_sink *sink, const intray_op *op);
};

#define INTRAY_ACK_DONE 1u        /**< carried out */
#define INTRAY_ACK_LATER 2u       /**< not now: hide it for a while */
#define INTRAY_ACK_REFUSED 3u     /**< the device, or the person at it, declines */
#define INTRAY_ACK_UNSUPPORTED 4u /**< the device does not know the instruction type */

/** What a device says about one instruction, borrowed for the call. */
typedef struct intray_acknowledgement {
  uint32_t struct_size;
  uint32_t result;          /**< INTRAY_ACK_* */
  uint64_t sequence;        /**< of the instruction, in the device's mailbox */
  intray_str type;          /**< instruction type */
  intray_bytes instruction; /**< what INTRAY_OP_SEND wrote */
  intray_str reason;        /**< the device's words; hostile text, may be empty; 0..256 bytes */
  int64_t retry_after_s;    /**< of INTRAY_ACK_LATER: 1..604800 seconds; otherwise 0 */
} intray_acknowledgement;

#define INTRAY_EXT_INSTRUCTIONS "intray.instructions/1"
/** A plugin that owns instruction types. Types and their array live, unchanged, until destroy(). */
typedef struct intray_instructions {
  uint32_t struct_size;
  uint32_t type_count;     /**< of types; 1..32 */
  const intray_str *types; /**< [a-z0-9-]{1,64}; no other plugin on the host may own one of them */
  /** A device acknowledged an instruction of these types (after patent step S322). The host takes
   * nothing off by itself: add TAKE_OFF or DEFER. A sequence that is no longer there is answered by
   * the host, and the plugin is not asked. [worker]
   * Any status but INTRAY_OK: the device is told to come back, nothing is written. CONFLICT of the
   * batch: called again with fresh data. */
  intray_status(INTRAY_CC *acknowledged)(const intray_plugin *self, const intray_call *call,
                                         const intray_device *device,
                                         const intray_acknowledgement *ack,
                                         const intray_batch_sink *batch, intray_error *err);
} intray_instructions;

#define INTRAY_EXT_TIMER "intray.timer/1"
/** A plugin that sets timers (INTRAY_OP_TIMER). They survive restarts. */
typedef struct intray_timer {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** A timer is due, or overdue. It is consumed in the same commit, before the batch's operations,
   * so due() may set its own name again. Called at least once for each setting. [worker] Any status
   * but INTRAY_OK: the timer stays, and is tried again, less and less often. CONFLICT of the batch:
   * called again with fresh data. */
  intray_status(INTRAY_CC *due)(const intray_plugin *self, const intray_call *call,
                                intray_str customer_id, intray_str name,
                                const intray_batch_sink *batch, intray_error *err);
} intray_timer;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_INSTRUCTIONS_H */
