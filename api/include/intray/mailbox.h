/* intray/mailbox.h - seeing what waits for a device (patent: instruction keeping unit 12, FIG. 6).
 */
#ifndef INTRAY_MAILBOX_H
#define INTRAY_MAILBOX_H

#include <intray/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One instruction in a mailbox. */
typedef struct intray_mail {
  uint32_t struct_size;
  uint32_t reserved0;   /**< 0 */
  uint64_t sequence;    /**< its number in this mailbox; never reused */
  intray_str reference; /**< the sender's own name for it, from INTRAY_OP_SEND */
  intray_str type;      /**< such as "register-device" */
  int64_t sent_unix_ns;
  int64_t fetched_unix_ns; /**< first handed out; 0 = not yet. Flushed lazily: show, never decide */
  int64_t visible_unix_ns; /**< hidden from polls before this time; 0 = always visible */
} intray_mail;

/** Takes one instruction, which lives until it returns. Anything but INTRAY_OK stops the walk and
 * is returned. */
typedef intray_status(INTRAY_CC *intray_mail_visit)(void *user, const intray_mail *mail);

#define INTRAY_HOST_MAILBOX "intray.host.mailbox/1"
/** Mailboxes, read only. Writing: INTRAY_OP_SEND, _TAKE_OFF and _DEFER. */
typedef struct intray_host_mailbox {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Visits what waits for one device, hidden ones included, the oldest first, at most
   * INTRAY_PAGE_ROWS_MAX. A device that the customer does not hold has an empty mailbox.
   * [any-thread] */
  intray_status(INTRAY_CC *list)(const intray_host *host, intray_str customer_id,
                                 intray_str device_id, intray_mail_visit visit, void *user,
                                 intray_error *err);
} intray_host_mailbox;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_MAILBOX_H */
