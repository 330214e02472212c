/* intray/inventory.h - reading a customer's devices (patent: held-apparatus information 13, FIG.
 * 2).
 *
 * Reads, here and in the other platform headers: each call sees one snapshot. The host copies the
 * rows out and ends its store transaction before it calls visit, so a slow visitor pins nothing.
 * Views die when visit returns; anything but INTRAY_OK from it stops the walk and is returned.
 */
#ifndef INTRAY_INVENTORY_H
#define INTRAY_INVENTORY_H

#include <intray/service.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_PAGE_ROWS_MAX 500u /**< the most rows that one call visits */

/** Takes one device; see the top of this header. */
typedef intray_status(INTRAY_CC *intray_device_visit)(void *user, const intray_device *device);

/** Which devices of one customer (patent steps S101, S102). */
typedef struct intray_device_query {
  uint32_t struct_size;
  uint32_t limit;             /**< 1..INTRAY_PAGE_ROWS_MAX; 0 = INTRAY_PAGE_ROWS_MAX */
  intray_str vendor;          /**< exact; empty = any */
  intray_str model_glob;      /**< as INTRAY_MATCH_GLOB; empty = any */
  intray_str customer_id;     /**< mandatory: a query never spans customers */
  intray_str after_device_id; /**< paging: strictly after this id; empty = from the first */
} intray_device_query;

#define INTRAY_HOST_INVENTORY "intray.host.inventory/1"
/** The inventory, read only. */
typedef struct intray_host_inventory {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Visits one device. [any-thread]
   * INTRAY_E_NOT_FOUND  the customer holds no such device (another one may); no visit. */
  intray_status(INTRAY_CC *find)(const intray_host *host, intray_str customer_id,
                                 intray_str device_id, intray_device_visit visit, void *user,
                                 intray_error *err);
  /** Visits devices in the order of their ids, at most q->limit. None is not an error. [any-thread]
   * INTRAY_E_INVALID  no customer_id, or a limit above INTRAY_PAGE_ROWS_MAX. */
  intray_status(INTRAY_CC *query)(const intray_host *host, const intray_device_query *q,
                                  intray_device_visit visit, void *user, intray_error *err);
  /** Visits each (vendor, model) that the customer holds: key = vendor, one tab, model; value = the
   * number of devices in decimal. [any-thread] */
  intray_status(INTRAY_CC *models)(const intray_host *host, intray_str customer_id,
                                   intray_kv_visit visit, void *user, intray_error *err);
} intray_host_inventory;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_INVENTORY_H */
