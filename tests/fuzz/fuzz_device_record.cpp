// Any bytes as a value of the device's storage, with a checksum that fits and as they come: fields
// that lie inside it, or a record that is not sound.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {
#include "device_sdk/src/record.h"
}

namespace {

constexpr std::size_t kScriptBytes = 8;    // which field is taken next, a byte each
constexpr std::size_t kChecksumBytes = 8;  // what seal() adds

void take_fields(intray_record& record, const std::uint8_t* script) {
  for (std::size_t i = 0; i < kScriptBytes; ++i) {
    if (script[i] % 2 == 0) {
      intray_record_take_number(&record, 1U + script[i] / 2U % 8U);
      continue;
    }
    char text[128];
    const std::size_t room = 1U + script[i] % 128U;
    std::memset(text, 'x', sizeof text);
    intray_record_take_text(&record, text, room);
    if (text[room - 1] != 0) std::abort();
  }
  if (intray_record_ended(&record) && !record.sound) std::abort();
  if (record.at > record.size) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kScriptBytes) return 0;
  intray_record record;
  const auto bytes =
      std::min(size - kScriptBytes, sizeof record.bytes - kChecksumBytes - 1);  // 1: the version
  for (const bool sealed : {false, true}) {
    std::memset(&record, 0, sizeof record);
    intray_record_begin(&record);
    std::memcpy(record.bytes + record.size, data + kScriptBytes, bytes);
    record.size += bytes;
    if (sealed) intray_record_seal(&record);
    intray_record_open(&record, record.size);
    if (sealed && !record.sound) std::abort();
    take_fields(record, data);
  }
  return 0;
}
