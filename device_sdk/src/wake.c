/* A wake command comes in. What is checked, in which order: api/wake_command.md. Until all of it
 * has passed, nothing is changed, stored or sent. */
#include <string.h>

#include "core.h"
#include "text.h"

enum { poll_now_or_before = 200, polls_later = 202, refused = 403, too_many = 429 };

/* ---- is it a command for this device ---- */

static bool is_signed(const intray_device* device, const uint8_t* bytes, size_t size) {
  if (device->verifier.ed25519 == NULL) return false;
  for (const char* at = device->identity.wake_keys; *at != '\0'; at += strlen(at) + 1) {
    uint8_t key[32];
    if (intray_base64url_read(key, sizeof key, at, strlen(at)) != sizeof key) continue;
    if (memcmp(key, bytes + wake_key_at, wake_key_bytes) != 0) continue;
    if (device->verifier.ed25519(device->verifier.context, key, bytes + size, bytes, size)) {
      return true;
    }
  }
  return false;
}

bool intray_wake_is_valid(const intray_device* device, const char* text, size_t size,
                          uint8_t* bytes, intray_wake_command* command, intray_wake_target* self) {
  const size_t whole = intray_base64url_read(bytes, INTRAY_DEVICE_WAKE_BYTES_MAX, text, size);
  if (whole < wake_header_bytes + wake_signature_bytes) return false;
  const size_t before = whole - wake_signature_bytes;
  if (!is_signed(device, bytes, before) || !intray_wake_read(command, bytes, before)) return false;
  const uint64_t tag = intray_hash(INTRAY_HASH_START, device->device_id, strlen(device->device_id));
  memset(self, 0, sizeof *self);
  while (intray_wake_next(command, self)) {
    if (self->tag == tag) return true;
  }
  return false;
}

/* Not expired, and not made for a time that has not come. */
static bool is_alive(const intray_wake_command* command, uint64_t now_unix_s) {
  return now_unix_s <= command->expires_unix_s &&
         command->expires_unix_s - now_unix_s <= command->ttl_s + INTRAY_DEVICE_WAKE_CLOCK_S;
}

/* ---- its poll ---- */

/* At its time, at the pace of woken polls, or with one that comes earlier. */
static void poll_after(intray_device* device, uint64_t delay_s) {
  intray_device_wakes* wakes = &device->wakes;
  if (delay_s > INTRAY_DEVICE_POLL_S_MAX) delay_s = INTRAY_DEVICE_POLL_S_MAX;
  uint64_t at_ms = device->now_ms + delay_s * 1000;
  if (at_ms < wakes->calm_ms) at_ms = wakes->calm_ms;
  if (at_ms < wakes->poll_at_ms) wakes->poll_at_ms = at_ms;
}

/* Plans the poll of a command; what to answer. */
static int plan_poll(intray_device* device, uint64_t delay_s) {
  const intray_device_wakes* wakes = &device->wakes;
  poll_after(device, delay_s);
  intray_core_tell(device, INTRAY_DEVICE_WOKEN, "", "");
  return wakes->poll_at_ms <= device->now_ms ? poll_now_or_before : polls_later;
}

void intray_wake_start(intray_device* device) {
  intray_device_wakes* wakes = &device->wakes;
  wakes->poll_at_ms = wakes->poll_owed ? device->now_ms : UINT64_MAX;
  wakes->calm_ms = 0;
  wakes->plain_ms = 0;
  intray_relay_drop_all(device);
}

void intray_wake_polling(intray_device* device) {
  intray_device_wakes* wakes = &device->wakes;
  if (wakes->poll_at_ms > device->now_ms) return;
  wakes->poll_at_ms = UINT64_MAX;
  wakes->calm_ms = device->now_ms + INTRAY_DEVICE_WAKE_GAP_MS;
  intray_relay_polling(device);
}

void intray_wake_polled(intray_device* device) {
  intray_device_wakes* wakes = &device->wakes;
  if (!wakes->poll_owed || wakes->poll_at_ms != UINT64_MAX) return;
  wakes->poll_owed = false;
  intray_wake_memory_store(device); /* when it fails: one poll too many, after the next start */
}

void intray_wake_ask_again(intray_device* device) {
  device->wakes.poll_owed = true;
  intray_wake_memory_store(device); /* when it fails: lost with a power cut, kept without one */
  poll_after(device, 0);
}

/* ---- the request ---- */

/* The query of a /doPolling, "" when there is none; NULL = another path. */
static const char* query_of(const char* target) {
  static const char path[] = "/doPolling";
  if (strncmp(target, path, sizeof path - 1) != 0) return NULL;
  target += sizeof path - 1;
  if (*target == '/') ++target;
  if (*target == '?') return target + 1;
  return *target == '\0' ? target : NULL;
}

/* What a query asks for. The text is the value of its only "t"; size 0 = there is none. "pollreq"
 * is for people; without a "t" it asks for what nobody has signed. */
typedef struct wake_query {
  const char* text;
  size_t size;
  bool has_targets;
  bool is_double; /* two "t", or an empty one */
} wake_query;

static wake_query read_query(const char* query) {
  wake_query found = {NULL, 0, false, false};
  while (*query != '\0') {
    const size_t size = strcspn(query, "&");
    if (strncmp(query, "pollreq=", 8) == 0) found.has_targets = true;
    if (strncmp(query, "t=", 2) == 0) {
      found.is_double = found.is_double || found.text != NULL || size == 2;
      found.text = query + 2;
      found.size = size - 2;
    }
    query += size;
    if (*query == '&') ++query;
  }
  return found;
}

static int wake_plainly(intray_device* device) {
  if (!device->allow_plain_wake || !device->identity.provisioned) return refused;
  if (device->now_ms < device->wakes.plain_ms) return too_many;
  device->wakes.plain_ms = device->now_ms + INTRAY_DEVICE_WAKE_PLAIN_MS;
  return plan_poll(device, 0);
}

static uint64_t delay_of(const intray_wake_command* command, uint64_t now_unix_s) {
  if ((command->flags & wake_at_is_unix) == 0) return command->at_s;
  return command->at_s > now_unix_s ? command->at_s - now_unix_s : 0;
}

static int wake_by_command(intray_device* device, const char* text, size_t size,
                           uint64_t now_unix_s) {
  uint8_t bytes[INTRAY_DEVICE_WAKE_BYTES_MAX];
  intray_wake_command command;
  intray_wake_target self;
  if (!intray_wake_is_valid(device, text, size, bytes, &command, &self)) return refused;
  if (!is_alive(&command, now_unix_s)) return refused;
  if (intray_wake_is_known(device, &command)) return poll_now_or_before;
  const bool relays =
      self.children != 0 && (self.index == 0 || (command.flags & wake_first_relays_only) == 0);
  intray_device_relay* relay = relays ? intray_relay_place(device) : NULL;
  if (relays && relay == NULL) return too_many;
  const bool owed = device->wakes.poll_owed;
  device->wakes.poll_owed = true;
  if (!intray_wake_remember(device, &command, now_unix_s)) {
    device->wakes.poll_owed = owed;
    return too_many;
  }
  if (relays) {
    memcpy(relay->command, text, size);
    relay->command[size] = '\0';
    relay->sequence = 0;
    intray_relay_add(device, relay, &self, command.expires_unix_s - now_unix_s);
  }
  return plan_poll(device, delay_of(&command, now_unix_s));
}

bool intray_device_wake(intray_device* device, const char* target, uint64_t now_ms,
                        int64_t now_unix_s, int* status) {
  const char* query = query_of(target);
  if (query == NULL) return false;
  intray_core_turn_clock(device, now_ms);
  const wake_query asked = read_query(query);
  if (asked.is_double || now_unix_s < 0) {
    *status = refused;
  } else if (asked.text != NULL) {
    *status = wake_by_command(device, asked.text, asked.size, (uint64_t)now_unix_s);
  } else {
    *status = asked.has_targets ? refused : wake_plainly(device);
  }
  return true;
}
