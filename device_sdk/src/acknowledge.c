/* POST /v1/mailbox/{sequence}/acknowledge: tells the host how an instruction ended. Only after a
 * registration, never before: an instruction that is gone from the mailbox cannot be repeated. */
#include <string.h>

#include "core.h"
#include "text.h"

static const char* name_of(uint8_t result) {
  switch (result) {
    case RESULT_LATER:
      return "later";
    case RESULT_REFUSED:
      return "refused";
    case RESULT_UNSUPPORTED:
      return "unsupported";
    default:
      return "done";
  }
}

static size_t write_body(intray_device* device) {
  const intray_device_work* work = &device->work;
  intray_text body = intray_text_in(device->body, sizeof device->body);
  intray_text_add(&body, "{\"result\":");
  intray_text_add_quoted(&body, name_of(work->result));
  if (work->result == RESULT_LATER) {
    intray_text_add(&body, ",\"retry_after_s\":");
    intray_text_add_number(&body, work->later_s);
  }
  if (work->detail[0] != '\0') {
    char reason[INTRAY_DEVICE_ERROR_BYTES_MAX + 1];
    intray_text cut = intray_text_in(reason, sizeof reason);
    intray_text_add(&cut, work->detail);
    if (cut.cut) intray_text_end_whole(&cut);
    intray_text_add(&body, ",\"reason\":");
    intray_text_add_quoted(&body, reason);
  }
  intray_text_add(&body, "}");
  return body.size;
}

bool intray_acknowledge_begin(intray_device* device) {
  intray_device_entry* entry = &device->journal[device->place];
  intray_text url = intray_text_in(device->url, sizeof device->url);
  intray_text_add(&url, device->server);
  intray_text_add(&url, "/v1/mailbox/");
  intray_text_add_number(&url, entry->sequence);
  intray_text_add(&url, "/acknowledge");
  const intray_device_request request = {"POST", device->url,  device->identity.token,
                                         NULL,   device->body, write_body(device),
                                         NULL,   NULL,         NULL};
  if (intray_core_start(device, DOING_ACKNOWLEDGE, &request)) return true;
  entry->not_before_ms = intray_schedule_retry_at(device, &entry->backoff_ms, NULL);
  return false;
}

/* The host answers a report of dead children by instructions for theirs. */
static bool has_told_of_dead(const intray_device_work* work) {
  return work->result == RESULT_DONE && strcmp(work->type, "relay-wake") == 0 &&
         work->detail[0] != '\0';
}

void intray_acknowledge_take(intray_device* device, const intray_device_reply* reply) {
  intray_device_entry* entry = &device->journal[device->place];
  const bool heard =
      (reply->status >= 200 && reply->status < 300) || intray_core_is_final(reply->status);
  if (!heard) {
    intray_core_fail_reply(device, "acknowledge an instruction", reply);
    entry->not_before_ms = intray_schedule_retry_at(device, &entry->backoff_ms, reply->retry_after);
    return;
  }
  /* Before the entry ends: a power cut in between repeats the acknowledgement. */
  if (has_told_of_dead(&device->work)) intray_wake_ask_again(device);
  /* The host offers a deferred instruction again under the same sequence and code. */
  const bool comes_back = device->work.result == RESULT_LATER;
  intray_journal_put(device, device->place, comes_back ? ENTRY_FREE : ENTRY_ACKNOWLEDGED);
  if (device->more && !intray_core_works(device)) {
    device->more = false;
    device->schedule.poll_at_ms = device->now_ms;
  }
}
