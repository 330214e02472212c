/* intray/wake.h - wake commands: the host mints signed orders to poll now, for URLs that the
 * administrator opens from the devices' own LAN. Bytes and rules: wake_command.md.
 * Patent: acquisition instruction information; claims 4 and 5, steps S131 and S141. */
#ifndef INTRAY_WAKE_H
#define INTRAY_WAKE_H

#include <intray/host.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INTRAY_WAKE_TARGETS_MAX 64u      /**< devices in one command, its root among them */
#define INTRAY_WAKE_CHARACTERS_MAX 2731u /**< of a minted command: its base64url text */
#define INTRAY_WAKE_TTL_S_MAX 600u       /**< a command's longest life */
#define INTRAY_WAKE_STEP_MS_MAX 600000u  /**< a step's longest duration */

#define INTRAY_WAKE_AT_UNIX 0x1u      /**< at_s is a Unix time; otherwise a delay */
#define INTRAY_WAKE_FIRST_RELAYS 0x2u /**< only the first target wakes others */

/** A device in an order. The host takes its address from the inventory. */
typedef struct intray_wake_target {
  uint32_t struct_size;
  uint32_t children;  /**< 0..63: how many later targets it wakes */
  uint32_t step;      /**< 0..65535: its turn, in units of step_ms; never below an earlier one's */
  uint32_t reserved0; /**< 0 */
  intray_str device_id; /**< of the call's customer; no two targets are the same device */
} intray_wake_target;

/** What a command says. The targets lie in the order of a breadth-first walk of one tree: the first
 * is its root, and the children of each follow those of all before it. */
typedef struct intray_wake_order {
  uint32_t struct_size;
  uint32_t flags; /**< INTRAY_WAKE_*; an unknown bit is INTRAY_E_INVALID */
  int64_t at_s;   /**< when a woken device polls: 0 = at once; a delay of 1..600; or a Unix time */
  uint32_t step_ms;      /**< 0..INTRAY_WAKE_STEP_MS_MAX: how long one step lasts */
  uint32_t ttl_s;        /**< 1..INTRAY_WAKE_TTL_S_MAX; 0 = INTRAY_WAKE_TTL_S_MAX */
  uint32_t target_count; /**< of targets; 1..INTRAY_WAKE_TARGETS_MAX */
  uint32_t reserved0;    /**< 0 */
  const intray_wake_target *const *targets;
} intray_wake_order;

/** A minted command. It is a capability: for a URL shown to its administrator, never for a log. */
typedef struct intray_wake_command {
  uint32_t struct_size;
  uint32_t reserved0;     /**< 0 */
  intray_str text;        /**< base64url, at most INTRAY_WAKE_CHARACTERS_MAX: the URL's "t=" */
  int64_t expires_unix_s; /**< when devices begin to refuse it */
} intray_wake_command;

/** Takes the command, which lives until it returns. Anything but INTRAY_OK is returned by mint. */
typedef intray_status(INTRAY_CC *intray_wake_visit)(void *user, const intray_wake_command *command);

#define INTRAY_POLLS_KEY_BYTES_MAX 64u /**< of a share's key */
#define INTRAY_POLLS_LIFE_S_MAX 3600u  /**< how far ahead a share may be reserved */

/** How many polls a plan wants to make due at the host within any second. */
typedef struct intray_polls_wish {
  uint32_t struct_size;
  uint32_t least; /**< 1..most: with fewer the plan is of no use */
  uint32_t most;  /**< least..INTRAY_SETTING_POLLS_CONCURRENT_MAX: it has no use for more; a device
                     polls once for each command, so never more than the devices of the plan */
  uint32_t reserved0;    /**< 0 */
  int64_t until_unix_ns; /**< when the last command minted for it will have expired; above now, by
                            at most INTRAY_POLLS_LIFE_S_MAX */
  intray_str key;        /**< whose share: an application's id, for instance. 1 to
                            INTRAY_POLLS_KEY_BYTES_MAX bytes of A-Z a-z 0-9 . _ : -, and the first a
                            letter or digit. The plan that follows under the same key takes the share
                            over */
} intray_polls_wish;

/** What the wish led to. The caller owns it and sets struct_size; the callee fills the rest. */
typedef struct intray_polls_share {
  uint32_t struct_size;
  uint32_t polls;        /**< INTRAY_OK: granted, least..most. Otherwise 0 */
  int64_t until_unix_ns; /**< INTRAY_OK: when it lapses, at or after what was wished.
                            INTRAY_E_BUSY: when at the latest there is room, 0 = unknown.
                            Otherwise 0 */
} intray_polls_share;

#define INTRAY_HOST_WAKE "intray.host.wake/1"
/** Mints wake commands, and shares out the polls that they cause. */
typedef struct intray_host_wake {
  uint32_t struct_size;
  uint32_t reserved0; /**< 0 */
  /** Mints a command for devices of the customer behind call, reached by the scheme and port that
   * this customer has set (INTRAY_SETTING_WAKE_SCHEME, INTRAY_SETTING_WAKE_PORT). Each call mints a
   * new one: a device obeys each once. Nothing is stored: keep the plan, and mint when it is read.
   * [any-thread]
   *
   * visit  called once, on INTRAY_OK only.
   * INTRAY_E_DENIED     no customer is behind the call.
   * INTRAY_E_NOT_FOUND  the customer does not hold a target, or the inventory has no address of it
   *                     that fits a command (an IP address, or a host name of at most 64 bytes).
   * INTRAY_E_INVALID    a value out of its range, or targets that are no tree or not all different.
   * INTRAY_E_TOO_LARGE  more than INTRAY_WAKE_TARGETS_MAX targets, or more than
   *                     INTRAY_WAKE_CHARACTERS_MAX: send "relay-wake" instructions instead. */
  intray_status(INTRAY_CC *mint)(const intray_host *host, const intray_call *call,
                                 const intray_wake_order *order, intray_wake_visit visit,
                                 void *user, intray_error *err);
  /** Reserves polls for the customer behind call, or extends what the key holds: before the plan's
   * turns are given, and again before each time that commands are minted for it. The shares of all
   * customers together never exceed INTRAY_SETTING_POLLS_CONCURRENT_MAX. Durable on return: a host
   * that restarts knows it. A share lapses by itself.
   *
   * Granted is `most`, but a large plan gets no more than half of what is free when it asks, so
   * that others find room, too. A key whose share still lives keeps at least that much, if it
   * wishes for it; it never holds less while commands minted under a larger share live.
   * [any-thread], while the call runs; waits for the disk.
   *
   * out  written on every return; its struct_size must be set.
   * INTRAY_E_DENIED   no customer is behind the call.
   * INTRAY_E_INVALID  a value out of its range, or a malformed key.
   * INTRAY_E_BUSY     fewer than `least` are free; err says who holds them and what to do, out when
   *                   to ask again at the latest. */
  intray_status(INTRAY_CC *reserve_polls)(const intray_host *host, const intray_call *call,
                                          const intray_polls_wish *wish, intray_polls_share *out,
                                          intray_error *err);
  /** Ends the share of a key of the customer behind call, because nobody has a reason to open its
   * commands any more, such as when the application is over. Not there: no effect. Until it
   * returned INTRAY_OK the share is held. [any-thread], while the call runs; waits for the disk.
   *
   * INTRAY_E_DENIED   no customer is behind the call.
   * INTRAY_E_INVALID  a malformed key. */
  intray_status(INTRAY_CC *release_polls)(const intray_host *host, const intray_call *call,
                                          intray_str key, intray_error *err);
} intray_host_wake;

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_WAKE_H */
