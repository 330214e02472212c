/* Waking the children of a command with the very same command, once each (patent steps S316, S325):
 * after this device's own work, and in place of those who do not answer. Here: which commands, and
 * their beginning and end. relay_calls.c calls. */
#include "relay.h"

#include <string.h>

#include "core.h"
#include "text.h"

/* ---- places ---- */

intray_device_relay* intray_relay_place(intray_device* device) {
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    if (device->wakes.relays[i].stage == RELAY_FREE) return &device->wakes.relays[i];
  }
  return NULL;
}

intray_device_relay* intray_relay_find(intray_device* device, uint64_t sequence, uint64_t hash) {
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    intray_device_relay* relay = &device->wakes.relays[i];
    const bool same = relay->sequence == sequence && relay->hash == hash;
    if (relay->stage != RELAY_FREE && same) return relay;
  }
  return NULL;
}

bool intray_relay_any(const intray_device* device) {
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    if (device->wakes.relays[i].stage != RELAY_FREE) return true;
  }
  return false;
}

void intray_relay_add(intray_device* device, intray_device_relay* relay,
                      const intray_wake_target* self, uint64_t life_s) {
  relay->stage = relay->sequence == 0 ? RELAY_WAITS_FOR_POLL : RELAY_WAITS_FOR_PEACE;
  relay->own = self->index;
  relay->came_ms = device->now_ms;
  relay->ends_ms = device->now_ms + life_s * 1000;
  relay->look_ms = relay->ends_ms;
  memset(&relay->rule, 0, sizeof relay->rule);
  relay->rule.loopback = device->allow_loopback;
  if (self->kind != 0) {
    relay->rule.own_bytes = self->address_bytes;
    memcpy(relay->rule.own, self->address, self->address_bytes);
  }
  memset(relay->targets, TARGET_OF_OTHERS, sizeof relay->targets);
  memset(relay->targets + self->first_child, TARGET_DUE, self->children);
}

void intray_relay_polling(intray_device* device) {
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    intray_device_relay* relay = &device->wakes.relays[i];
    if (relay->stage == RELAY_WAITS_FOR_POLL) relay->stage = RELAY_WAITS_FOR_PEACE;
  }
}

/* A place becomes free: whoever found none may come now. */
static void let_go(intray_device* device, intray_device_relay* relay) {
  relay->stage = RELAY_FREE;
  if (!device->wakes.missed) return;
  device->wakes.missed = false;
  device->etag[0] = '\0';
  device->schedule.poll_at_ms = device->now_ms;
}

void intray_relay_drop_all(intray_device* device) {
  intray_relay_hang_up(device, NULL);
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    intray_device_relay* relay = &device->wakes.relays[i];
    /* A 304 would hide the instruction that is given up here. */
    if (relay->stage != RELAY_FREE) device->etag[0] = '\0';
    relay->stage = RELAY_FREE;
  }
}

/* ---- the end ---- */

/* Who gave no answer, by place in the command: "dead 1 4 9". All 63 fit. */
static void write_reason(const intray_device_relay* relay, char* reason, size_t room) {
  uint8_t bytes[INTRAY_DEVICE_WAKE_BYTES_MAX];
  intray_wake_command command;
  intray_wake_target target = {0};
  intray_text text = intray_text_in(reason, room);
  if (!intray_relay_read(relay, bytes, &command)) return;
  while (intray_wake_next(&command, &target)) {
    const uint8_t progress = relay->targets[target.index];
    if (progress == TARGET_OF_OTHERS || progress == TARGET_LIVES) continue;
    intray_text_add(&text, text.size == 0 ? "dead " : " ");
    intray_text_add_number(&text, target.index);
  }
}

/* Journals the instruction as done, so that it is acknowledged. False: there is no room now. */
static bool settle(intray_device* device, const intray_device_relay* relay) {
  const int place = intray_journal_place_for(device, relay->sequence);
  if (place < 0) return false;
  intray_device_work* work = &device->work;
  memset(work, 0, sizeof *work);
  work->result = RESULT_DONE;
  intray_text_copy(work->type, sizeof work->type, "relay-wake");
  write_reason(relay, work->detail, INTRAY_DEVICE_ERROR_BYTES_MAX + 1);
  intray_device_entry* entry = &device->journal[place];
  const intray_device_entry before = *entry;
  memset(entry, 0, sizeof *entry);
  entry->sequence = relay->sequence;
  entry->hash = relay->hash;
  if (intray_journal_put(device, (unsigned)place, ENTRY_SETTLED)) return true;
  *entry = before;
  return false;
}

static void step_relay(intray_device* device, intray_device_relay* relay, bool idle) {
  if (relay->stage == RELAY_WAITS_FOR_PEACE && idle) {
    relay->stage = RELAY_CALLS;
    relay->look_ms = device->now_ms;
  }
  if (device->now_ms >= relay->ends_ms) {
    intray_relay_hang_up(device, relay);
    relay->stage = RELAY_ENDED;
  } else if (relay->stage == RELAY_CALLS && relay->look_ms <= device->now_ms &&
             !intray_relay_call(device, relay)) {
    relay->stage = RELAY_ENDED;
  }
  if (relay->stage != RELAY_ENDED) return;
  relay->look_ms = device->now_ms + INTRAY_DEVICE_BACKOFF_MS_MIN;
  if (relay->sequence == 0 || (idle && settle(device, relay))) let_go(device, relay);
}

void intray_relay_step(intray_device* device, bool idle) {
  intray_relay_take_answers(device);
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    intray_device_relay* relay = &device->wakes.relays[i];
    if (relay->stage != RELAY_FREE) step_relay(device, relay, idle);
  }
}

uint64_t intray_relay_next_ms(const intray_device* device) {
  uint64_t next = UINT64_MAX;
  for (unsigned i = 0; i < INTRAY_DEVICE_LAN_CALLS_MAX; ++i) {
    if (device->wakes.calls[i].relay != NULL) return device->now_ms + INTRAY_DEVICE_LOOK_AGAIN_MS;
  }
  for (unsigned i = 0; i < INTRAY_DEVICE_RELAYS_MAX; ++i) {
    const intray_device_relay* relay = &device->wakes.relays[i];
    if (relay->stage != RELAY_FREE && relay->look_ms < next) next = relay->look_ms;
  }
  return next;
}
