/* intray/host.h - what the host offers to every plugin: log, clock, and its own configuration. */
#ifndef INTRAY_HOST_H
#define INTRAY_HOST_H

#include <intray/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_LOG_DEBUG 1u
#define INTRAY_LOG_INFO 2u
#define INTRAY_LOG_WARN 3u
#define INTRAY_LOG_ERROR 4u

#define INTRAY_HOST_LOG "intray.host.log/1"
/** The daemon's log. */
typedef struct intray_host_log {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Writes one line; the host adds time and plugin id. Never fails and never blocks on I/O: lines
   * are dropped, and counted, when the queue is full.
   *
   * level        INTRAY_LOG_*; an unknown one counts as INTRAY_LOG_ERROR.
   * message      one sentence, cut at 4 KiB. No secret, token or registration code.
   * fields       field_count names with values, shown beside it; NULL when there are none.
   * [any-thread] */
  void(INTRAY_CC *write)(const intray_host *host, uint32_t level, intray_str message,
                         const intray_kv *fields, uint32_t field_count);
} intray_host_log;

#define INTRAY_HOST_CLOCK "intray.host.clock/1"
/** The host's clocks. A test can set them, so prefer them to the system's. */
typedef struct intray_host_clock {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Nanoseconds since 1970-01-01 UTC; may jump. [any-thread] */
  int64_t(INTRAY_CC *unix_ns)(const intray_host *host);
  /** Nanoseconds since some start; never goes back. The clock of deadlines. [any-thread] */
  int64_t(INTRAY_CC *mono_ns)(const intray_host *host);
} intray_host_clock;

/** Takes one name and value, which live until it returns. Anything but INTRAY_OK stops the walk,
 * and the function that called it returns that status. Runs on the calling thread. */
typedef intray_status(INTRAY_CC *intray_kv_visit)(void *user, const intray_kv *kv);

#define INTRAY_HOST_CONFIG "intray.host.config/1"
/** The plugin's own section of the daemon's configuration, flattened to dotted keys. Constant from
 * init() to destroy(). */
typedef struct intray_host_config {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Visits the one value of a key. [any-thread]
   * INTRAY_E_NOT_FOUND  the section has no such key; visit is not called. */
  intray_status(INTRAY_CC *get)(const intray_host *host, intray_str key, intray_kv_visit visit,
                                void *user, intray_error *err);
  /** Visits every key that starts with prefix (all when it is empty), in the order of the file.
   * None is not an error. [any-thread] */
  intray_status(INTRAY_CC *walk)(const intray_host *host, intray_str prefix, intray_kv_visit visit,
                                 void *user, intray_error *err);
} intray_host_config;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_HOST_H */
