/* intray/device_state.h - the memory of a device, for those who allocate one. C99.
 *
 * Public only so that a device can lie in static memory. Its fields are the SDK's own: reading or
 * writing them from outside is not supported, and they change without notice.
 */
#ifndef INTRAY_DEVICE_STATE_H
#define INTRAY_DEVICE_STATE_H

#include <intray/device_limits.h>
#include <intray/device_panel.h>
#include <intray/device_supply.h>

/** What the device is and whom it trusts; stored under the key "identity". */
typedef struct intray_device_identity {
  bool provisioned;
  uint64_t code_hash; /* of the provisioning code that this token was made for; 0 = adopted */
  char code[INTRAY_DEVICE_CODE_BYTES_MAX + 1]; /* that code, until the host has answered; then "" */
  char token[INTRAY_DEVICE_TOKEN_BYTES + 1];
  char customer[INTRAY_DEVICE_CUSTOMER_BYTES_MAX + 1];
  char origins[INTRAY_DEVICE_ORIGINS_BYTES_MAX + 1];     /* each with its NUL; "" ends the list */
  char wake_keys[INTRAY_DEVICE_WAKE_KEYS_BYTES_MAX + 1]; /* likewise */
} intray_device_identity;

/** One journal place: an instruction by (sequence, hash of code and URL), and how far it has come.
 * What is needed to carry it out lies in storage, not here. */
typedef struct intray_device_entry {
  uint64_t sequence;
  uint64_t hash;
  uint64_t not_before_ms;
  uint32_t backoff_ms;
  uint8_t state;
} intray_device_entry;

/** The instruction that is being carried out, as it lies in storage. */
typedef struct intray_device_work {
  uint8_t result;
  uint32_t later_s;
  char type[INTRAY_DEVICE_TYPE_BYTES_MAX + 1];
  char code[INTRAY_DEVICE_CODE_BYTES_MAX + 1];
  char detail[INTRAY_DEVICE_DETAIL_BYTES_MAX + 1]; /* URL, service id, or the reason of a refusal */
} intray_device_work;

/** When to poll next. */
typedef struct intray_device_schedule {
  uint64_t phase; /* hash of the device id: where in the interval this device polls */
  uint64_t poll_at_ms;
  uint64_t provision_at_ms;
  uint32_t interval_s; /* as the host said */
  uint32_t backoff_ms; /* of polls and provisioning; 0 = the last one worked */
} intray_device_schedule;

/** A wake command that was accepted: not again until it has expired. */
typedef struct intray_device_wake_id {
  uint64_t id[2];
  uint64_t expires_unix_s;
} intray_device_wake_id;

/** What must not be called: see intray_device_request.address_allowed. */
typedef struct intray_device_address_rule {
  bool loopback; /* 127.0.0.0/8 is allowed */
  uint8_t own_bytes;
  uint8_t own[16]; /* where the command says that this device is */
} intray_device_address_rule;

/** A command whose children this device wakes. In memory only: a power cut ends it. */
typedef struct intray_device_relay {
  uint8_t stage;
  uint8_t own;       /* this device's place among the targets */
  uint64_t sequence; /* of the relay-wake instruction; 0 = it came as a URL */
  uint64_t hash;     /* of that instruction */
  uint64_t came_ms;
  uint64_t ends_ms; /* when the command expires */
  uint64_t look_ms; /* when there is something to do next */
  intray_device_address_rule rule;
  uint8_t targets[INTRAY_DEVICE_WAKE_TARGETS_MAX]; /* how far each has come */
  char command[INTRAY_DEVICE_WAKE_TEXT_MAX + 1];
} intray_device_relay;

/** A neighbour who is being called, in the slot 1 + its index. */
typedef struct intray_device_call {
  intray_device_relay* relay; /* NULL = free */
  uint8_t target;
  uint64_t deadline_ms;
  char url[INTRAY_DEVICE_LAN_URL_BYTES_MAX + 1];
} intray_device_call;

typedef struct intray_device_wakes {
  uint64_t poll_at_ms; /* the poll that a command asks for; UINT64_MAX = none */
  uint64_t calm_ms;    /* the next woken poll comes no earlier */
  uint64_t plain_ms;   /* the next unsigned wake is heard no earlier */
  bool poll_owed;      /* stored: after a power cut the poll is made good */
  bool missed;         /* a relay-wake instruction found no free place */
  uint8_t ids_count;
  intray_device_wake_id ids[INTRAY_DEVICE_WAKE_IDS_MAX];
  intray_device_relay relays[INTRAY_DEVICE_RELAYS_MAX];
  intray_device_call calls[INTRAY_DEVICE_LAN_CALLS_MAX];
} intray_device_wakes;

typedef struct intray_device {
  intray_device_transport transport;
  intray_device_storage storage;
  intray_device_random random;
  intray_device_panel panel;
  intray_device_verifier verifier;
  bool allow_loopback, allow_plain_wake;
  uint32_t poll_s_min, poll_s_max, start_spread_s;
  uint64_t now_ms;
  uint64_t deadline_ms; /* of the request under way */
  uint8_t doing;
  uint8_t place; /* of the journal: what the request under way is about */
  bool started;  /* the first step has been made */
  bool more;     /* the host has more than the last poll brought */
  intray_device_identity identity;
  intray_device_schedule schedule;
  intray_device_entry journal[INTRAY_DEVICE_INSTRUCTIONS_MAX];
  intray_device_work work;
  intray_device_wakes wakes;
  char device_id[INTRAY_DEVICE_ID_BYTES_MAX + 1];
  char server[INTRAY_DEVICE_SERVER_BYTES_MAX + 1];
  char etag[INTRAY_DEVICE_ETAG_BYTES_MAX + 1];
  char url[INTRAY_DEVICE_DETAIL_BYTES_MAX + 1];
  char body[INTRAY_DEVICE_REQUEST_BYTES_MAX + 1];
  char error[INTRAY_DEVICE_ERROR_BYTES_MAX + 1];
} intray_device;

#endif /* INTRAY_DEVICE_STATE_H */
