/* URLs: where a token may go. Compared by origin: scheme, host and port. */
#ifndef INTRAY_DEVICE_SRC_URL_H
#define INTRAY_DEVICE_SRC_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The origin of a URL; the pointer is into the URL's text. */
typedef struct intray_origin {
  bool secure; /* https */
  const char* host;
  size_t host_bytes;
  uint16_t port;
  const char* rest; /* behind the origin: "" or "/..." or "?..." */
} intray_origin;

/* False: not an http or https URL, has a user part or a fragment, or holds bytes that one reader
 * could take differently from another (spaces, controls, backslashes, anything above 0x7e). */
bool intray_url_read(const char* url, intray_origin* origin);

/* Whether `url` and `other` lie at one origin; names are compared without regard to case. */
bool intray_url_same_origin(const char* url, const char* other);

#endif /* INTRAY_DEVICE_SRC_URL_H */
