#include "lan_request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { bad_request = 400, not_allowed = 405, misdirected = 421, bad_version = 505 };

bool intray_lan_is_whole(const char* bytes, size_t got, size_t* size) {
  const char* end = memmem(bytes, got, "\r\n\r\n", 4);
  if (end == NULL) return false;
  *size = (size_t)(end - bytes) + 4;
  return true;
}

/* Whether `host`, without a port, is an IP address or one of our names. */
static bool is_ours(const char* host, size_t size, const intray_lan_options* options) {
  char text[256];
  unsigned char address[16];
  const bool bracketed = size > 2 && host[0] == '[' && host[size - 1] == ']';
  if (bracketed) ++host, size -= 2;
  if (size == 0 || size >= sizeof text) return false;
  memcpy(text, host, size);
  text[size] = '\0';
  if (bracketed) return inet_pton(AF_INET6, text, address) == 1;
  if (inet_pton(AF_INET, text, address) == 1) return true;
  for (size_t i = 0; i < options->names_count; ++i) {
    if (strcasecmp(text, options->names[i]) == 0) return true;
  }
  return false;
}

/* The value of "Host": name or address, and perhaps a port. */
static bool is_host_ours(const char* value, const intray_lan_options* options) {
  const char* end = value + strlen(value);
  const char* colon = strrchr(value, ':');
  if (colon != NULL && strchr(colon, ']') == NULL) {
    const size_t digits = strspn(colon + 1, "0123456789");
    if (digits == 0 || digits > 5 || colon[1 + digits] != '\0') return false;
    end = colon;
  }
  return is_ours(value, (size_t)(end - value), options);
}

/* A header's value without the white space around it. */
static const char* trimmed(char* value) {
  value += strspn(value, " \t");
  size_t size = strlen(value);
  while (size > 0 && strchr(" \t", value[size - 1]) != NULL) --size;
  value[size] = '\0';
  return value;
}

/* A header's name: tokens of RFC 9110, so no space before the colon and no folded line. */
static bool is_name(const char* name, const char* end) {
  if (name == end) return false;
  for (; name < end; ++name) {
    const bool letter = (*name | 0x20) >= 'a' && (*name | 0x20) <= 'z';
    const bool digit = *name >= '0' && *name <= '9';
    if (!letter && !digit && (*name == '\0' || strchr("!#$%&'*+-.^_`|~", *name) == NULL)) {
      return false;
    }
  }
  return true;
}

/* Cuts the next line off, "\r\n" becoming its NUL; NULL = it holds a control character. */
static char* take_line(char** at) {
  char* line = *at;
  char* end = strstr(line, "\r\n");
  if (end == NULL) return NULL;
  for (const char* c = line; c < end; ++c) {
    if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f) return NULL;
  }
  *end = '\0';
  *at = end + 2;
  return line;
}

/* METHOD SP TARGET SP VERSION, one space each. */
static lan_request read_first_line(char* line) {
  lan_request request = {bad_request, NULL};
  char* target = strchr(line, ' ');
  char* version = target == NULL ? NULL : strchr(target + 1, ' ');
  if (version == NULL || strchr(version + 1, ' ') != NULL || target[1] != '/') return request;
  *target++ = '\0';
  *version++ = '\0';
  request.target = target;
  request.status = 0;
  if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) {
    request.status = bad_version;
  } else if (strcmp(line, "GET") != 0 && strcmp(line, "POST") != 0) {
    request.status = not_allowed;
  }
  return request;
}

lan_request intray_lan_read(char* head, size_t size, const intray_lan_options* options) {
  lan_request request = {bad_request, NULL};
  if (memchr(head, '\0', size) != NULL) return request;
  head[size - 2] = '\0'; /* the empty line */
  char* at = head;
  char* line = take_line(&at);
  if (line == NULL) return request;
  lan_request found = read_first_line(line);
  const char* host = NULL;
  while (*at != '\0') {
    line = take_line(&at);
    char* colon = line == NULL ? NULL : strchr(line, ':');
    if (colon == NULL || !is_name(line, colon)) return request;
    *colon = '\0';
    if (strcasecmp(line, "Host") != 0) continue;
    if (host != NULL) return request;
    host = trimmed(colon + 1);
  }
  if (host == NULL) return request;
  if (found.status == 0 && !is_host_ours(host, options)) found.status = misdirected;
  return found;
}

static const char* phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed\r\nAllow: GET, POST";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "HTTP Version Not Supported";
  }
}

size_t intray_lan_write(char* answer, size_t room, int status) {
  const int size = snprintf(answer, room,
                            "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nCache-Control: no-store\r\n"
                            "Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n",
                            status, phrase_of(status));
  return size < 0 || (size_t)size >= room ? 0 : (size_t)size;
}
