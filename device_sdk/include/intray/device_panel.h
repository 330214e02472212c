/* intray/device_panel.h - what the SDK asks and tells the firmware, for its panel. C99. */
#ifndef INTRAY_DEVICE_PANEL_H
#define INTRAY_DEVICE_PANEL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One instruction of the mailbox. The pointers live until the callback returns. */
typedef struct intray_device_instruction {
  uint64_t sequence;   /**< its number in this device's mailbox */
  const char* type;    /**< "register-device", "stop-service", or one that the SDK does not know */
  const char* url;     /**< register-device: where to register; else "" */
  const char* service; /**< stop-service: which one; else "" */
} intray_device_instruction;

/** What to do with an instruction. */
typedef enum intray_device_answer {
  INTRAY_DEVICE_ACCEPT, /**< carry it out now */
  INTRAY_DEVICE_LATER,  /**< the host offers it again after decision.later_s */
  INTRAY_DEVICE_REFUSE  /**< the device declines; decision.reason is told to the administrator */
} intray_device_answer;

typedef struct intray_device_decision {
  intray_device_answer answer;
  uint32_t later_s;   /**< with LATER: 1..INTRAY_DEVICE_LATER_S_MAX; others are moved into it */
  const char* reason; /**< with LATER and REFUSE: a short sentence of UTF-8 or NULL; copied */
} intray_device_decision;

/** What happened. */
typedef enum intray_device_event_kind {
  INTRAY_DEVICE_PROVISIONED, /**< the host knows this device's token; detail = the customer */
  INTRAY_DEVICE_POLLED,      /**< the mailbox was read; sequence = how many new instructions */
  INTRAY_DEVICE_REGISTERED,  /**< service, parameters */
  INTRAY_DEVICE_STOPPED,     /**< stop-service: service is to be used no more */
  INTRAY_DEVICE_UNSUPPORTED, /**< type is unknown to this SDK; the host is told so */
  INTRAY_DEVICE_REFUSED,     /**< by the firmware, or by the SDK itself (detail) */
  INTRAY_DEVICE_DEFERRED,    /**< the firmware said LATER */
  INTRAY_DEVICE_DROPPED,     /**< the host no longer accepts the instruction's code (detail) */
  INTRAY_DEVICE_FAILED,      /**< something did not work and is tried again; detail = the error */
  INTRAY_DEVICE_WOKEN,       /**< a wake command was accepted; told from intray_device_wake() */
  /** A neighbour was woken, or is dead; detail = "URL: STATUS", "URL: forbidden", or
   * "URL: no answer: WHY", WHY being the transport's. */
  INTRAY_DEVICE_RELAYED
} intray_device_event_kind;

/** One event. No pointer is NULL; all live until the callback returns. */
typedef struct intray_device_event {
  intray_device_event_kind kind;
  uint64_t sequence;      /**< of the instruction that it concerns; 0 = none */
  const char* type;       /**< of that instruction; "" = none */
  const char* service;    /**< service id, where the kind says so; else "" */
  const char* detail;     /**< a sentence or a reason; "" = none */
  const char* parameters; /**< REGISTERED: a JSON object as text, not NUL-terminated; else "" */
  size_t parameters_bytes;
} intray_device_event;

/** The firmware's side. Both functions may be NULL, are called from inside intray_device_step() or
 * intray_device_wake(), and must not call the SDK with the same device, but for
 * intray_device_last_error(). */
typedef struct intray_device_panel {
  void* context; /**< passed to each function; outlives the device */
  /** Asked before an instruction of a known type is carried out; asked again only when the power
   * was cut before the answer was stored. NULL = accept all. `decision` comes in as ACCEPT. */
  void (*ask)(void* context, const intray_device_instruction* instruction,
              intray_device_decision* decision);
  /** Told at least once what happened to an instruction: a power cut right after it makes the SDK
   * say the same again, with the same sequence. So keep parameters by service, not by count. */
  void (*tell)(void* context, const intray_device_event* event);
} intray_device_panel;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_PANEL_H */
