/* An instruction's way to its end: asked, carried out, settled. register-device calls its URL with
 * the code (patent step S323), and may do so again with the same effect: that is how a lost reply
 * or a power cut is made good. */
#include <string.h>

#include "core.h"
#include "json.h"
#include "text.h"

static bool is_type(const intray_device* device, const char* type) {
  return strcmp(device->work.type, type) == 0;
}

/* Ends the entry with a result, which is acknowledged next. */
static void settle(intray_device* device, enum intray_result result) {
  device->work.result = (uint8_t)result;
  /* What is left there is a reason, and is told to the host. */
  if (result == RESULT_DONE || result == RESULT_UNSUPPORTED) device->work.detail[0] = '\0';
  intray_journal_put(device, device->place, ENTRY_SETTLED);
}

static void keep_reason(intray_device* device, const char* reason) {
  if (reason == device->work.detail) return;
  intray_text detail = intray_text_in(device->work.detail, sizeof device->work.detail);
  intray_text_add(&detail, reason);
}

static void refuse(intray_device* device, const char* reason) {
  intray_core_tell_entry(device, INTRAY_DEVICE_REFUSED, "", reason);
  keep_reason(device, reason);
  settle(device, RESULT_REFUSED);
}

static void defer(intray_device* device, const intray_device_decision* decision) {
  uint32_t seconds = decision->later_s == 0 ? 1 : decision->later_s;
  if (seconds > INTRAY_DEVICE_LATER_S_MAX) seconds = INTRAY_DEVICE_LATER_S_MAX;
  device->work.later_s = seconds;
  const char* reason = decision->reason == NULL ? "" : decision->reason;
  intray_core_tell_entry(device, INTRAY_DEVICE_DEFERRED, "", reason);
  keep_reason(device, reason);
  settle(device, RESULT_LATER);
}

/* Whether the firmware accepts; otherwise the entry is settled. */
static bool is_accepted(intray_device* device) {
  intray_device_decision decision = {INTRAY_DEVICE_ACCEPT, 0, NULL};
  const bool registers = is_type(device, "register-device");
  const intray_device_instruction instruction = {
      device->journal[device->place].sequence, device->work.type,
      registers ? device->work.detail : "", registers ? "" : device->work.detail};
  if (device->panel.ask != NULL) {
    device->panel.ask(device->panel.context, &instruction, &decision);
  }
  if (decision.answer == INTRAY_DEVICE_ACCEPT) return true;
  if (decision.answer == INTRAY_DEVICE_LATER) {
    defer(device, &decision);
  } else {
    refuse(device, decision.reason == NULL ? "refused at the device" : decision.reason);
  }
  return false;
}

/* A new entry: decides what becomes of it. */
static void decide(intray_device* device) {
  const char* detail = device->work.detail;
  if (device->work.result == RESULT_REFUSED) {
    refuse(device, detail);
  } else if (is_type(device, "register-device")) {
    if (!intray_identity_trusts(device, detail)) {
      refuse(device, "its URL is at an origin that this device was not provisioned with");
    } else if (is_accepted(device)) {
      intray_journal_put(device, device->place, ENTRY_REGISTERING);
    }
  } else if (is_type(device, "stop-service")) {
    if (!is_accepted(device)) return;
    intray_core_tell_entry(device, INTRAY_DEVICE_STOPPED, detail, "");
    settle(device, RESULT_DONE);
  } else {
    intray_core_tell_entry(device, INTRAY_DEVICE_UNSUPPORTED, "", "");
    settle(device, RESULT_UNSUPPORTED);
  }
}

bool intray_entry_begin(intray_device* device) {
  switch (device->journal[device->place].state) {
    case ENTRY_CODE:
      decide(device);
      return false;
    case ENTRY_REGISTERING:
      return intray_register_begin(device);
    default:
      return intray_acknowledge_begin(device);
  }
}

bool intray_register_begin(intray_device* device) {
  intray_device_entry* entry = &device->journal[device->place];
  /* Asked again: the device may have been provisioned anew since it accepted. */
  if (!intray_identity_trusts(device, device->work.detail)) {
    refuse(device, "its URL is at an origin that this device was not provisioned with");
    return false;
  }
  intray_text_copy(device->url, sizeof device->url, device->work.detail);
  intray_text body = intray_text_in(device->body, sizeof device->body);
  intray_text_add(&body, "{\"code\":");
  intray_text_add_quoted(&body, device->work.code);
  intray_text_add(&body, "}");
  const intray_device_request request = {
      "POST", device->url, device->identity.token, NULL, device->body, body.size, NULL, NULL, NULL};
  if (intray_core_start(device, DOING_REGISTER, &request)) return true;
  entry->not_before_ms = intray_schedule_retry_at(device, &entry->backoff_ms, NULL);
  return false;
}

/* The host's last word is no: forgotten, and the mailbox says what is true now. */
static void drop(intray_device* device, const intray_device_reply* reply) {
  intray_device_entry* entry = &device->journal[device->place];
  intray_core_fail_reply(device, "register", reply);
  intray_core_tell_entry(device, INTRAY_DEVICE_DROPPED, "", device->error);
  if (!intray_journal_put(device, device->place, ENTRY_DROPPED)) return;
  entry->not_before_ms = device->now_ms + INTRAY_DEVICE_BACKOFF_MS_MAX;
  device->etag[0] = '\0';
  device->schedule.poll_at_ms = device->now_ms;
}

static void registered(intray_device* device, intray_json answer) {
  char service[INTRAY_DEVICE_CODE_BYTES_MAX + 1];
  intray_json_string(intray_json_member(answer, "service"), service, sizeof service);
  const intray_json parameters = intray_json_member(answer, "parameters");
  const intray_device_event event = {INTRAY_DEVICE_REGISTERED,
                                     device->journal[device->place].sequence,
                                     device->work.type,
                                     service,
                                     "",
                                     parameters.bytes,
                                     parameters.size};
  /* Before it is stored: after a power cut the firmware hears it twice, but never not at all. */
  if (device->panel.tell != NULL) device->panel.tell(device->panel.context, &event);
  settle(device, RESULT_DONE);
}

void intray_register_take(intray_device* device, const intray_device_reply* reply) {
  intray_device_entry* entry = &device->journal[device->place];
  const intray_json answer = reply->status == 200 ? intray_json_read(reply->body, reply->body_bytes)
                                                  : (intray_json){"", 0};
  if (intray_json_is_object(answer)) {
    registered(device, answer);
  } else if (intray_core_is_final(reply->status)) {
    drop(device, reply);
  } else {
    intray_core_fail_reply(device, "register", reply);
    entry->not_before_ms = intray_schedule_retry_at(device, &entry->backoff_ms, reply->retry_after);
  }
}
