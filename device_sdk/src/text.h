/* Text in fixed buffers: building, copying, hashing. Nothing here allocates or fails silently. */
#ifndef INTRAY_DEVICE_SRC_TEXT_H
#define INTRAY_DEVICE_SRC_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows in a buffer of `room` bytes and always ends with a NUL. What does not fit is cut
 * off and remembered in `cut`. */
typedef struct intray_text {
  char* bytes;
  size_t size;
  size_t room;
  bool cut;
} intray_text;

intray_text intray_text_in(char* buffer, size_t room);
void intray_text_add(intray_text* text, const char* more);
void intray_text_add_number(intray_text* text, uint64_t number);
/* Its last `digits` hexadecimal digits. */
void intray_text_add_hex(intray_text* text, uint64_t number, unsigned digits);
/* After a cut: takes off the bytes above 0x7f at the end, which may be half a character. */
void intray_text_end_whole(intray_text* text);
/* As a JSON string with its quotes. Control characters become spaces: they help no reader. */
void intray_text_add_quoted(intray_text* text, const char* more);

/* Copies a NUL-terminated text; false, and "" in `to`, when it does not fit. NULL copies as "". */
bool intray_text_copy(char* to, size_t room, const char* from);

/* FNV-1a over more bytes; start with INTRAY_HASH_START. Tells things apart; protects nothing. */
#define INTRAY_HASH_START 14695981039346656037u
uint64_t intray_hash(uint64_t hash, const void* bytes, size_t size);
/* Spreads a hash over all 64 bits, so that neighbouring device ids get distant phases. */
uint64_t intray_hash_spread(uint64_t hash);

/* 32 bytes as 43 characters of base64url, with a NUL. */
void intray_base64url(char out[44], const uint8_t bytes[32]);

/* A header's whole number of seconds, at most `max` (larger ones are moved there). False: NULL or
 * no number; HTTP dates too, for the device has no calendar. */
bool intray_seconds(const char* header, uint32_t max, uint32_t* seconds);

#endif /* INTRAY_DEVICE_SRC_TEXT_H */
