#include "curl_reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void intray_curl_reply_clear(curl_reply* reply) {
  free(reply->body);
  memset(reply, 0, sizeof *reply);
}

/* Keeps the value of header `name` when this line is it; a value that is too long counts as none,
 * for half a number is a wrong one. */
static void keep(const char* line, size_t size, const char* name, char* value) {
  const size_t name_bytes = strlen(name);
  if (size <= name_bytes || line[name_bytes] != ':') return;
  if (strncasecmp(line, name, name_bytes) != 0) return;
  const char* start = line + name_bytes + 1;
  const char* end = line + size;
  while (start < end && (*start == ' ' || *start == '\t')) ++start;
  while (end > start && strchr(" \t\r\n", end[-1]) != NULL) --end;
  const size_t length = (size_t)(end - start);
  if (length >= curl_header_bytes || memchr(start, '\0', length) != NULL) return;
  memcpy(value, start, length);
  value[length] = '\0';
}

size_t intray_curl_take_header(char* bytes, size_t one, size_t size, void* user) {
  (void)one; /* libcurl: always 1 */
  curl_reply* reply = user;
  reply->headers_bytes += size;
  if (reply->headers_bytes > curl_headers_bytes_max) {
    reply->too_large = true;
    return 0;
  }
  keep(bytes, size, "ETag", reply->etag);
  keep(bytes, size, "Intray-Next-Poll", reply->next_poll);
  keep(bytes, size, "Retry-After", reply->retry_after);
  return size;
}

size_t intray_curl_take_body(char* bytes, size_t one, size_t size, void* user) {
  (void)one; /* libcurl: always 1 */
  curl_reply* reply = user;
  if (size > INTRAY_DEVICE_REPLY_BYTES_MAX - reply->body_bytes) {
    reply->too_large = true;
    return 0;
  }
  char* grown = realloc(reply->body, reply->body_bytes + size);
  if (grown == NULL) return 0;
  memcpy(grown + reply->body_bytes, bytes, size);
  reply->body = grown;
  reply->body_bytes += size;
  return size;
}

static const char* text_or_null(const char* text) { return text[0] == '\0' ? NULL : text; }

void intray_curl_reply_read(curl_reply* reply, CURLcode code, long status,
                            intray_device_reply* out) {
  memset(out, 0, sizeof *out);
  if (code != CURLE_OK) {
    const char* why = reply->error[0] != '\0' ? reply->error : curl_easy_strerror(code);
    out->error = reply->too_large ? "the reply is too large" : why;
    return;
  }
  out->status = (int)status;
  out->body = reply->body;
  out->body_bytes = reply->body_bytes;
  out->etag = text_or_null(reply->etag);
  out->next_poll = text_or_null(reply->next_poll);
  out->retry_after = text_or_null(reply->retry_after);
}
