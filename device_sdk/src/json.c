#include "json.h"

#include <intray/device_limits.h>
#include <string.h>

/* What is left to read. A skip_ function moves `at` behind what it read, or returns false. */
typedef struct reader {
  const char* at;
  const char* end;
} reader;

static bool skip_value(reader* in, unsigned depth);

static bool next_is(const reader* in, char byte) { return in->at < in->end && *in->at == byte; }

static bool skip_byte(reader* in, char byte) {
  if (!next_is(in, byte)) return false;
  ++in->at;
  return true;
}

static void skip_space(reader* in) {
  while (next_is(in, ' ') || next_is(in, '\t') || next_is(in, '\n') || next_is(in, '\r')) ++in->at;
}

static bool skip_word(reader* in, const char* word) {
  const size_t size = strlen(word);
  if ((size_t)(in->end - in->at) < size || memcmp(in->at, word, size) != 0) return false;
  in->at += size;
  return true;
}

static bool skip_digits(reader* in) {
  const char* start = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9') ++in->at;
  return in->at != start;
}

static bool skip_number(reader* in) {
  if (next_is(in, '-')) ++in->at;
  if (!skip_byte(in, '0') && !skip_digits(in)) return false;
  if (skip_byte(in, '.') && !skip_digits(in)) return false;
  if (next_is(in, 'e') || next_is(in, 'E')) {
    ++in->at;
    if (next_is(in, '+') || next_is(in, '-')) ++in->at;
    if (!skip_digits(in)) return false;
  }
  return true;
}

/* Four hexadecimal digits; -1 when there are not four. */
static int32_t take_unit(reader* in) {
  int32_t unit = 0;
  for (int i = 0; i < 4; ++i, ++in->at) {
    if (in->at == in->end) return -1;
    const char c = *in->at;
    if (c >= '0' && c <= '9') {
      unit = unit * 16 + (c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      unit = unit * 16 + ((c | 0x20) - 'a' + 10);
    } else {
      return -1;
    }
  }
  return unit;
}

/* Behind "\u": one code point, of one or two units; -1 for a lone surrogate or NUL. */
static int32_t take_escaped_point(reader* in) {
  const int32_t first = take_unit(in);
  if (first <= 0 || (first >= 0xdc00 && first <= 0xdfff)) return -1;
  if (first < 0xd800 || first > 0xdbff) return first;
  if (!skip_word(in, "\\u")) return -1;
  const int32_t second = take_unit(in);
  if (second < 0xdc00 || second > 0xdfff) return -1;
  return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

/* One code point of UTF-8 as it stands: shortest form, no surrogates; -1 when it is not. */
static int32_t take_plain_point(reader* in) {
  static const int32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  const uint8_t lead = (uint8_t)*in->at++;
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4 || in->end - in->at < more) return -1;
  int32_t point = lead & (0x3f >> more);
  for (int i = 0; i < more; ++i) {
    const uint8_t byte = (uint8_t)*in->at++;
    if ((byte & 0xc0) != 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  if (point < smallest[more] || point > 0x10ffff) return -1;
  return point >= 0xd800 && point <= 0xdfff ? -1 : point;
}

/* The next character of a string's inside; -1 when it may not stand there. */
static int32_t take_character(reader* in) {
  static const char escapes[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  if (in->at == in->end || (uint8_t)*in->at < 0x20) return -1;
  if (!skip_byte(in, '\\')) return take_plain_point(in);
  if (skip_byte(in, 'u')) return take_escaped_point(in);
  if (in->at == in->end || *in->at == '\0') return -1;
  const char* found = strchr(escapes, *in->at++);
  return found == NULL ? -1 : meanings[found - escapes];
}

static bool skip_string(reader* in) {
  if (!skip_byte(in, '"')) return false;
  while (!next_is(in, '"')) {
    if (take_character(in) < 0) return false;
  }
  ++in->at;
  return true;
}

/* The inside of an object or an array, from the opening bracket on. */
static bool skip_container(reader* in, char close, unsigned depth) {
  if (depth == INTRAY_DEVICE_JSON_DEPTH_MAX) return false;
  ++in->at;
  skip_space(in);
  if (skip_byte(in, close)) return true;
  do {
    skip_space(in);
    if (close == '}') {
      if (!skip_string(in)) return false;
      skip_space(in);
      if (!skip_byte(in, ':')) return false;
      skip_space(in);
    }
    if (!skip_value(in, depth + 1)) return false;
    skip_space(in);
  } while (skip_byte(in, ','));
  return skip_byte(in, close);
}

static bool skip_value(reader* in, unsigned depth) {
  if (in->at == in->end) return false;
  switch (*in->at) {
    case '{':
      return skip_container(in, '}', depth);
    case '[':
      return skip_container(in, ']', depth);
    case '"':
      return skip_string(in);
    case 't':
      return skip_word(in, "true");
    case 'f':
      return skip_word(in, "false");
    case 'n':
      return skip_word(in, "null");
    default:
      return skip_number(in);
  }
}

static const intray_json nothing = {"", 0};

/* The value at the reader, which moves behind it. */
static intray_json take_value(reader* in) {
  const char* start = in->at;
  if (!skip_value(in, 0)) return nothing;
  const intray_json value = {start, (size_t)(in->at - start)};
  return value;
}

intray_json intray_json_read(const char* bytes, size_t size) {
  if (size == 0) return nothing;
  reader in = {bytes, bytes + size};
  skip_space(&in);
  const intray_json value = take_value(&in);
  skip_space(&in);
  return in.at == in.end ? value : nothing;
}

bool intray_json_is_object(intray_json value) { return value.size != 0 && *value.bytes == '{'; }

bool intray_json_is_true(intray_json value) {
  return value.size == 4 && memcmp(value.bytes, "true", 4) == 0;
}

/* Whether the string at the reader, which moves behind it, spells `name`. */
static bool take_name(reader* in, const char* name) {
  bool same = true;
  ++in->at;
  while (!next_is(in, '"')) {
    const int32_t character = take_character(in);
    same = same && *name != '\0' && character == (uint8_t)*name;
    if (same) ++name;
  }
  ++in->at;
  return same && *name == '\0';
}

intray_json intray_json_member(intray_json object, const char* name) {
  if (!intray_json_is_object(object)) return nothing;
  reader in = {object.bytes + 1, object.bytes + object.size};
  skip_space(&in);
  while (next_is(&in, '"')) {
    const bool found = take_name(&in, name);
    skip_space(&in);
    ++in.at; /* the colon */
    skip_space(&in);
    const intray_json value = take_value(&in);
    if (found) return value;
    skip_space(&in);
    if (!skip_byte(&in, ',')) break;
    skip_space(&in);
  }
  return nothing;
}

intray_json intray_json_next(intray_json array, size_t* at) {
  if (array.size == 0 || *array.bytes != '[') return nothing;
  reader in = {array.bytes + (*at == 0 ? 1 : *at), array.bytes + array.size};
  skip_space(&in);
  skip_byte(&in, ',');
  skip_space(&in);
  if (next_is(&in, ']')) return nothing;
  const intray_json value = take_value(&in);
  *at = (size_t)(in.at - array.bytes);
  return value;
}

/* A code point as UTF-8: how many bytes. */
static size_t encode(int32_t point, char out[4]) {
  if (point < 0x80) {
    out[0] = (char)point;
    return 1;
  }
  const size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (size_t i = size - 1; i > 0; --i, point >>= 6) out[i] = (char)(0x80 | (point & 0x3f));
  out[0] = (char)((0xf00 >> size & 0xff) | point);
  return size;
}

bool intray_json_string(intray_json value, char* out, size_t room) {
  out[0] = '\0';
  if (value.size == 0 || *value.bytes != '"') return false;
  reader in = {value.bytes + 1, value.bytes + value.size};
  size_t size = 0;
  while (!next_is(&in, '"')) {
    char bytes[4];
    const size_t more = encode(take_character(&in), bytes);
    if (size + more >= room) {
      out[0] = '\0';
      return false;
    }
    memcpy(out + size, bytes, more);
    size += more;
  }
  out[size] = '\0';
  return true;
}

bool intray_json_number(intray_json value, uint64_t* number) {
  *number = 0;
  if (value.size == 0) return false;
  for (size_t i = 0; i < value.size; ++i) {
    if (value.bytes[i] < '0' || value.bytes[i] > '9') return false;
    const uint64_t digit = (uint64_t)(value.bytes[i] - '0');
    if (*number > (UINT64_MAX - digit) / 10) return false;
    *number = *number * 10 + digit;
  }
  return true;
}
