/* When to poll. Each device has a constant phase, the hash of its id, and polls whenever its clock
 * is at that phase of the interval: a fleet of any size spreads over the interval and stays so,
 * even when all of it was switched on at once. The host's interval is kept over restarts. */
#include <string.h>

#include "core.h"
#include "record.h"
#include "text.h"

static const char key[] = "interval";

static uint64_t interval_ms(const intray_device* device) {
  uint32_t seconds = device->schedule.interval_s;
  if (seconds < device->poll_s_min) seconds = device->poll_s_min;
  if (seconds > device->poll_s_max) seconds = device->poll_s_max;
  return (uint64_t)seconds * 1000;
}

/* The first time after now that is at this device's phase. */
static uint64_t next_phase(const intray_device* device) {
  const uint64_t interval = interval_ms(device);
  const uint64_t at =
      device->now_ms - device->now_ms % interval + device->schedule.phase % interval;
  return at > device->now_ms ? at : at + interval;
}

void intray_schedule_load(intray_device* device) {
  intray_device_schedule* schedule = &device->schedule;
  const size_t size = strlen(device->device_id);
  schedule->phase = intray_hash_spread(intray_hash(INTRAY_HASH_START, device->device_id, size));
  schedule->interval_s = INTRAY_DEVICE_POLL_S_DEFAULT;
  intray_record record;
  const int32_t stored =
      device->storage.get(device->storage.context, key, record.bytes, sizeof record.bytes);
  if (stored <= 0) return;
  intray_record_open(&record, (size_t)stored);
  const uint64_t seconds = intray_record_take_number(&record, 4);
  if (intray_record_ended(&record)) schedule->interval_s = (uint32_t)seconds;
}

void intray_schedule_start(intray_device* device) {
  const uint64_t spread_ms = (uint64_t)device->start_spread_s * 1000;
  intray_device_schedule* schedule = &device->schedule;
  schedule->poll_at_ms = next_phase(device);
  if (spread_ms != 0 && spread_ms < interval_ms(device)) {
    schedule->poll_at_ms = device->now_ms + schedule->phase % spread_ms;
  }
  schedule->provision_at_ms = device->now_ms;
  for (unsigned place = 0; place < INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    device->journal[place].not_before_ms = device->now_ms;
  }
}

/* Written only when the host changes it. A failed write costs one poll at the old interval. */
static void keep_interval(intray_device* device, uint32_t seconds) {
  if (seconds == device->schedule.interval_s) return;
  device->schedule.interval_s = seconds;
  intray_record record;
  intray_record_begin(&record);
  intray_record_number(&record, seconds, 4);
  intray_record_seal(&record);
  if (!device->storage.put(device->storage.context, key, record.bytes, record.size)) {
    intray_core_fail(device, "keep the poll interval", "storage refuses to write");
  }
}

void intray_schedule_polled(intray_device* device, const char* next_poll) {
  uint32_t seconds = 0;
  if (intray_seconds(next_poll, INTRAY_DEVICE_POLL_S_MAX, &seconds) && seconds > 0) {
    keep_interval(device, seconds);
  }
  device->schedule.backoff_ms = 0;
  device->schedule.poll_at_ms = next_phase(device);
}

/* A number from 0 to below `limit`. Without randomness the device's own hash keeps a fleet apart.
 */
static uint64_t random_below(intray_device* device, uint64_t limit) {
  uint64_t number = 0;
  if (!device->random.fill(device->random.context, (uint8_t*)&number, sizeof number)) {
    number = intray_hash_spread(device->schedule.phase ^ device->now_ms);
  }
  return number % limit;
}

uint64_t intray_schedule_retry_at(intray_device* device, uint32_t* backoff_ms,
                                  const char* retry_after) {
  /* Waiting longer than to the next regular poll would make a short interval pointless. */
  uint64_t limit = interval_ms(device);
  if (limit > INTRAY_DEVICE_BACKOFF_MS_MAX) limit = INTRAY_DEVICE_BACKOFF_MS_MAX;
  if (limit < INTRAY_DEVICE_BACKOFF_MS_MIN) limit = INTRAY_DEVICE_BACKOFF_MS_MIN;
  uint64_t high = (uint64_t)*backoff_ms * 3;
  if (high == 0) high = 2 * INTRAY_DEVICE_BACKOFF_MS_MIN;
  uint64_t wait =
      INTRAY_DEVICE_BACKOFF_MS_MIN + random_below(device, high - INTRAY_DEVICE_BACKOFF_MS_MIN + 1);
  if (wait > limit) wait = limit;
  *backoff_ms = (uint32_t)wait;
  uint32_t seconds = 0;
  if (intray_seconds(retry_after, INTRAY_DEVICE_RETRY_AFTER_S_MAX, &seconds)) {
    wait += (uint64_t)seconds * 1000;
  }
  return device->now_ms + wait;
}
