// Any bytes as a reply's body: no JSON, or values that lie inside it and read the same twice.
#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" {
#include "device_sdk/src/json.h"
}

namespace {

void check_inside(const intray_json& outer, const intray_json& value) {
  if (value.size == 0) return;
  const bool inside =
      value.bytes >= outer.bytes && value.bytes + value.size <= outer.bytes + outer.size;
  if (!inside || intray_json_read(value.bytes, value.size).size != value.size) std::abort();
  char text[64];
  if (intray_json_string(value, text, sizeof text) && std::strlen(text) + 2 > value.size) {
    std::abort();
  }
  std::uint64_t number = 0;
  intray_json_number(value, &number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto whole = intray_json_read(reinterpret_cast<const char*>(data), size);
  if (whole.size == 0) return 0;
  check_inside(whole, whole);
  for (const char* name : {"instructions", "url", "a", ""}) {
    check_inside(whole, intray_json_member(whole, name));
  }
  auto list = intray_json_member(whole, "instructions");
  if (list.size == 0) list = whole;
  std::size_t at = 0;
  for (intray_json item; (item = intray_json_next(list, &at)).size != 0;) {
    check_inside(list, item);
    check_inside(item, intray_json_member(item, "code"));
  }
  return 0;
}
