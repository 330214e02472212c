/* intray/customer.h - what an operator has set for a customer. */
#ifndef INTRAY_CUSTOMER_H
#define INTRAY_CUSTOMER_H

#include <intray/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_SETTING_RETENTION                                                            \
  "retention"                          /**< "delete" or "keep" a taken-off instruction (M9) \
                                        */
#define INTRAY_SETTING_NOTICE "notice" /**< "none", "devices", "urls" or "relay" (M11, W3, W4) */
#define INTRAY_SETTING_POLL_INTERVAL_S \
  "poll_interval_s"                              /**< seconds, 1..604800 (patent step S321) */
#define INTRAY_SETTING_CODE_LIFE_S "code_life_s" /**< seconds, 1..7776000 (patent step S205) */
#define INTRAY_SETTING_WAKE_SCHEME "wake_scheme" /**< "https" or "http" (patent step S131) */
#define INTRAY_SETTING_WAKE_PORT "wake_port"     /**< 1..65535; "0" = the scheme's own */
/** Of the whole host: how many polls the wakes of all customers may make due within a second (W6);
 * 1..1000000. A plan's share of it is reserved (intray/wake.h). */
#define INTRAY_SETTING_POLLS_CONCURRENT_MAX "polls_concurrent_max"

#define INTRAY_HOST_CUSTOMER "intray.host.customer/1"
/** Settings of customers. Numbers are decimal text. */
typedef struct intray_host_customer {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Visits one setting: the customer's, or else the host's default. key is INTRAY_SETTING_*.
   * [any-thread]
   * INTRAY_E_NOT_FOUND  there is no such setting; no visit. */
  intray_status(INTRAY_CC *get)(const intray_host *host, intray_str customer_id, intray_str key,
                                intray_kv_visit visit, void *user, intray_error *err);
} intray_host_customer;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_CUSTOMER_H */
