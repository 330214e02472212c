/* intray/device.h - a printer's side of Intray: poll the mailbox, register, acknowledge. C99.
 *
 * The core has no heap, no thread, no clock and no sleep. An integrator supplies six functions, and
 * a seventh for a device that can be woken (intray/device_supply.h), keeps one struct intray_device
 * in memory that stays where it is, and calls intray_device_step() until the firmware ends.
 * Whatever happens between two lines (power cut, lost reply, restart of the host), the next steps
 * bring each instruction to its end exactly once: the journal in storage says how far it had come,
 * and every request may be repeated.
 *
 * Threads: none of these functions may run at the same time as another with the same device. Two
 * devices share nothing.
 */
#ifndef INTRAY_DEVICE_H
#define INTRAY_DEVICE_H

#include <intray/device_limits.h>
#include <intray/device_panel.h>
#include <intray/device_state.h>
#include <intray/device_supply.h>

#if defined(__GNUC__)
#define INTRAY_DEVICE_API __attribute__((visibility("default")))
#else
#define INTRAY_DEVICE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** How to set a device up. Text is copied. Zero-fill it first: 0 and NULL mean the default. */
typedef struct intray_device_options {
  const char* device_id; /**< as in the customer's inventory, 1..INTRAY_DEVICE_ID_BYTES_MAX */
  const char* server;    /**< the host's devices listener, "https://host[:port]", no path */
  intray_device_transport transport;
  intray_device_storage storage;
  intray_device_random random;
  intray_device_panel panel; /**< optional */
  uint32_t poll_s_min;       /**< never poll more often than this; 0 = 1 second */
  uint32_t poll_s_max;       /**< never less often; 0 = INTRAY_DEVICE_POLL_S_MAX */
  /** The first poll after a start comes at the device's own phase within this time. 0 = within the
   * whole poll interval, which keeps a fleet apart even when all of it is switched on at once. Set
   * it (3600, say) where devices are switched off at night: they might else never reach their
   * phase. */
  uint32_t start_spread_s;
  intray_device_verifier verifier; /**< optional: without it no wake command is accepted */
  /** Hears an unsigned "/doPolling" too, once in INTRAY_DEVICE_WAKE_PLAIN_MS: it makes this device
   * poll its own host, and wakes nobody else. */
  bool allow_plain_wake;
  bool allow_loopback; /**< neighbours at 127.0.0.0/8 may be called: for tests and demonstrations */
} intray_device_options;

/** Sets `device` up and reads its state from storage. Sends nothing.
 *
 * False: an option is missing, too long or not a URL, or storage cannot be read; last_error says
 * which. The device must then not be stepped. */
INTRAY_DEVICE_API bool intray_device_init(intray_device* device,
                                          const intray_device_options* options);

/** Gives the device the one-time code that binds it to the host. Makes a new token and stores it;
 * the steps that follow send both until the host answers. The same code again changes nothing, so
 * that a firmware may call this at every start. Another code starts over: the old token is gone.
 *
 * False: the code is empty or too long, there is no randomness yet, or storage refuses. */
INTRAY_DEVICE_API bool intray_device_provision(intray_device* device, const char* code);

/** Takes a token that the host already knows, instead of a provisioning code. The device then
 * trusts the origin of its server only.
 *
 * False: it is not INTRAY_DEVICE_TOKEN_BYTES of base64url, or storage refuses. */
INTRAY_DEVICE_API bool intray_device_adopt_token(intray_device* device, const char* token);

/** Does what is due: takes one reply, starts one request, and returns; it never waits.
 *
 * now_ms   milliseconds of a clock that does not go back; its zero is free. After a jump back the
 *          device plans anew from there.
 * next_ms  out: when to call again at the latest, on the same clock. While a request is under way
 *          that is INTRAY_DEVICE_LOOK_AGAIN_MS ahead; call earlier when the transport has news. */
INTRAY_DEVICE_API void intray_device_step(intray_device* device, uint64_t now_ms,
                                          uint64_t* next_ms);

/** Makes the next step poll, whatever the schedule says. */
INTRAY_DEVICE_API void intray_device_poll_now(intray_device* device);

/** For a firmware's own web server: what came in to wake this device (patent steps S315, S324).
 *
 * target      the request target as it came: "/doPolling", with or without "/" and a query. Method
 *             GET or POST; the body means nothing.
 * now_ms      as for intray_device_step(); step the device right after it.
 * now_unix_s  the time of day; a device that does not know it cannot be woken.
 * status      out: what to answer, with an empty body. 200 = it polls with the next step, or knew
 *             the command; 202 = it will poll, later; 403 = no valid command for this device; 429 =
 *             too many at once, or storage refuses. After 403 and 429 nothing has changed.
 *
 * Power cut: a command that was answered 200 or 202 is remembered, and its poll is made good after
 * the next start. Waking others is not: they are woken by the next command, or poll by themselves.
 *
 * False: the path is another one; status is untouched. */
INTRAY_DEVICE_API bool intray_device_wake(intray_device* device, const char* target,
                                          uint64_t now_ms, int64_t now_unix_s, int* status);

/** True while a request is under way, an instruction is not at its end, or neighbours are to be
 * woken. */
INTRAY_DEVICE_API bool intray_device_busy(const intray_device* device);

/** True once the host has bound this device's token. */
INTRAY_DEVICE_API bool intray_device_provisioned(const intray_device* device);

/** Why the last thing that failed did not work, in a sentence: what, on what, and what helps. "" =
 * nothing failed since the last success. Never holds a code or a token. Lives as long as `device`;
 * changes with the next step. */
INTRAY_DEVICE_API const char* intray_device_last_error(const intray_device* device);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_H */
