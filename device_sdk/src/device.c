#include <intray/device.h>
#include <string.h>

#include "core.h"
#include "text.h"
#include "url.h"

/* ---- telling ---- */

static void tell(intray_device* device, intray_device_event* event) {
  if (device->panel.tell == NULL) return;
  if (event->parameters == NULL) event->parameters = "";
  device->panel.tell(device->panel.context, event);
}

void intray_core_tell(intray_device* device, intray_device_event_kind kind, const char* service,
                      const char* detail) {
  intray_device_event event = {kind, 0, "", service, detail, NULL, 0};
  tell(device, &event);
}

void intray_core_tell_entry(intray_device* device, intray_device_event_kind kind,
                            const char* service, const char* detail) {
  const uint64_t sequence = device->journal[device->place].sequence;
  intray_device_event event = {kind, sequence, device->work.type, service, detail, NULL, 0};
  tell(device, &event);
}

void intray_core_fail(intray_device* device, const char* what, const char* why) {
  intray_text text = intray_text_in(device->error, sizeof device->error);
  intray_text_add(&text, "cannot ");
  intray_text_add(&text, what);
  intray_text_add(&text, ": ");
  intray_text_add(&text, why);
  intray_core_tell(device, INTRAY_DEVICE_FAILED, "", device->error);
}

static const char* meaning_of(int status) {
  switch (status) {
    case 401:
      return "the host does not know this device's token; provision it with a new code";
    case 403:
      return "the host refuses the code";
    case 410:
      return "the host no longer accepts the code";
    case 429:
      return "the host asks to come back later (429)";
    case 503:
      return "the host is busy (503)";
    default:
      return NULL;
  }
}

void intray_core_fail_reply(intray_device* device, const char* what,
                            const intray_device_reply* reply) {
  char why[INTRAY_DEVICE_ERROR_BYTES_MAX + 1];
  intray_text text = intray_text_in(why, sizeof why);
  if (reply->status == 0) {
    intray_text_add(&text, reply->error == NULL ? "no reply came" : reply->error);
  } else if (meaning_of(reply->status) != NULL) {
    intray_text_add(&text, meaning_of(reply->status));
  } else {
    intray_text_add(&text, "the reply was not understood, status ");
    intray_text_add_number(&text, (uint64_t)reply->status);
  }
  intray_core_fail(device, what, why);
}

bool intray_core_is_final(int status) {
  return status >= 400 && status < 500 && status != 401 && status != 408 && status != 429;
}

/* ---- setting up ---- */

static bool take_server(intray_device* device, const char* server) {
  intray_origin origin;
  if (!intray_text_copy(device->server, sizeof device->server, server)) return false;
  if (!intray_url_read(device->server, &origin)) return false;
  if (strcmp(origin.rest, "/") == 0) device->server[strlen(device->server) - 1] = '\0';
  return origin.rest[0] == '\0';
}

static const char* what_is_wrong(intray_device* device, const intray_device_options* options) {
  if (!intray_text_copy(device->device_id, sizeof device->device_id, options->device_id) ||
      device->device_id[0] == '\0') {
    return "the device id is empty or too long";
  }
  if (!take_server(device, options->server)) return "the server is not an http(s)://host[:port]";
  if (device->transport.start == NULL || device->transport.poll == NULL ||
      device->transport.cancel == NULL || device->storage.get == NULL ||
      device->storage.put == NULL || device->random.fill == NULL) {
    return "transport, storage or random is not supplied";
  }
  if (device->poll_s_min > device->poll_s_max) return "poll_s_min is above poll_s_max";
  return NULL;
}

bool intray_device_init(intray_device* device, const intray_device_options* options) {
  memset(device, 0, sizeof *device);
  device->transport = options->transport;
  device->storage = options->storage;
  device->random = options->random;
  device->panel = options->panel;
  device->verifier = options->verifier;
  device->allow_loopback = options->allow_loopback;
  device->allow_plain_wake = options->allow_plain_wake;
  device->poll_s_min = options->poll_s_min == 0 ? 1 : options->poll_s_min;
  device->poll_s_max = options->poll_s_max == 0 ? INTRAY_DEVICE_POLL_S_MAX : options->poll_s_max;
  device->start_spread_s = options->start_spread_s;
  const char* wrong = what_is_wrong(device, options);
  if (wrong != NULL) {
    intray_core_fail(device, "set the device up", wrong);
    return false;
  }
  if (!intray_identity_load(device)) return false;
  intray_schedule_load(device);
  intray_journal_load(device);
  intray_wake_memory_load(device);
  return true;
}

/* ---- requests ---- */

bool intray_core_start(intray_device* device, enum intray_doing doing,
                       const intray_device_request* request) {
  if (!device->transport.start(device->transport.context, 0, request)) {
    intray_core_fail(device, "reach the host", "the transport could not start a request");
    return false;
  }
  device->doing = (uint8_t)doing;
  device->deadline_ms = device->now_ms + INTRAY_DEVICE_REQUEST_MS_MAX;
  return true;
}

void intray_core_cancel(intray_device* device) {
  if (device->doing == DOING_NOTHING) return;
  device->transport.cancel(device->transport.context, 0);
  device->doing = DOING_NOTHING;
}

/* The error stays readable until all that failed has worked. */
static void forget_error_when_all_is_well(intray_device* device) {
  if (device->schedule.backoff_ms != 0) return;
  for (unsigned place = 0; place < INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    if (device->journal[place].backoff_ms != 0) return;
  }
  device->error[0] = '\0';
}

static void take_reply(intray_device* device, const intray_device_reply* reply) {
  const enum intray_doing doing = (enum intray_doing)device->doing;
  device->doing = DOING_NOTHING;
  switch (doing) {
    case DOING_PROVISION:
      intray_provision_take(device, reply);
      break;
    case DOING_POLL:
      intray_mailbox_take(device, reply);
      break;
    case DOING_REGISTER:
      intray_register_take(device, reply);
      break;
    case DOING_ACKNOWLEDGE:
      intray_acknowledge_take(device, reply);
      break;
    case DOING_NOTHING:
      break;
  }
  if (reply->status != 0) forget_error_when_all_is_well(device);
}

/* Looks at the request under way; true when none is left. */
static bool finish_request(intray_device* device) {
  if (device->doing == DOING_NOTHING) return true;
  intray_device_reply reply = {0, NULL, 0, NULL, NULL, NULL, NULL};
  if (!device->transport.poll(device->transport.context, 0, &reply)) {
    if (device->now_ms < device->deadline_ms) return false;
    device->transport.cancel(device->transport.context, 0);
    reply.error = "no reply came in time";
  } else if (reply.body_bytes > INTRAY_DEVICE_REPLY_BYTES_MAX) {
    reply.status = 0;
    reply.error = "the reply is too large";
  }
  if (reply.body == NULL) reply.body_bytes = 0;
  take_reply(device, &reply);
  return true;
}

/* ---- what to do next ---- */

/* Starts what is due. Instructions go before the poll that would bring more of them. */
static void begin_what_is_due(intray_device* device) {
  if (!device->identity.provisioned) {
    if (device->identity.code[0] != '\0' && device->schedule.provision_at_ms <= device->now_ms) {
      intray_provision_begin(device);
    }
    return;
  }
  /* Each turn starts a request, or brings an entry one state further, or makes it wait. */
  for (int place; (place = intray_journal_due(device)) >= 0;) {
    device->place = (uint8_t)place;
    if (!intray_journal_read(device, device->place)) continue;
    if (intray_entry_begin(device)) return;
  }
  const bool due = device->schedule.poll_at_ms <= device->now_ms;
  const bool woken = device->wakes.poll_at_ms <= device->now_ms;
  if (due || woken) intray_mailbox_begin(device);
}

static uint64_t when_next_for_host(const intray_device* device) {
  if (device->doing != DOING_NOTHING) return device->now_ms + INTRAY_DEVICE_LOOK_AGAIN_MS;
  if (!device->identity.provisioned) {
    return device->identity.code[0] != '\0' ? device->schedule.provision_at_ms : UINT64_MAX;
  }
  uint64_t next = device->schedule.poll_at_ms;
  if (device->wakes.poll_at_ms < next) next = device->wakes.poll_at_ms;
  for (unsigned place = 0; place < INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    const intray_device_entry* entry = &device->journal[place];
    if (intray_journal_is_open(entry) && entry->not_before_ms < next) next = entry->not_before_ms;
  }
  return next;
}

static void start_clock(intray_device* device) {
  intray_schedule_start(device);
  intray_wake_start(device);
  device->deadline_ms = device->now_ms + INTRAY_DEVICE_REQUEST_MS_MAX;
  device->started = true;
}

void intray_core_turn_clock(intray_device* device, uint64_t now_ms) {
  const bool went_back = now_ms < device->now_ms;
  device->now_ms = now_ms;
  if (!device->started || went_back) start_clock(device);
}

void intray_device_step(intray_device* device, uint64_t now_ms, uint64_t* next_ms) {
  intray_core_turn_clock(device, now_ms);
  if (finish_request(device)) begin_what_is_due(device);
  intray_relay_step(device, device->doing == DOING_NOTHING);
  const uint64_t host_ms = when_next_for_host(device);
  const uint64_t relay_ms = intray_relay_next_ms(device);
  *next_ms = host_ms < relay_ms ? host_ms : relay_ms;
}

void intray_device_poll_now(intray_device* device) {
  if (!device->started) start_clock(device);
  device->schedule.poll_at_ms = device->now_ms;
}

bool intray_core_works(const intray_device* device) {
  if (device->doing != DOING_NOTHING) return true;
  for (unsigned place = 0; place < INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    if (intray_journal_is_open(&device->journal[place])) return true;
  }
  return false;
}

bool intray_device_busy(const intray_device* device) {
  return intray_core_works(device) || intray_relay_any(device);
}

bool intray_device_provisioned(const intray_device* device) { return device->identity.provisioned; }

const char* intray_device_last_error(const intray_device* device) { return device->error; }
