/* The commands that this device has accepted: the record "wake".
 *
 *   poll owed 1 | number of commands 1 | of each: expires 8, id 16
 *
 * Written before a command's poll, so that a power cut cannot make the device obey it twice; and
 * after the poll, so that it is made good when the power was cut before it. */
#include <string.h>

#include "core.h"
#include "record.h"

static const char key[] = "wake";

void intray_wake_memory_load(intray_device* device) {
  intray_device_wakes* wakes = &device->wakes;
  intray_record record;
  const int32_t size =
      device->storage.get(device->storage.context, key, record.bytes, sizeof record.bytes);
  if (size == 0) return;
  intray_record_open(&record, size < 0 ? 0 : (size_t)size);
  wakes->poll_owed = intray_record_take_number(&record, 1) == 1;
  const uint64_t count = intray_record_take_number(&record, 1);
  if (count > INTRAY_DEVICE_WAKE_IDS_MAX) record.sound = false;
  for (unsigned i = 0; record.sound && i < count; ++i) {
    wakes->ids[i].expires_unix_s = intray_record_take_number(&record, 8);
    wakes->ids[i].id[0] = intray_record_take_number(&record, 8);
    wakes->ids[i].id[1] = intray_record_take_number(&record, 8);
  }
  wakes->ids_count = (uint8_t)count;
  if (intray_record_ended(&record)) return;
  /* Worth no more than a command obeyed twice, within its ten minutes. */
  wakes->ids_count = 0;
  intray_core_fail(device, "read the wake commands", "the stored record is damaged");
}

bool intray_wake_memory_store(intray_device* device) {
  const intray_device_wakes* wakes = &device->wakes;
  intray_record record;
  intray_record_begin(&record);
  intray_record_number(&record, wakes->poll_owed, 1);
  intray_record_number(&record, wakes->ids_count, 1);
  for (unsigned i = 0; i < wakes->ids_count; ++i) {
    intray_record_number(&record, wakes->ids[i].expires_unix_s, 8);
    intray_record_number(&record, wakes->ids[i].id[0], 8);
    intray_record_number(&record, wakes->ids[i].id[1], 8);
  }
  intray_record_seal(&record);
  if (device->storage.put(device->storage.context, key, record.bytes, record.size)) return true;
  intray_core_fail(device, "keep a wake command", "storage refuses to write");
  return false;
}

bool intray_wake_is_known(const intray_device* device, const intray_wake_command* command) {
  const intray_device_wakes* wakes = &device->wakes;
  for (unsigned i = 0; i < wakes->ids_count; ++i) {
    if (memcmp(wakes->ids[i].id, command->id, sizeof command->id) == 0) return true;
  }
  return false;
}

static void forget_expired(intray_device_wakes* wakes, uint64_t now_unix_s) {
  unsigned kept = 0;
  for (unsigned i = 0; i < wakes->ids_count; ++i) {
    if (wakes->ids[i].expires_unix_s >= now_unix_s) wakes->ids[kept++] = wakes->ids[i];
  }
  wakes->ids_count = (uint8_t)kept;
}

bool intray_wake_remember(intray_device* device, const intray_wake_command* command,
                          uint64_t now_unix_s) {
  intray_device_wakes* wakes = &device->wakes;
  forget_expired(wakes, now_unix_s);
  if (wakes->ids_count == INTRAY_DEVICE_WAKE_IDS_MAX) return false;
  intray_device_wake_id* fresh = &wakes->ids[wakes->ids_count++];
  memcpy(fresh->id, command->id, sizeof fresh->id);
  fresh->expires_unix_s = command->expires_unix_s;
  if (intray_wake_memory_store(device)) return true;
  --wakes->ids_count;
  return false;
}
