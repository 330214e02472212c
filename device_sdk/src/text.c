#include "text.h"

#include <string.h>

intray_text intray_text_in(char* buffer, size_t room) {
  intray_text text = {buffer, 0, room, false};
  buffer[0] = '\0';
  return text;
}

static void add_byte(intray_text* text, char byte) {
  if (text->size + 1 >= text->room) {
    text->cut = true;
    return;
  }
  text->bytes[text->size++] = byte;
  text->bytes[text->size] = '\0';
}

void intray_text_add(intray_text* text, const char* more) {
  for (; *more != '\0'; ++more) add_byte(text, *more);
}

void intray_text_add_number(intray_text* text, uint64_t number) {
  char digits[21];
  size_t at = sizeof digits - 1;
  digits[at] = '\0';
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  intray_text_add(text, digits + at);
}

void intray_text_add_hex(intray_text* text, uint64_t number, unsigned digits) {
  while (digits-- > 0) add_byte(text, "0123456789abcdef"[(number >> (4 * digits)) & 15]);
}

void intray_text_end_whole(intray_text* text) {
  while (text->size > 0 && ((unsigned char)text->bytes[text->size - 1] & 0x80) != 0) {
    text->bytes[--text->size] = '\0';
  }
}

void intray_text_add_quoted(intray_text* text, const char* more) {
  add_byte(text, '"');
  for (; *more != '\0'; ++more) {
    const unsigned char byte = (unsigned char)*more;
    if (byte == '"' || byte == '\\') add_byte(text, '\\');
    add_byte(text, byte < 0x20 || byte == 0x7f ? ' ' : *more);
  }
  add_byte(text, '"');
}

bool intray_text_copy(char* to, size_t room, const char* from) {
  const size_t size = from == NULL ? 0 : strlen(from);
  to[0] = '\0';
  if (size >= room) return false;
  if (size != 0) memcpy(to, from, size + 1);
  return true;
}

uint64_t intray_hash(uint64_t hash, const void* bytes, size_t size) {
  const uint8_t* at = bytes;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ at[i]) * 1099511628211u;
  return hash;
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom generators). */
uint64_t intray_hash_spread(uint64_t hash) {
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

void intray_base64url(char out[44], const uint8_t bytes[32]) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  uint32_t bits = 0;
  unsigned waiting = 0;
  size_t size = 0;
  for (size_t i = 0; i < 32; ++i) {
    bits = (bits << 8) | bytes[i];
    for (waiting += 8; waiting >= 6; waiting -= 6) {
      out[size++] = alphabet[(bits >> (waiting - 6)) & 63];
    }
  }
  out[size++] = alphabet[(bits << (6 - waiting)) & 63];
  out[size] = '\0';
}

bool intray_seconds(const char* header, uint32_t max, uint32_t* seconds) {
  if (header == NULL) return false;
  while (*header == ' ' || *header == '\t') ++header;
  uint64_t number = 0;
  const char* at = header;
  for (; *at >= '0' && *at <= '9'; ++at) {
    number = number * 10 + (uint64_t)(*at - '0');
    if (number > max) number = max;
  }
  if (at == header) return false;
  while (*at == ' ' || *at == '\t') ++at;
  if (*at != '\0') return false;
  *seconds = (uint32_t)number;
  return true;
}
