/* What a transfer has brought so far: the body within its limit, and three headers. */
#ifndef INTRAY_DEVICE_PORTS_CURL_REPLY_H
#define INTRAY_DEVICE_PORTS_CURL_REPLY_H

#include <curl/curl.h>
#include <intray/device_supply.h>

enum { curl_header_bytes = 128, curl_headers_bytes_max = 16384 };

typedef struct curl_reply {
  char* body;
  size_t body_bytes;
  size_t headers_bytes; /* of all headers, to end a reply that is nothing but headers */
  bool too_large;
  char etag[curl_header_bytes];
  char next_poll[curl_header_bytes];
  char retry_after[curl_header_bytes];
  char error[CURL_ERROR_SIZE];
} curl_reply;

/* Empties a reply; keeps nothing. */
void intray_curl_reply_clear(curl_reply* reply);
/* Callbacks of libcurl; `user` is the curl_reply. */
size_t intray_curl_take_header(char* bytes, size_t one, size_t size, void* user);
size_t intray_curl_take_body(char* bytes, size_t one, size_t size, void* user);
/* The reply as the core sees it, once the transfer has ended. */
void intray_curl_reply_read(curl_reply* reply, CURLcode code, long status,
                            intray_device_reply* out);

#endif /* INTRAY_DEVICE_PORTS_CURL_REPLY_H */
