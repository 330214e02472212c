/* GET /v1/mailbox: brings what waits into the journal. A poll removes nothing on the host, so a
 * power cut anywhere here is made good by the next one (patent steps S321, S322). */
#include <string.h>

#include "core.h"
#include "json.h"
#include "text.h"

static void retry_poll(intray_device* device, const char* retry_after) {
  device->schedule.poll_at_ms =
      intray_schedule_retry_at(device, &device->schedule.backoff_ms, retry_after);
}

bool intray_mailbox_begin(intray_device* device) {
  intray_wake_polling(device);
  intray_text url = intray_text_in(device->url, sizeof device->url);
  intray_text_add(&url, device->server);
  intray_text_add(&url, "/v1/mailbox");
  const char* known = device->etag[0] == '\0' ? NULL : device->etag;
  const intray_device_request request = {
      "GET", device->url, device->identity.token, known, NULL, 0, NULL, NULL, NULL};
  if (intray_core_start(device, DOING_POLL, &request)) return true;
  retry_poll(device, NULL);
  return false;
}

/* Tells instructions apart that have one sequence: by code, and by the URL that it is meant for, so
 * that a host which has moved is not called at its old place for ever. */
static uint64_t hash_of(const intray_device_work* work) {
  uint64_t hash = intray_hash(INTRAY_HASH_START, work->type, strlen(work->type) + 1);
  hash = intray_hash(hash, work->code, strlen(work->code) + 1);
  return intray_hash(hash, work->detail, strlen(work->detail));
}

/* Reads one instruction into device->work. False: it has no sequence or no type. */
static bool read_instruction(intray_device* device, intray_json item, uint64_t* sequence) {
  intray_device_work* work = &device->work;
  memset(work, 0, sizeof *work);
  if (!intray_json_number(intray_json_member(item, "sequence"), sequence) || *sequence == 0) {
    return false;
  }
  char type[4 * INTRAY_DEVICE_TYPE_BYTES_MAX];
  if (!intray_json_string(intray_json_member(item, "type"), type, sizeof type)) return false;
  intray_text cut = intray_text_in(work->type, sizeof work->type);
  intray_text_add(&cut, type);
  const bool registers = strcmp(work->type, "register-device") == 0;
  const bool stops = strcmp(work->type, "stop-service") == 0;
  const char* about = registers ? "url" : "service";
  const bool kept =
      intray_json_string(intray_json_member(item, about), work->detail, sizeof work->detail);
  const bool code =
      intray_json_string(intray_json_member(item, "code"), work->code, sizeof work->code);
  if ((registers && !(kept && code)) || (stops && !kept)) {
    work->result = RESULT_REFUSED;
    intray_text_copy(work->detail, sizeof work->detail,
                     "a part of the instruction is missing or too long for this device");
  }
  return true;
}

/* A known instruction that the host still offers. */
static void meet_again(intray_device* device, unsigned place) {
  const intray_device_entry* entry = &device->journal[place];
  if (entry->state == ENTRY_DROPPED && entry->not_before_ms <= device->now_ms) {
    intray_journal_put(device, place, ENTRY_CODE);
  } else if (entry->state == ENTRY_ACKNOWLEDGED && intray_journal_read(device, place)) {
    /* The host has not heard the acknowledgement, or this reply is an old one: repeat it. */
    intray_journal_put(device, place, ENTRY_SETTLED);
  }
}

enum taken { TAKEN_NEW, TAKEN_KNOWN, NOT_TAKEN };

/* relay-wake: its command is new at each poll and good for minutes, so it lies in memory only, and
 * the journal gets the instruction when it has been carried out. TAKEN_NEW: journal it now. */
static enum taken take_relay_wake(intray_device* device, intray_json item, uint64_t sequence,
                                  uint64_t hash) {
  if (intray_relay_find(device, sequence, hash) != NULL) return TAKEN_KNOWN;
  intray_device_relay* relay = intray_relay_place(device);
  if (relay == NULL) {
    device->wakes.missed = true;
    return TAKEN_KNOWN;
  }
  uint8_t bytes[INTRAY_DEVICE_WAKE_BYTES_MAX];
  intray_wake_command command;
  intray_wake_target self;
  intray_json_string(intray_json_member(item, "wake"), relay->command, sizeof relay->command);
  if (!intray_wake_is_valid(device, relay->command, strlen(relay->command), bytes, &command,
                            &self) ||
      self.index != 0) {
    device->work.result = RESULT_REFUSED;
    intray_text_copy(device->work.detail, sizeof device->work.detail,
                     "its wake command is not valid for this device");
    return TAKEN_NEW;
  }
  /* A known command is an old reply: the next poll brings a new one. */
  if (intray_wake_is_known(device, &command)) return NOT_TAKEN;
  if (!intray_wake_remember(device, &command, 0)) return NOT_TAKEN;
  relay->sequence = sequence;
  relay->hash = hash;
  intray_relay_add(device, relay, &self, command.ttl_s);
  return TAKEN_KNOWN;
}

static enum taken take_instruction(intray_device* device, intray_json item) {
  uint64_t sequence = 0;
  if (!read_instruction(device, item, &sequence)) return TAKEN_KNOWN;
  const uint64_t hash = hash_of(&device->work);
  const int known = intray_journal_find(device, sequence, hash);
  if (known >= 0) {
    meet_again(device, (unsigned)known);
    return TAKEN_KNOWN;
  }
  if (strcmp(device->work.type, "relay-wake") == 0) {
    const enum taken taken = take_relay_wake(device, item, sequence, hash);
    if (taken != TAKEN_NEW) return taken;
  }
  const int place = intray_journal_place_for(device, sequence);
  if (place < 0) return NOT_TAKEN;
  intray_device_entry* entry = &device->journal[place];
  const intray_device_entry before = *entry;
  memset(entry, 0, sizeof *entry);
  entry->sequence = sequence;
  entry->hash = hash;
  if (intray_journal_put(device, (unsigned)place, ENTRY_CODE)) return TAKEN_NEW;
  *entry = before;
  return NOT_TAKEN;
}

static bool any_dropped(const intray_device* device) {
  for (unsigned place = 0; place < INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    if (device->journal[place].state == ENTRY_DROPPED) return true;
  }
  return false;
}

/* Returns how many instructions are new. */
static uint64_t take_instructions(intray_device* device, intray_json answer, const char* etag) {
  const intray_json list = intray_json_member(answer, "instructions");
  uint64_t fresh = 0;
  bool all_taken = true;
  size_t at = 0;
  for (intray_json item; (item = intray_json_next(list, &at)).size != 0;) {
    const enum taken taken = take_instruction(device, item);
    fresh += taken == TAKEN_NEW;
    all_taken = all_taken && taken != NOT_TAKEN;
  }
  /* Polls again once the journal is empty, but only after progress: no host can make it spin. */
  device->more =
      !all_taken || (fresh > 0 && intray_json_is_true(intray_json_member(answer, "more")));
  if (!all_taken && !intray_core_works(device)) retry_poll(device, NULL);
  /* A 304 would hide what this poll could not take. */
  if (!all_taken || any_dropped(device) ||
      !intray_text_copy(device->etag, sizeof device->etag, etag)) {
    device->etag[0] = '\0';
  }
  return fresh;
}

void intray_mailbox_take(intray_device* device, const intray_device_reply* reply) {
  intray_json answer = {"", 0};
  if (reply->status == 200) answer = intray_json_read(reply->body, reply->body_bytes);
  const bool understood = reply->status == 204 || reply->status == 304 ||
                          (reply->status == 200 && intray_json_is_object(answer));
  if (!understood) {
    intray_core_fail_reply(device, "poll the mailbox", reply);
    retry_poll(device, reply->retry_after);
    return;
  }
  intray_schedule_polled(device, reply->next_poll);
  intray_wake_polled(device);
  device->more = false;
  uint64_t fresh = 0;
  if (reply->status == 200) fresh = take_instructions(device, answer, reply->etag);
  if (reply->status == 204) intray_text_copy(device->etag, sizeof device->etag, reply->etag);
  intray_device_event event = {INTRAY_DEVICE_POLLED, fresh, "", "", "", "", 0};
  if (device->panel.tell != NULL) device->panel.tell(device->panel.context, &event);
}
