/* Who the device is and whom it trusts: the record "identity".
 *
 *   provisioned 1 | code_hash 8 | code | token | customer | origins | wake_keys
 *
 * The token is stored before it is sent for the first time: a device that had sent a token and then
 * forgot it would be locked out, because the host binds a code to one token. */
#include <string.h>

#include "core.h"
#include "record.h"
#include "text.h"
#include "url.h"

static const char key[] = "identity";

/* The bytes of a list of texts, each with its NUL, without the empty one that ends it. */
static size_t list_bytes(const char* list) {
  const char* at = list;
  while (*at != '\0') at += strlen(at) + 1;
  return (size_t)(at - list);
}

static void take_identity(intray_record* record, intray_device_identity* identity) {
  identity->provisioned = intray_record_take_number(record, 1) == 1;
  identity->code_hash = intray_record_take_number(record, 8);
  intray_record_take_text(record, identity->code, sizeof identity->code);
  intray_record_take_text(record, identity->token, sizeof identity->token);
  intray_record_take_text(record, identity->customer, sizeof identity->customer);
  /* Lists end with an empty text: two NULs, and the last byte of the buffer stays 0. */
  intray_record_take_text(record, identity->origins, sizeof identity->origins);
  intray_record_take_text(record, identity->wake_keys, sizeof identity->wake_keys);
}

bool intray_identity_load(intray_device* device) {
  intray_record record;
  const int32_t size =
      device->storage.get(device->storage.context, key, record.bytes, sizeof record.bytes);
  if (size < 0) {
    intray_core_fail(device, "read the device's identity",
                     "storage cannot read its key \"identity\"");
    return false;
  }
  if (size == 0) return true;
  intray_record_open(&record, (size_t)size);
  take_identity(&record, &device->identity);
  if (intray_record_ended(&record)) return true;
  memset(&device->identity, 0, sizeof device->identity);
  intray_core_fail(device, "read the device's identity",
                   "the stored record is damaged: provision the device with a new code");
  return true;
}

bool intray_identity_store(intray_device* device, const intray_device_identity* identity) {
  intray_record record;
  intray_record_begin(&record);
  intray_record_number(&record, identity->provisioned, 1);
  intray_record_number(&record, identity->code_hash, 8);
  intray_record_text(&record, identity->code, strlen(identity->code));
  intray_record_text(&record, identity->token, strlen(identity->token));
  intray_record_text(&record, identity->customer, strlen(identity->customer));
  intray_record_text(&record, identity->origins, list_bytes(identity->origins));
  intray_record_text(&record, identity->wake_keys, list_bytes(identity->wake_keys));
  intray_record_seal(&record);
  if (!record.sound ||
      !device->storage.put(device->storage.context, key, record.bytes, record.size)) {
    intray_core_fail(device, "keep the device's identity", "storage refuses to write");
    return false;
  }
  /* A request under way holds the old token; what it is about is repeated with the new one. */
  if (strcmp(identity->token, device->identity.token) != 0) {
    intray_core_cancel(device);
    intray_relay_drop_all(device);
  }
  device->identity = *identity;
  return true;
}

bool intray_identity_trusts(const intray_device* device, const char* url) {
  if (intray_url_same_origin(url, device->server)) return true;
  for (const char* at = device->identity.origins; *at != '\0'; at += strlen(at) + 1) {
    if (intray_url_same_origin(url, at)) return true;
  }
  return false;
}
