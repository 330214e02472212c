/* POST /v1/provision: binds the token that this device made to the host, with a one-time code.
 *
 * Power cut before the first write: nothing happened. Between the two writes: the same code and
 * token go out again, and the host gives the same answer. */
#include <string.h>

#include "core.h"
#include "json.h"
#include "text.h"

bool intray_device_provision(intray_device* device, const char* code) {
  intray_device_identity identity;
  memset(&identity, 0, sizeof identity);
  if (!intray_text_copy(identity.code, sizeof identity.code, code) || identity.code[0] == '\0') {
    intray_core_fail(device, "provision", "the provisioning code is empty or too long");
    return false;
  }
  identity.code_hash = intray_hash(INTRAY_HASH_START, code, strlen(code));
  if (device->identity.code_hash == identity.code_hash) return true;
  uint8_t bytes[32];
  if (!device->random.fill(device->random.context, bytes, sizeof bytes)) {
    intray_core_fail(device, "make a token", "there is not enough randomness yet");
    return false;
  }
  intray_base64url(identity.token, bytes);
  if (!intray_identity_store(device, &identity)) return false;
  device->schedule.provision_at_ms = device->now_ms;
  return true;
}

bool intray_device_adopt_token(intray_device* device, const char* token) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  if (token == NULL || strlen(token) != INTRAY_DEVICE_TOKEN_BYTES ||
      strspn(token, alphabet) != INTRAY_DEVICE_TOKEN_BYTES) {
    intray_core_fail(device, "take the token", "it is not 43 characters of base64url");
    return false;
  }
  if (device->identity.provisioned && strcmp(device->identity.token, token) == 0) return true;
  intray_device_identity identity;
  memset(&identity, 0, sizeof identity);
  identity.provisioned = true;
  memcpy(identity.token, token, INTRAY_DEVICE_TOKEN_BYTES + 1);
  return intray_identity_store(device, &identity);
}

bool intray_provision_begin(intray_device* device) {
  intray_text url = intray_text_in(device->url, sizeof device->url);
  intray_text_add(&url, device->server);
  intray_text_add(&url, "/v1/provision");
  intray_text body = intray_text_in(device->body, sizeof device->body);
  intray_text_add(&body, "{\"device\":");
  intray_text_add_quoted(&body, device->device_id);
  intray_text_add(&body, ",\"code\":");
  intray_text_add_quoted(&body, device->identity.code);
  intray_text_add(&body, ",\"token\":");
  intray_text_add_quoted(&body, device->identity.token);
  intray_text_add(&body, "}");
  const intray_device_request request = {"POST",    device->url, NULL, NULL, device->body,
                                         body.size, NULL,        NULL, NULL};
  if (intray_core_start(device, DOING_PROVISION, &request)) return true;
  device->schedule.provision_at_ms =
      intray_schedule_retry_at(device, &device->schedule.backoff_ms, NULL);
  return false;
}

/* An array of strings as texts behind each other, an empty one at the end. False: too long. */
static bool take_list(intray_json array, char* list, size_t room) {
  size_t used = 0;
  size_t at = 0;
  for (intray_json item; (item = intray_json_next(array, &at)).size != 0;) {
    if (used + 2 >= room || !intray_json_string(item, list + used, room - 1 - used)) return false;
    if (list[used] != '\0') used += strlen(list + used) + 1;
  }
  memset(list + used, 0, room - used);
  return true;
}

/* Why the host's answer cannot be taken; NULL = it is in `identity`. */
static const char* take_answer(const intray_device_reply* reply, intray_device_identity* identity) {
  const intray_json answer = intray_json_read(reply->body, reply->body_bytes);
  if (!intray_json_is_object(answer)) return "the host's answer is not a JSON object";
  if (!intray_json_string(intray_json_member(answer, "customer"), identity->customer,
                          sizeof identity->customer)) {
    return "the host's answer has no customer, or one that is too long";
  }
  if (!take_list(intray_json_member(answer, "origins"), identity->origins,
                 sizeof identity->origins) ||
      !take_list(intray_json_member(answer, "wake_keys"), identity->wake_keys,
                 sizeof identity->wake_keys)) {
    return "the host gives more origins or wake keys than this device can keep";
  }
  return NULL;
}

static bool provisioned_by(intray_device* device, const intray_device_reply* reply) {
  if (reply->status != 200) {
    intray_core_fail_reply(device, "provision", reply);
    return false;
  }
  intray_device_identity identity = device->identity;
  const char* wrong = take_answer(reply, &identity);
  if (wrong != NULL) {
    intray_core_fail(device, "provision", wrong);
    return false;
  }
  identity.provisioned = true;
  memset(identity.code, 0, sizeof identity.code);
  return intray_identity_store(device, &identity);
}

void intray_provision_take(intray_device* device, const intray_device_reply* reply) {
  intray_device_schedule* schedule = &device->schedule;
  if (!provisioned_by(device, reply)) {
    schedule->provision_at_ms =
        intray_schedule_retry_at(device, &schedule->backoff_ms, reply->retry_after);
    /* A code that the host refuses hardly gets better: only somebody with a new one helps. */
    if (intray_core_is_final(reply->status)) {
      schedule->provision_at_ms = device->now_ms + INTRAY_DEVICE_BACKOFF_MS_MAX;
    }
    return;
  }
  schedule->backoff_ms = 0;
  schedule->poll_at_ms = device->now_ms;
  device->etag[0] = '\0';
  intray_core_tell(device, INTRAY_DEVICE_PROVISIONED, "", device->identity.customer);
}
