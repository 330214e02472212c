#include "wake_command.h"

#include <string.h>

enum {
  version = 1,
  known_flags = wake_plain_http | wake_at_is_unix | wake_first_relays_only,
  ttl_s_max = 600,
  step_ms_max = 600000,
  name_bytes_max = 64
};

/* The value of a base64url digit; 64 = it is none. */
static unsigned digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return (unsigned)(c - 'A');
  if (c >= 'a' && c <= 'z') return (unsigned)(c - 'a') + 26;
  if (c >= '0' && c <= '9') return (unsigned)(c - '0') + 52;
  return c == '-' ? 62 : c == '_' ? 63 : 64;
}

size_t intray_base64url_read(uint8_t* bytes, size_t room, const char* text, size_t size) {
  uint32_t bits = 0;
  unsigned waiting = 0;
  size_t got = 0;
  for (size_t i = 0; i < size; ++i) {
    const unsigned digit = digit_of(text[i]);
    if (digit == 64) return 0;
    bits = (bits << 6) | digit;
    waiting += 6;
    if (waiting < 8) continue;
    if (got == room) return 0;
    waiting -= 8;
    bytes[got++] = (uint8_t)(bits >> waiting);
  }
  /* Bits that are left over and not zero, or a whole digit: a second way to write those bytes. */
  return waiting < 6 && (bits & ((1u << waiting) - 1)) == 0 ? got : 0;
}

/* A big-endian number off the front; the caller has made sure that it is there. */
static uint64_t take(const uint8_t** at, unsigned width) {
  uint64_t number = 0;
  while (width-- > 0) number = (number << 8) | *(*at)++;
  return number;
}

/* A last label of digits alone would be read as an IPv4 address. */
static bool is_name(const uint8_t* name, size_t size) {
  bool numeric = true;
  for (size_t i = 0; i < size; ++i) {
    const uint8_t c = name[i];
    const bool is_digit = c >= '0' && c <= '9';
    const bool is_letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    if (!is_digit && !is_letter && c != '-' && c != '.') return false;
    numeric = c == '.' || (numeric && is_digit);
  }
  return !numeric;
}

static bool take_address(intray_wake_target* target, const uint8_t* end) {
  const uint8_t* at = target->next;
  target->address_bytes = target->kind == 4 ? 4 : 16;
  if (target->kind == 0) {
    if (at == end || *at == 0 || *at > name_bytes_max) return false;
    target->address_bytes = *at++;
  }
  if (end - at < target->address_bytes) return false;
  target->address = at;
  target->next = at + target->address_bytes;
  if (target->kind == 0) return is_name(at, target->address_bytes);
  return target->kind == 4 || target->kind == 6;
}

bool intray_wake_next(const intray_wake_command* command, intray_wake_target* target) {
  enum { fixed_bytes = 8 + 1 + 2 + 1 };
  const bool first = target->next == NULL;
  if (first) target->next = command->targets;
  if (command->end - target->next < fixed_bytes) return false;
  target->index = first ? 0 : (uint8_t)(target->index + 1);
  target->first_child = first ? 1 : (uint8_t)(target->first_child + target->children);
  target->tag = take(&target->next, 8);
  target->children = (uint8_t)take(&target->next, 1);
  target->step = (uint16_t)take(&target->next, 2);
  target->kind = (uint8_t)take(&target->next, 1);
  return take_address(target, command->end);
}

static bool are_in_range(const intray_wake_command* command) {
  const bool delay = (command->flags & wake_at_is_unix) == 0;
  return (command->flags & ~known_flags) == 0 && command->ttl_s >= 1 &&
         command->ttl_s <= ttl_s_max && command->at_s <= (delay ? ttl_s_max : INT64_MAX) &&
         command->step_ms <= step_ms_max && command->count >= 1 &&
         command->count <= INTRAY_DEVICE_WAKE_TARGETS_MAX;
}

/* Whole, one tree, no tag twice, steps in order, nothing left over. */
static bool are_targets(const intray_wake_command* command) {
  uint64_t tags[INTRAY_DEVICE_WAKE_TARGETS_MAX];
  intray_wake_target target = {0};
  unsigned called = 1;
  uint16_t step = 0;
  for (unsigned i = 0; i < command->count; ++i) {
    if (i >= called || !intray_wake_next(command, &target) || target.step < step) return false;
    for (unsigned j = 0; j < i; ++j) {
      if (tags[j] == target.tag) return false;
    }
    tags[i] = target.tag;
    step = target.step;
    called += target.children;
    if (called > command->count) return false;
  }
  return called == command->count && target.next == command->end;
}

bool intray_wake_read(intray_wake_command* command, const uint8_t* bytes, size_t size) {
  if (size < wake_header_bytes || size > INTRAY_DEVICE_WAKE_BYTES_MAX - wake_signature_bytes) {
    return false;
  }
  const uint8_t* at = bytes;
  if (take(&at, 1) != version) return false;
  command->flags = (uint8_t)take(&at, 1);
  command->port = (uint16_t)take(&at, 2);
  at += wake_key_bytes;
  command->id[0] = take(&at, 8);
  command->id[1] = take(&at, 8);
  command->expires_unix_s = take(&at, 8);
  command->ttl_s = (uint32_t)take(&at, 2);
  command->at_s = take(&at, 8);
  command->step_ms = (uint32_t)take(&at, 4);
  command->count = (uint8_t)take(&at, 1);
  command->targets = at;
  command->end = bytes + size;
  return are_in_range(command) && are_targets(command);
}
