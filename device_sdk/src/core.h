/* How the core's files work together. One request to the host is under way at most; `device->doing`
 * says what it is for, and device->place which journal place it concerns. Calls to neighbours have
 * slots of their own.
 *
 *   device.c     init, step: what is due next, what a reply means for whom
 *   identity.c   token, customer, origins: stored, trusted
 *   schedule.c   when to poll, how long to wait after a failure
 *   journal.c    places for instructions, in storage
 *   provision.c mailbox.c register.c acknowledge.c   one kind of request each: begin_, take_
 *   wake.c         a wake command comes in: checked, remembered, its poll planned
 *   wake_memory.c  the record of commands that were accepted
 *   relay.c relay_calls.c   waking the children, and those of dead ones
 *   text.c json.c url.c record.c wake_command.c address.c   no device in them
 */
#ifndef INTRAY_DEVICE_SRC_CORE_H
#define INTRAY_DEVICE_SRC_CORE_H

#include <intray/device.h>

#include "wake_command.h"

enum intray_doing { DOING_NOTHING, DOING_PROVISION, DOING_POLL, DOING_REGISTER, DOING_ACKNOWLEDGE };

/* How far an instruction has come. The first five are stored; DROPPED is known in memory only, so
 * that after a restart the host decides afresh. */
enum intray_entry_state {
  ENTRY_FREE,
  ENTRY_CODE,        /* taken from the mailbox; nobody was asked yet */
  ENTRY_REGISTERING, /* the firmware accepted; the host may have heard the code */
  ENTRY_SETTLED,     /* registered, or ended otherwise (work.result): to be acknowledged */
  ENTRY_ACKNOWLEDGED,
  ENTRY_DROPPED /* the host refused the code: not tried again before not_before_ms */
};

enum intray_result { RESULT_NONE, RESULT_DONE, RESULT_LATER, RESULT_REFUSED, RESULT_UNSUPPORTED };

/* ---- device.c ---- */
/* Starts a request for `doing`. False: the transport could not; the error is set. */
bool intray_core_start(intray_device* device, enum intray_doing doing,
                       const intray_device_request* request);
/* Gives up the request under way, if there is one. */
void intray_core_cancel(intray_device* device);
/* Sets last_error to "WHAT: WHY" and tells it. */
void intray_core_fail(intray_device* device, const char* what, const char* why);
/* The same with what a reply says: its status, or the transport's error. */
void intray_core_fail_reply(intray_device* device, const char* what,
                            const intray_device_reply* reply);
void intray_core_tell(intray_device* device, intray_device_event_kind kind, const char* service,
                      const char* detail);
/* The same, about the instruction in device->work at device->place. */
void intray_core_tell_entry(intray_device* device, intray_device_event_kind kind,
                            const char* service, const char* detail);
/* Whether the status is the host's last word: trying again changes nothing. */
bool intray_core_is_final(int status);
/* Takes the time; plans anew when it is the first one, or has gone back. */
void intray_core_turn_clock(intray_device* device, uint64_t now_ms);
/* As intray_device_busy(), but for neighbours that are to be woken. */
bool intray_core_works(const intray_device* device);

/* ---- identity.c ---- */
/* False: storage cannot be read. A damaged record counts as none, and sets the error. */
bool intray_identity_load(intray_device* device);
/* False: storage refuses; the error is set. */
bool intray_identity_store(intray_device* device, const intray_device_identity* identity);
/* Whether the token may go to this URL. */
bool intray_identity_trusts(const intray_device* device, const char* url);

/* ---- schedule.c ---- */
void intray_schedule_load(intray_device* device);
/* Plans from a fresh clock: at the first step, and when the clock went back. */
void intray_schedule_start(intray_device* device);
/* After a poll that worked: `next_poll` is the host's header or NULL. */
void intray_schedule_polled(intray_device* device, const char* next_poll);
/* When to try again: decorrelated jitter over *backoff_ms, never before Retry-After. */
uint64_t intray_schedule_retry_at(intray_device* device, uint32_t* backoff_ms,
                                  const char* retry_after);

/* ---- journal.c ---- */
void intray_journal_load(intray_device* device);
/* Stores the entry at `place` in this state, with device->work. False: storage refuses; the entry
 * stays as it was but waits a while, and the error is set. */
bool intray_journal_put(intray_device* device, unsigned place, enum intray_entry_state state);
/* Reads the stored part of an entry into device->work. False: it is gone; the place is free. */
bool intray_journal_read(intray_device* device, unsigned place);
bool intray_journal_is_open(const intray_device_entry* entry);
/* The open entry of the lowest sequence whose time has come; -1 = none. */
int intray_journal_due(const intray_device* device);
/* Where this instruction lies; -1 = nowhere. */
int intray_journal_find(const intray_device* device, uint64_t sequence, uint64_t hash);
/* Where a new instruction may go; -1 = the journal is full of open ones. */
int intray_journal_place_for(const intray_device* device, uint64_t sequence);

/* ---- one kind of request each: begin_ says whether a request is under way ---- */
bool intray_provision_begin(intray_device* device);
void intray_provision_take(intray_device* device, const intray_device_reply* reply);
bool intray_mailbox_begin(intray_device* device);
void intray_mailbox_take(intray_device* device, const intray_device_reply* reply);
/* Carries the entry at device->place one step further; device->work holds it. */
bool intray_entry_begin(intray_device* device);
bool intray_register_begin(intray_device* device);
void intray_register_take(intray_device* device, const intray_device_reply* reply);
bool intray_acknowledge_begin(intray_device* device);
void intray_acknowledge_take(intray_device* device, const intray_device_reply* reply);

/* ---- wake.c ---- */
/* Checks 1 to 4 and 6 of a command: by a key of this device, well formed, and about it. `bytes` has
 * room for INTRAY_DEVICE_WAKE_BYTES_MAX and holds what `command` points to; `self` becomes this
 * device's target. */
bool intray_wake_is_valid(const intray_device* device, const char* text, size_t size,
                          uint8_t* bytes, intray_wake_command* command, intray_wake_target* self);
/* Plans from a fresh clock: at the first step, and when the clock went back. */
void intray_wake_start(intray_device* device);
/* A poll begins: it is the one that the commands so far have asked for. */
void intray_wake_polling(intray_device* device);
/* A poll worked. */
void intray_wake_polled(intray_device* device);
/* The host was told of dead children: it may have theirs in the mailbox by now. Plans a poll, at
 * the pace of woken ones, that is made good after a power cut. */
void intray_wake_ask_again(intray_device* device);

/* ---- wake_memory.c ---- */
void intray_wake_memory_load(intray_device* device);
/* False: storage refuses; the error is set. */
bool intray_wake_memory_store(intray_device* device);
bool intray_wake_is_known(const intray_device* device, const intray_wake_command* command);
/* Remembers a command durably; forgets those that have expired by now_unix_s, 0 = none. False: the
 * memory is full, or storage refuses; then nothing has changed. */
bool intray_wake_remember(intray_device* device, const intray_wake_command* command,
                          uint64_t now_unix_s);

/* ---- relay.c ---- */
/* A free place; NULL = there is none. */
intray_device_relay* intray_relay_place(intray_device* device);
/* The relay of an instruction, by sequence and hash; NULL = there is none. */
intray_device_relay* intray_relay_find(intray_device* device, uint64_t sequence, uint64_t hash);
/* Fills a free place: relay->command holds the command, which is good for life_s from now. Sequence
 * 0: it waits for the poll that it asked for; otherwise only for what the last poll brought. */
void intray_relay_add(intray_device* device, intray_device_relay* relay,
                      const intray_wake_target* self, uint64_t life_s);
void intray_relay_polling(intray_device* device);
/* Gives all of them up, with the calls under way. */
void intray_relay_drop_all(intray_device* device);
/* Takes answers and calls whom it is time to call. `idle`: nothing else is to be done now. */
void intray_relay_step(intray_device* device, bool idle);
/* When to step again for it. */
uint64_t intray_relay_next_ms(const intray_device* device);
bool intray_relay_any(const intray_device* device);

#endif /* INTRAY_DEVICE_SRC_CORE_H */
