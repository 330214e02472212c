/* intray/store.h - reading stored rows. Writing: intray/commit.h. How views live: inventory.h. */
#ifndef INTRAY_STORE_H
#define INTRAY_STORE_H

#include <intray/inventory.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The plugin's own rows: keys of 1..255 bytes, values up to 64 KiB. Another plugin never sees
 * them. */
#define INTRAY_STORE_OWN 1u
/** Mailboxes (12): key = device id, 0x00, sequence in 8 bytes big-endian; value = what SEND wrote.
 */
#define INTRAY_STORE_MAILBOX 2u
/** Entitlements (25): key = service id, 0x00, device id; value = what ENTITLE wrote. */
#define INTRAY_STORE_ENTITLEMENT 3u

/** Takes one row. key and value live until it returns; revision is never 0 and grows with each
 * write of the row (in the host's tables it may be 1 for ever). Anything but INTRAY_OK stops the
 * walk and is returned. */
typedef intray_status(INTRAY_CC *intray_value_visit)(void *user, intray_str key, intray_bytes value,
                                                     uint64_t revision);

#define INTRAY_HOST_STORE "intray.host.store/1"
/** Rows of one customer. store is INTRAY_STORE_*. snapshot is 0 for the newest data, or what
 * intray.check/1 was given, while that call runs. Customer "" holds rows that are of no customer.
 */
typedef struct intray_host_store {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Visits the row of exactly this key. [any-thread]
   * INTRAY_E_NOT_FOUND  there is none; no visit.
   * INTRAY_E_INVALID    an unknown store, or a snapshot that is over. */
  intray_status(INTRAY_CC *get)(const intray_host *host, intray_str customer_id, uint32_t store,
                                intray_str key, uint64_t snapshot, intray_value_visit visit,
                                void *user, intray_error *err);
  /** Visits rows in the order of the bytes of their keys: those that start with prefix (empty =
   * all) and lie strictly after after_key (empty = from the first), at most limit of them (0 means
   * INTRAY_PAGE_ROWS_MAX). None is not an error. [any-thread]
   * INTRAY_E_INVALID  an unknown store, a limit above INTRAY_PAGE_ROWS_MAX, or a snapshot that is
   *                   over. */
  intray_status(INTRAY_CC *walk)(const intray_host *host, intray_str customer_id, uint32_t store,
                                 intray_str prefix, intray_str after_key, uint32_t limit,
                                 uint64_t snapshot, intray_value_visit visit, void *user,
                                 intray_error *err);
} intray_host_store;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_STORE_H */
