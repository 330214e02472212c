/* intray/check.h - for a plugin with rows of its own: it proves them sound. */
#ifndef INTRAY_CHECK_H
#define INTRAY_CHECK_H

#include <intray/store.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_EXT_CHECK "intray.check/1"
/** A plugin whose rows obey invariants. */
typedef struct intray_check {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Reads the customer's rows in this snapshot (intray.host.store/1) and adds one pair for each
   * broken invariant: key = where, such as a row's key; value = what is wrong, for the operator. An
   * empty sink means sound. Changes nothing. [worker]
   * Any status but INTRAY_OK: the check could not be made. */
  intray_status(INTRAY_CC *check)(const intray_plugin *self, const intray_call *call,
                                  intray_str customer_id, uint64_t snapshot,
                                  const intray_kv_sink *broken, intray_error *err);
} intray_check;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_CHECK_H */
