/* Calling neighbours: each at its turn, at most INTRAY_DEVICE_LAN_CALLS_MAX at once, two tries. */
#include <string.h>

#include "address.h"
#include "core.h"
#include "relay.h"
#include "text.h"

/* ---- one call ---- */

static void tell(intray_device* device, const char* url, const char* what, int status) {
  char detail[INTRAY_DEVICE_LAN_URL_BYTES_MAX + 32 + INTRAY_DEVICE_ERROR_BYTES_MAX];
  intray_text text = intray_text_in(detail, strcspn(url, "?") + 1);
  intray_text_add(&text, url);
  text.room = sizeof detail;
  intray_text_add(&text, what);
  if (status != 0) intray_text_add_number(&text, (uint64_t)status);
  intray_core_tell(device, INTRAY_DEVICE_RELAYED, "", detail);
}

/* `why` is the transport's, or NULL. It may quote what the neighbour says, its certificate's name
 * for one: only plain letters of it are passed on. */
static void tell_no_answer(intray_device* device, const char* url, const char* why) {
  char what[INTRAY_DEVICE_ERROR_BYTES_MAX + 1];
  intray_text text = intray_text_in(what, sizeof what);
  intray_text_add(&text, ": no answer");
  if (why != NULL && why[0] != '\0') {
    intray_text_add(&text, ": ");
    intray_text_add(&text, why);
  }
  for (char* at = what; *at != '\0'; ++at) {
    if (*at < ' ' || *at > '~') *at = '?';
  }
  tell(device, url, what, 0);
}

static void write_url(char url[], const intray_wake_command* command,
                      const intray_wake_target* target) {
  intray_text text = intray_text_in(url, INTRAY_DEVICE_LAN_URL_BYTES_MAX + 1);
  intray_text_add(&text, (command->flags & wake_plain_http) != 0 ? "http://" : "https://");
  intray_address_add(&text, target);
  if (command->port != 0) {
    intray_text_add(&text, ":");
    intray_text_add_number(&text, command->port);
  }
  intray_text_add(&text, "/doPolling?t=");
}

static bool start_call(intray_device* device, intray_device_relay* relay, unsigned index,
                       uint8_t target, const char* url) {
  intray_device_call* call = &device->wakes.calls[index];
  memcpy(call->url, url, sizeof call->url);
  const intray_device_request request = {
      "GET", call->url, NULL, NULL, NULL, 0, relay->command, intray_address_allowed, &relay->rule};
  if (!device->transport.start(device->transport.context, 1 + index, &request)) return false;
  call->relay = relay;
  call->target = target;
  call->deadline_ms = device->now_ms + INTRAY_DEVICE_LAN_MS_MAX;
  return true;
}

void intray_relay_take_answers(intray_device* device) {
  for (unsigned i = 0; i < INTRAY_DEVICE_LAN_CALLS_MAX; ++i) {
    intray_device_call* call = &device->wakes.calls[i];
    if (call->relay == NULL) continue;
    intray_device_reply reply = {0, NULL, 0, NULL, NULL, NULL, NULL};
    if (!device->transport.poll(device->transport.context, 1 + i, &reply)) {
      if (device->now_ms < call->deadline_ms) continue;
      device->transport.cancel(device->transport.context, 1 + i);
      reply.status = 0;
      reply.error = "it took too long";
    }
    uint8_t* target = &call->relay->targets[call->target];
    call->relay = NULL;
    if (reply.status != 0) {
      *target = TARGET_LIVES;
      tell(device, call->url, ": ", reply.status);
    } else if (*target == TARGET_CALLED) {
      *target = TARGET_DUE_AGAIN;
    } else {
      *target = TARGET_DEAD;
      tell_no_answer(device, call->url, reply.error);
    }
    for (unsigned j = 0; j < INTRAY_DEVICE_RELAYS_MAX; ++j) {
      device->wakes.relays[j].look_ms = device->now_ms; /* a slot is free, or someone has died */
    }
  }
}

void intray_relay_hang_up(intray_device* device, const intray_device_relay* relay) {
  for (unsigned i = 0; i < INTRAY_DEVICE_LAN_CALLS_MAX; ++i) {
    intray_device_call* call = &device->wakes.calls[i];
    if (call->relay == NULL || (relay != NULL && call->relay != relay)) continue;
    device->transport.cancel(device->transport.context, 1 + i);
    call->relay = NULL;
  }
}

/* ---- all calls of a command ---- */

bool intray_relay_read(const intray_device_relay* relay, uint8_t* bytes,
                       intray_wake_command* command) {
  const size_t size = intray_base64url_read(bytes, INTRAY_DEVICE_WAKE_BYTES_MAX, relay->command,
                                            strlen(relay->command));
  return size > wake_signature_bytes &&
         intray_wake_read(command, bytes, size - wake_signature_bytes);
}

static unsigned free_call(const intray_device* device) {
  unsigned index = 0;
  while (index < INTRAY_DEVICE_LAN_CALLS_MAX && device->wakes.calls[index].relay != NULL) ++index;
  return index;
}

/* Calls a target whose turn it is, or finds that it cannot be called. */
static void call_target(intray_device* device, intray_device_relay* relay,
                        const intray_wake_command* command, const intray_wake_target* target) {
  uint8_t* progress = &relay->targets[target->index];
  char url[INTRAY_DEVICE_LAN_URL_BYTES_MAX + 1];
  write_url(url, command, target);
  if (target->kind != 0 &&
      !intray_address_allowed(&relay->rule, target->address, target->address_bytes)) {
    *progress = TARGET_DEAD;
    tell(device, url, ": forbidden", 0);
  }
  while (*progress == TARGET_DUE || *progress == TARGET_DUE_AGAIN) {
    const unsigned index = free_call(device);
    if (index == INTRAY_DEVICE_LAN_CALLS_MAX) return;
    const bool again = *progress == TARGET_DUE_AGAIN;
    if (start_call(device, relay, index, target->index, url)) {
      *progress = again ? TARGET_CALLED_AGAIN : TARGET_CALLED;
    } else if (again) {
      *progress = TARGET_DEAD;
      tell_no_answer(device, url, NULL);
    } else {
      *progress = TARGET_DUE_AGAIN;
    }
  }
}

bool intray_relay_call(intray_device* device, intray_device_relay* relay) {
  uint8_t bytes[INTRAY_DEVICE_WAKE_BYTES_MAX];
  intray_wake_command command;
  intray_wake_target target = {0};
  bool open = false;
  uint16_t own_step = 0;
  relay->look_ms = relay->ends_ms;
  if (!intray_relay_read(relay, bytes, &command)) return false;
  while (intray_wake_next(&command, &target)) {
    uint8_t* progress = &relay->targets[target.index];
    if (target.index == relay->own) own_step = target.step;
    if (*progress == TARGET_DUE || *progress == TARGET_DUE_AGAIN) {
      const uint64_t due_ms = relay->came_ms + (uint64_t)(target.step - own_step) * command.step_ms;
      if (due_ms <= device->now_ms) {
        call_target(device, relay, &command, &target);
      } else if (due_ms < relay->look_ms) {
        relay->look_ms = due_ms;
      }
    }
    if (*progress == TARGET_DEAD) {
      for (unsigned i = 0; i < target.children; ++i) {
        uint8_t* child = &relay->targets[target.first_child + i];
        if (*child == TARGET_OF_OTHERS) *child = TARGET_DUE;
      }
    }
    open = open || (*progress >= TARGET_DUE && *progress <= TARGET_CALLED_AGAIN);
  }
  return open;
}
