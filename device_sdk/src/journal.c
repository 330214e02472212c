/* The journal: one record "entry-0".."entry-7" for each instruction.
 *
 *   state 1 | sequence 8 | hash 8 | result 1 | later_s 4 | type | code | detail
 *
 * Memory holds what decides (sequence, hash, state, time); URL and code are read when needed. A
 * finished entry stays until its place is needed, without its code: a poll reply that was delayed
 * or sent twice then finds it, and nothing is done twice. */
#include <string.h>

#include "core.h"
#include "record.h"
#include "text.h"

typedef struct place_key {
  char text[INTRAY_DEVICE_KEY_BYTES_MAX + 1];
} place_key;

static place_key key_of(unsigned place) {
  place_key key;
  intray_text text = intray_text_in(key.text, sizeof key.text);
  intray_text_add(&text, "entry-");
  intray_text_add_number(&text, place);
  return key;
}

/* Reads a place: its entry, and the rest into device->work. False: nothing usable is there. */
static bool read_place(intray_device* device, unsigned place, intray_device_entry* entry) {
  const place_key key = key_of(place);
  intray_record record;
  const int32_t size =
      device->storage.get(device->storage.context, key.text, record.bytes, sizeof record.bytes);
  if (size <= 0) return false;
  intray_record_open(&record, (size_t)size);
  intray_device_work* work = &device->work;
  entry->state = (uint8_t)intray_record_take_number(&record, 1);
  entry->sequence = intray_record_take_number(&record, 8);
  entry->hash = intray_record_take_number(&record, 8);
  work->result = (uint8_t)intray_record_take_number(&record, 1);
  work->later_s = (uint32_t)intray_record_take_number(&record, 4);
  intray_record_take_text(&record, work->type, sizeof work->type);
  intray_record_take_text(&record, work->code, sizeof work->code);
  intray_record_take_text(&record, work->detail, sizeof work->detail);
  return intray_record_ended(&record) && entry->state <= ENTRY_ACKNOWLEDGED &&
         work->result <= RESULT_UNSUPPORTED;
}

void intray_journal_load(intray_device* device) {
  for (unsigned place = 0; place < INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    intray_device_entry* entry = &device->journal[place];
    /* A damaged record is no loss: the mailbox still holds the instruction. */
    if (!read_place(device, place, entry)) memset(entry, 0, sizeof *entry);
  }
}

bool intray_journal_put(intray_device* device, unsigned place, enum intray_entry_state state) {
  intray_device_entry* entry = &device->journal[place];
  const intray_device_work* work = &device->work;
  const bool open = state != ENTRY_FREE && state != ENTRY_ACKNOWLEDGED;
  intray_record record;
  intray_record_begin(&record);
  intray_record_number(&record, state == ENTRY_DROPPED ? ENTRY_FREE : state, 1);
  intray_record_number(&record, entry->sequence, 8);
  intray_record_number(&record, entry->hash, 8);
  intray_record_number(&record, work->result, 1);
  intray_record_number(&record, work->later_s, 4);
  intray_record_text(&record, work->type, strlen(work->type));
  intray_record_text(&record, work->code, open ? strlen(work->code) : 0);
  intray_record_text(&record, work->detail, open ? strlen(work->detail) : 0);
  intray_record_seal(&record);
  const place_key key = key_of(place);
  if (!device->storage.put(device->storage.context, key.text, record.bytes, record.size)) {
    intray_core_fail(device, "keep an instruction", "storage refuses to write");
    entry->not_before_ms = intray_schedule_retry_at(device, &entry->backoff_ms, NULL);
    return false;
  }
  entry->state = (uint8_t)state;
  entry->backoff_ms = 0;
  entry->not_before_ms = device->now_ms;
  return true;
}

bool intray_journal_read(intray_device* device, unsigned place) {
  intray_device_entry* entry = &device->journal[place];
  const intray_device_entry known = *entry;
  if (read_place(device, place, entry) && entry->sequence == known.sequence &&
      entry->hash == known.hash) {
    entry->state = known.state;
    return true;
  }
  memset(entry, 0, sizeof *entry);
  device->etag[0] = '\0'; /* the next poll brings it again */
  intray_core_fail(device, "read an instruction", "its stored record is damaged; polling again");
  return false;
}

bool intray_journal_is_open(const intray_device_entry* entry) {
  return entry->state == ENTRY_CODE || entry->state == ENTRY_REGISTERING ||
         entry->state == ENTRY_SETTLED;
}

int intray_journal_due(const intray_device* device) {
  int due = -1;
  for (int place = 0; place < (int)INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    const intray_device_entry* entry = &device->journal[place];
    if (!intray_journal_is_open(entry) || entry->not_before_ms > device->now_ms) continue;
    if (due < 0 || entry->sequence < device->journal[due].sequence) due = place;
  }
  return due;
}

int intray_journal_find(const intray_device* device, uint64_t sequence, uint64_t hash) {
  for (int place = 0; place < (int)INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    const intray_device_entry* entry = &device->journal[place];
    if (entry->state != ENTRY_FREE && entry->sequence == sequence && entry->hash == hash) {
      return place;
    }
  }
  return -1;
}

/* How gladly a place is given away; 0 = not at all. */
static unsigned worth_giving(const intray_device_entry* entry, uint64_t sequence) {
  if (entry->state != ENTRY_FREE && entry->sequence == sequence) return 4; /* superseded */
  if (entry->state == ENTRY_FREE) return 3;
  if (entry->state == ENTRY_ACKNOWLEDGED) return 2;
  return entry->state == ENTRY_DROPPED ? 1 : 0;
}

int intray_journal_place_for(const intray_device* device, uint64_t sequence) {
  int best = -1;
  unsigned best_worth = 0;
  for (int place = 0; place < (int)INTRAY_DEVICE_INSTRUCTIONS_MAX; ++place) {
    const intray_device_entry* entry = &device->journal[place];
    const unsigned worth = worth_giving(entry, sequence);
    const bool older = best >= 0 && entry->sequence < device->journal[best].sequence;
    if (worth > best_worth || (worth == best_worth && worth != 0 && older)) {
      best = place;
      best_worth = worth;
    }
  }
  return best;
}
