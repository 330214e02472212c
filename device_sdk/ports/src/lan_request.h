/* The head of one HTTP request to the LAN listener, and its answer. No sockets here. */
#ifndef INTRAY_DEVICE_PORTS_LAN_REQUEST_H
#define INTRAY_DEVICE_PORTS_LAN_REQUEST_H

#include <intray/device_lan.h>

/* What may be passed on: a NUL-terminated target in `head`. */
typedef struct lan_request {
  int status; /* 0 = it is one for us; otherwise what to answer */
  const char* target;
} lan_request;

/* Whether the empty line that ends a head has come. Sets *size to the bytes of the head. */
bool intray_lan_is_whole(const char* bytes, size_t got, size_t* size);
/* Reads a whole head; writes NULs into it. */
lan_request intray_lan_read(char* head, size_t size, const intray_lan_options* options);
/* Writes the answer; returns its size. */
size_t intray_lan_write(char* answer, size_t room, int status);

#endif /* INTRAY_DEVICE_PORTS_LAN_REQUEST_H */
