/* intray/leaving.h - for a plugin with rows about devices: it is asked when one leaves the
 * inventory. */
#ifndef INTRAY_LEAVING_H
#define INTRAY_LEAVING_H

#include <intray/instructions.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_EXT_INVENTORY "intray.inventory/1"
/** A plugin that follows the inventory. */
typedef struct intray_inventory {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** The device is being removed from its customer's inventory, or moved to another customer. What
   * is added (canceled enrolments, DISENTITLE, TAKE_OFF, EVENT) is committed with the removal, so
   * it is asked again when that commit conflicts. [worker] Any status but INTRAY_OK: the device
   * stays, and the import is tried again later. */
  intray_status(INTRAY_CC *device_leaving)(const intray_plugin *self, const intray_call *call,
                                           const intray_device *device,
                                           const intray_batch_sink *batch, intray_error *err);
} intray_inventory;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_LEAVING_H */
