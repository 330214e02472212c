/* The bytes of a stored value, written and read back with a checksum.
 *
 *   version   1 byte, 1
 *   fields    numbers little-endian; text as 2 bytes of length, then the bytes
 *   checksum  8 bytes: FNV-1a over all before it
 *
 * Storage promises whole values; the checksum finds the flash chip that broke the promise. */
#ifndef INTRAY_DEVICE_SRC_RECORD_H
#define INTRAY_DEVICE_SRC_RECORD_H

#include <intray/device_limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct intray_record {
  uint8_t bytes[INTRAY_DEVICE_RECORD_BYTES_MAX];
  size_t size;
  size_t at;
  bool sound; /* false once something did not fit or was not there */
} intray_record;

void intray_record_begin(intray_record* record);
void intray_record_number(intray_record* record, uint64_t number, unsigned width);
void intray_record_text(intray_record* record, const char* text, size_t size);
/* Adds the checksum. */
void intray_record_seal(intray_record* record);

/* Checks version and checksum of record->bytes[0..size). */
void intray_record_open(intray_record* record, size_t size);
uint64_t intray_record_take_number(intray_record* record, unsigned width);
/* Into a buffer of `room` bytes, NUL-terminated, the rest of the buffer zero. */
void intray_record_take_text(intray_record* record, char* text, size_t room);
/* Whether all fields were there and nothing is left over. */
bool intray_record_ended(const intray_record* record);

#endif /* INTRAY_DEVICE_SRC_RECORD_H */
