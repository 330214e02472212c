/* intray/codes.h - registration codes: derived and judged by the host, whose key never leaves it.
 * Patent: identification code; steps S205 and S207. */
#ifndef INTRAY_CODES_H
#define INTRAY_CODES_H

#include <intray/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_CODE_MATCH 1u  /**< right: the device may be registered, or is already */
#define INTRAY_CODE_ENDED 2u  /**< right for a generation or an epoch that is over (410) */
#define INTRAY_CODE_NO 3u     /**< wrong, or there is nothing to match (403) */
#define INTRAY_CODE_LOCKED 4u /**< too many wrong tries (429) */

#define INTRAY_CODE_LIVE_ENDED 0u      /**< expired, canceled, stopped, superseded ... */
#define INTRAY_CODE_LIVE_OPEN 1u       /**< an open enrolment waits for this code */
#define INTRAY_CODE_LIVE_REGISTERED 2u /**< registered with this very code */

/** One enrolment whose code the device may have sent. */
typedef struct intray_code_candidate {
  uint32_t struct_size;
  uint32_t live;       /**< INTRAY_CODE_LIVE_*; an open or registered one comes first in the list */
  uint64_t generation; /**< of the enrolment, growing for each (device, service) */
  uint8_t nonce[16];   /**< from new_nonce */
} intray_code_candidate;

#define INTRAY_HOST_CODES "intray.host.codes/1"
/** Makes and judges codes. */
typedef struct intray_host_codes {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Sixteen random bytes for a new enrolment. The instruction carries them, and the host puts the
   * code in their place when the device polls. [any-thread] */
  intray_status(INTRAY_CC *new_nonce)(const intray_host *host, uint8_t out[16], intray_error *err);
  /** Judges the code that the device behind call sent for a service (patent step S207), in constant
   * time, and in this order: a match of a registered candidate is MATCH; a locked pair of device
   * and service is LOCKED; a match of an open one is MATCH and clears the tries; a match of an
   * ended one, or of an earlier epoch, is ENDED; anything else is NO. Both count as a try in vain,
   * and the tenth locks the pair for 15 minutes, doubling to 24 hours. Tries, lock and the log row
   * of a refusal are durable when it returns. [any-thread]
   *
   * device_id   must be the device behind call.
   * candidates  count of them, 0..64; NULL when there are none.
   * code        as sent; may be empty (missing), which is NO.
   * verdict     out: INTRAY_CODE_*, on INTRAY_OK only.   index  out: on MATCH and on ENDED of a
   *             candidate, which one it was; otherwise UINT32_MAX.
   * retry_after_s  out: on LOCKED, when to try again; otherwise 0.
   * INTRAY_OK          judged, also when the verdict is LOCKED.
   * INTRAY_E_INVALID   another device than the call's, or too many candidates.
   * INTRAY_E_BUSY      the try could not be counted, so nothing was judged. */
  intray_status(INTRAY_CC *judge)(const intray_host *host, const intray_call *call,
                                  intray_str service_id, intray_str device_id,
                                  const intray_code_candidate *const *candidates, uint32_t count,
                                  intray_str code, uint32_t *verdict, uint32_t *index,
                                  uint32_t *retry_after_s, intray_error *err);
  /** Until when a pair of device and service is locked after too many wrong tries; 0 = it is not.
   * To be told, not decided on: judge decides. [any-thread]
   *
   * locked_until_unix_ns  out.
   * INTRAY_E_INVALID   a malformed id. */
  intray_status(INTRAY_CC *locked_until)(const intray_host *host, intray_str customer_id,
                                         intray_str service_id, intray_str device_id,
                                         int64_t *locked_until_unix_ns, intray_error *err);
} intray_host_codes;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_CODES_H */
