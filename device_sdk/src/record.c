#include "record.h"

#include <string.h>

#include "text.h"

enum { version = 1, checksum_bytes = 8 };

void intray_record_begin(intray_record* record) {
  record->size = 0;
  record->at = 0;
  record->sound = true;
  intray_record_number(record, version, 1);
}

static bool has_room(intray_record* record, size_t size) {
  if (sizeof record->bytes - record->size < size) record->sound = false;
  return record->sound;
}

void intray_record_number(intray_record* record, uint64_t number, unsigned width) {
  if (!has_room(record, width)) return;
  for (unsigned i = 0; i < width; ++i, number >>= 8)
    record->bytes[record->size++] = (uint8_t)number;
}

void intray_record_text(intray_record* record, const char* text, size_t size) {
  intray_record_number(record, size, 2);
  if (size > UINT16_MAX || !has_room(record, size)) return;
  memcpy(record->bytes + record->size, text, size);
  record->size += size;
}

void intray_record_seal(intray_record* record) {
  const uint64_t sum = intray_hash(INTRAY_HASH_START, record->bytes, record->size);
  intray_record_number(record, sum, checksum_bytes);
}

void intray_record_open(intray_record* record, size_t size) {
  record->at = 0;
  record->size = size;
  record->sound = size > checksum_bytes && size <= sizeof record->bytes;
  if (!record->sound) return;
  const size_t end = size - checksum_bytes;
  record->at = end;
  const uint64_t stored = intray_record_take_number(record, checksum_bytes);
  record->sound = stored == intray_hash(INTRAY_HASH_START, record->bytes, end);
  record->at = 0;
  record->size = end;
  if (intray_record_take_number(record, 1) != version) record->sound = false;
}

uint64_t intray_record_take_number(intray_record* record, unsigned width) {
  if (record->size - record->at < width) record->sound = false;
  if (!record->sound) return 0;
  uint64_t number = 0;
  for (unsigned i = 0; i < width; ++i) {
    number |= (uint64_t)record->bytes[record->at++] << (8 * i);
  }
  return number;
}

void intray_record_take_text(intray_record* record, char* text, size_t room) {
  memset(text, 0, room);
  const size_t size = (size_t)intray_record_take_number(record, 2);
  if (size >= room || record->size - record->at < size) record->sound = false;
  if (!record->sound) return;
  memcpy(text, record->bytes + record->at, size);
  record->at += size;
}

bool intray_record_ended(const intray_record* record) {
  return record->sound && record->at == record->size;
}
