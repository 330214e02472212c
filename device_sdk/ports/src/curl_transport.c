#include <curl/curl.h>
#include <intray/device_curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "curl_lan.h"
#include "curl_reply.h"

struct intray_curl {
  CURLM* multi;
  intray_curl_options options;
  struct curl_slist* connect_to;
};

typedef enum slot_state { SLOT_FREE, SLOT_RUNNING, SLOT_ENDED } slot_state;

typedef struct curl_slot {
  CURL* easy; /* kept between requests */
  struct curl_slist* headers;
  slot_state state;
  CURLcode code;
  curl_reply reply;
  curl_lan lan; /* of a call to a neighbour */
} curl_slot;

struct intray_curl_transport {
  intray_curl* curl;
  curl_slot slots[INTRAY_DEVICE_SLOTS];
};

/* ---- what all transports share ---- */

intray_curl* intray_curl_create(const intray_curl_options* options) {
  intray_curl* curl = calloc(1, sizeof *curl);
  if (curl == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    free(curl);
    return NULL;
  }
  curl->options = *options;
  curl->multi = curl_multi_init();
  bool whole = curl->multi != NULL;
  for (size_t i = 0; whole && i < options->connect_to_count; ++i) {
    struct curl_slist* longer = curl_slist_append(curl->connect_to, options->connect_to[i]);
    whole = longer != NULL;
    if (whole) curl->connect_to = longer;
  }
  if (!whole) {
    intray_curl_destroy(curl);
    return NULL;
  }
  curl_multi_setopt(curl->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)options->connections_max);
  return curl;
}

void intray_curl_destroy(intray_curl* curl) {
  if (curl == NULL) return;
  if (curl->multi != NULL) curl_multi_cleanup(curl->multi);
  curl_slist_free_all(curl->connect_to);
  free(curl);
  curl_global_cleanup();
}

/* Marks the slots whose transfers have ended; whether there were any. */
static bool note_ended(intray_curl* curl) {
  bool any = false;
  int left = 0;
  for (CURLMsg* message; (message = curl_multi_info_read(curl->multi, &left)) != NULL;) {
    if (message->msg != CURLMSG_DONE) continue;
    char* user = NULL;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result; /* dies with the removal of the handle */
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
    curl_multi_remove_handle(curl->multi, easy);
    curl_slot* slot = (curl_slot*)(void*)user;
    slot->code = code;
    slot->state = SLOT_ENDED;
    any = true;
  }
  return any;
}

static void wait(intray_curl* curl, uint32_t timeout_ms, struct curl_waitfd* other,
                 unsigned others) {
  const uint32_t round_ms = timeout_ms > INT32_MAX ? INT32_MAX : timeout_ms;
  int running = 0;
  curl_multi_perform(curl->multi, &running);
  if (note_ended(curl)) return;
  /* One wait: sockets become ready, or the time is over. The caller calls again. */
  curl_multi_poll(curl->multi, other, others, (int)round_ms, NULL);
  curl_multi_perform(curl->multi, &running);
  note_ended(curl);
}

void intray_curl_wait(intray_curl* curl, uint32_t timeout_ms) { wait(curl, timeout_ms, NULL, 0); }

void intray_curl_wait_for(intray_curl* curl, uint32_t timeout_ms, int descriptor) {
  struct curl_waitfd other = {descriptor, CURL_WAIT_POLLIN, 0};
  wait(curl, timeout_ms, &other, 1);
}

/* ---- one slot ---- */

static bool add_header(curl_slot* slot, const char* name, const char* value) {
  char line[256];
  const int size = snprintf(line, sizeof line, "%s: %s", name, value);
  if (size < 0 || (size_t)size >= sizeof line) return false;
  struct curl_slist* longer = curl_slist_append(slot->headers, line);
  if (longer == NULL) return false;
  slot->headers = longer;
  return true;
}

static bool set_headers(curl_slot* slot, const intray_device_request* request) {
  char bearer[INTRAY_DEVICE_TOKEN_BYTES + 8];
  curl_slist_free_all(slot->headers);
  slot->headers = NULL;
  bool whole = add_header(slot, "Accept", "application/json");
  /* No "Expect: 100-continue": it would cost a round trip, and servers answer it in many ways. */
  if (request->body != NULL) {
    whole = whole && add_header(slot, "Content-Type", "application/json");
    whole = whole && add_header(slot, "Expect", "");
  }
  if (request->token != NULL) {
    snprintf(bearer, sizeof bearer, "Bearer %s", request->token);
    whole = whole && add_header(slot, "Authorization", bearer);
  }
  if (request->if_none_match != NULL) {
    whole = whole && add_header(slot, "If-None-Match", request->if_none_match);
  }
  curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
  return whole;
}

/* What every request keeps to. */
static void set_rules(const intray_curl* curl, curl_slot* slot) {
  CURL* easy = slot->easy;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PROXY, curl->options.proxy == NULL ? "" : curl->options.proxy);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "intray-device");
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->reply.error);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, intray_curl_take_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &slot->reply);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, intray_curl_take_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &slot->reply);
  if (curl->options.ca_file != NULL) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, curl->options.ca_file);
  }
  if (curl->connect_to != NULL) curl_easy_setopt(easy, CURLOPT_CONNECT_TO, curl->connect_to);
}

/* libcurl copies the URL. */
static bool set_url(CURL* easy, const intray_device_request* request) {
  if (request->url_rest == NULL)
    return curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK;
  const size_t start = strlen(request->url);
  const size_t rest = strlen(request->url_rest);
  char* whole = malloc(start + rest + 1);
  if (whole == NULL) return false;
  memcpy(whole, request->url, start);
  memcpy(whole + start, request->url_rest, rest + 1);
  const bool set = curl_easy_setopt(easy, CURLOPT_URL, whole) == CURLE_OK;
  free(whole);
  return set;
}

static void set_request(curl_slot* slot, const intray_device_request* request) {
  if (request->body != NULL) {
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, request->body);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE, (long)request->body_bytes);
  } else {
    curl_easy_setopt(slot->easy, CURLOPT_HTTPGET, 1L);
  }
  curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* ---- the table ---- */

static bool transport_start(void* context, unsigned index, const intray_device_request* request) {
  intray_curl_transport* transport = context;
  curl_slot* slot = &transport->slots[index];
  intray_curl_reply_clear(&slot->reply);
  if (slot->easy == NULL) {
    slot->easy = curl_easy_init();
    if (slot->easy == NULL) return false;
    set_rules(transport->curl, slot);
  }
  set_request(slot, request);
  if (!set_url(slot->easy, request) || !set_headers(slot, request)) return false;
  if (request->address_allowed != NULL) {
    slot->lan.allowed = request->address_allowed;
    slot->lan.rule = request->address_rule;
    intray_curl_lan_rules(slot->easy, &slot->lan, transport->curl->options.lan_ca_file);
  }
  if (curl_multi_add_handle(transport->curl->multi, slot->easy) != CURLM_OK) return false;
  slot->state = SLOT_RUNNING;
  return true;
}

/* The rules of a call to a neighbour go with its handle; calls are few. */
static void release_lan(curl_slot* slot) {
  if (slot->lan.allowed == NULL) return;
  curl_easy_cleanup(slot->easy);
  slot->easy = NULL;
  memset(&slot->lan, 0, sizeof slot->lan);
}

static bool transport_poll(void* context, unsigned index, intray_device_reply* reply) {
  intray_curl_transport* transport = context;
  curl_slot* slot = &transport->slots[index];
  if (slot->state != SLOT_ENDED) return false;
  slot->state = SLOT_FREE;
  long status = 0;
  curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
  if (slot->lan.status != 0) {
    reply->status = slot->lan.status;
  } else {
    intray_curl_reply_read(&slot->reply, slot->code, status, reply);
  }
  release_lan(slot);
  return true;
}

static void transport_cancel(void* context, unsigned index) {
  intray_curl_transport* transport = context;
  curl_slot* slot = &transport->slots[index];
  if (slot->state == SLOT_RUNNING) curl_multi_remove_handle(transport->curl->multi, slot->easy);
  slot->state = SLOT_FREE;
  release_lan(slot);
}

intray_curl_transport* intray_curl_transport_create(intray_curl* curl) {
  intray_curl_transport* transport = calloc(1, sizeof *transport);
  if (transport != NULL) transport->curl = curl;
  return transport;
}

void intray_curl_transport_destroy(intray_curl_transport* transport) {
  if (transport == NULL) return;
  for (unsigned index = 0; index < INTRAY_DEVICE_SLOTS; ++index) {
    curl_slot* slot = &transport->slots[index];
    transport_cancel(transport, index);
    curl_easy_cleanup(slot->easy);
    curl_slist_free_all(slot->headers);
    intray_curl_reply_clear(&slot->reply);
  }
  free(transport);
}

intray_device_transport intray_curl_transport_table(intray_curl_transport* transport) {
  const intray_device_transport table = {transport, transport_start, transport_poll,
                                         transport_cancel};
  return table;
}

bool intray_curl_transport_has_news(const intray_curl_transport* transport) {
  for (unsigned index = 0; index < INTRAY_DEVICE_SLOTS; ++index) {
    if (transport->slots[index].state == SLOT_ENDED) return true;
  }
  return false;
}
