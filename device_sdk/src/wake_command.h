/* The bytes of a wake command (api/wake_command.md): read once, in full, or refused. */
#ifndef INTRAY_DEVICE_SRC_WAKE_COMMAND_H
#define INTRAY_DEVICE_SRC_WAKE_COMMAND_H

#include <intray/device_state.h>

enum {
  wake_key_at = 4,
  wake_key_bytes = 16,
  wake_header_bytes = 59,
  wake_signature_bytes = 64,
  wake_plain_http = 1,
  wake_at_is_unix = 2,
  wake_first_relays_only = 4
};

typedef struct intray_wake_command {
  uint8_t flags;
  uint8_t count; /* of the targets */
  uint16_t port;
  uint64_t id[2];
  uint64_t expires_unix_s;
  uint32_t ttl_s;
  uint64_t at_s;
  uint32_t step_ms;
  const uint8_t* targets; /* in the bytes that were read */
  const uint8_t* end;
} intray_wake_command;

/* One target. Zero-fill it, then let intray_wake_next() walk. */
typedef struct intray_wake_target {
  uint64_t tag;
  uint16_t step;
  uint8_t index;
  uint8_t children;
  uint8_t first_child; /* its index; 64 or more when the targets are no tree */
  uint8_t kind;        /* 4, 6, or 0: a name */
  uint8_t address_bytes;
  const uint8_t* address;
  const uint8_t* next; /* behind this target; NULL = before the first */
} intray_wake_target;

/* Base64url without padding, in the one canonical way. How many bytes; 0 = it is none, or more than
 * `room`. */
size_t intray_base64url_read(uint8_t* bytes, size_t room, const char* text, size_t size);

/* Reads all bytes but the signature. False: anything but what api/wake_command.md says. The bytes
 * must outlive the command. */
bool intray_wake_read(intray_wake_command* command, const uint8_t* bytes, size_t size);

/* Moves to the first target, or from one to the next. False at the end, or when bytes are missing
 * or wrong; of a command that was read, only at the end. */
bool intray_wake_next(const intray_wake_command* command, intray_wake_target* target);

#endif /* INTRAY_DEVICE_SRC_WAKE_COMMAND_H */
