/* A JSON reader for small, hostile replies: no allocation, bounded depth, strict syntax.
 *
 * intray_json_read() checks a whole text once (RFC 8259, valid UTF-8, no NUL in strings, depth up
 * to INTRAY_DEVICE_JSON_DEPTH_MAX). The other functions walk a value that passed, so they
 * need not check again. Unknown members are ignored; of members with one name the first counts. */
#ifndef INTRAY_DEVICE_SRC_JSON_H
#define INTRAY_DEVICE_SRC_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One value inside the text, without the white space around it. size 0 = there is none. */
typedef struct intray_json {
  const char* bytes;
  size_t size;
} intray_json;

/* The text's only value; size 0 when the text is not JSON. */
intray_json intray_json_read(const char* bytes, size_t size);

/* A member of an object by name; size 0 when absent or `object` is no object. */
intray_json intray_json_member(intray_json object, const char* name);

/* Walks an array. Start with `at` = 0; size 0 at the end, or when `array` is no array. */
intray_json intray_json_next(intray_json array, size_t* at);

/* A string without its escapes, NUL-terminated. False, and "" in `out`: no string, or longer than
 * `room` - 1 bytes. */
bool intray_json_string(intray_json value, char* out, size_t room);

/* A whole number from 0 to 2^64-1, without sign, fraction or exponent. */
bool intray_json_number(intray_json value, uint64_t* number);

bool intray_json_is_object(intray_json value);
bool intray_json_is_true(intray_json value);

#endif /* INTRAY_DEVICE_SRC_JSON_H */
