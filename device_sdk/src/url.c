#include "url.h"

#include <string.h>

static char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte; }

static bool starts_with(const char* text, const char* start) {
  for (; *start != '\0'; ++start, ++text) {
    if (lower(*text) != *start) return false;
  }
  return true;
}

/* Names, IPv4 and bracketed IPv6: nothing that a resolver or an HTTP library could rewrite. */
static bool is_host_byte(char byte) {
  const char c = lower(byte);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         (c != '\0' && strchr(".-_[]:", c) != NULL);
}

static bool read_port(const char** at, uint16_t* port) {
  uint32_t number = 0;
  const char* start = *at;
  while (**at >= '0' && **at <= '9' && number <= UINT16_MAX) {
    number = number * 10 + (uint32_t)(*(*at)++ - '0');
  }
  *port = (uint16_t)number;
  return *at != start && number > 0 && number <= UINT16_MAX;
}

static bool read_host(const char** at, intray_origin* origin) {
  origin->host = *at;
  const bool bracketed = **at == '[';
  while (is_host_byte(**at) && (bracketed || **at != ':')) {
    if (*(*at)++ == ']') break;
  }
  origin->host_bytes = (size_t)(*at - origin->host);
  if (bracketed) return origin->host_bytes > 2 && (*at)[-1] == ']';
  return origin->host_bytes != 0 && memchr(origin->host, '[', origin->host_bytes) == NULL &&
         memchr(origin->host, ']', origin->host_bytes) == NULL;
}

bool intray_url_read(const char* url, intray_origin* origin) {
  origin->secure = starts_with(url, "https://");
  if (!origin->secure && !starts_with(url, "http://")) return false;
  const char* at = url + (origin->secure ? 8 : 7);
  if (!read_host(&at, origin)) return false;
  origin->port = origin->secure ? 443 : 80;
  if (*at == ':') {
    ++at;
    if (!read_port(&at, &origin->port)) return false;
  }
  origin->rest = at;
  if (*at != '\0' && *at != '/' && *at != '?') return false;
  for (; *at != '\0'; ++at) {
    if (*at <= ' ' || *at > '~' || strchr("\\#\"<>^`{|}", *at) != NULL) return false;
  }
  return true;
}

bool intray_url_same_origin(const char* url, const char* other) {
  intray_origin a;
  intray_origin b;
  if (!intray_url_read(url, &a) || !intray_url_read(other, &b)) return false;
  if (a.secure != b.secure || a.port != b.port || a.host_bytes != b.host_bytes) return false;
  for (size_t i = 0; i < a.host_bytes; ++i) {
    if (lower(a.host[i]) != lower(b.host[i])) return false;
  }
  return true;
}
