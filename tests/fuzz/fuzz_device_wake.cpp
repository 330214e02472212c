// Any bytes as a wake command, signed by whomever: none, or a whole tree that can be walked and
// written as URLs. And any bytes as a request to the LAN listener: an answer, or a target inside
// it.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" {
#include "device_sdk/ports/src/lan_request.h"
#include "device_sdk/src/address.h"
}

namespace {

void read_command(const std::uint8_t* bytes, std::size_t size) {
  intray_wake_command command;
  if (!intray_wake_read(&command, bytes, size)) return;
  intray_wake_target target{};
  unsigned walked = 0;
  while (intray_wake_next(&command, &target)) {
    if (target.index != walked++ || target.first_child + target.children > command.count) {
      std::abort();
    }
    char url[INTRAY_DEVICE_LAN_URL_BYTES_MAX + 1];
    auto text = intray_text_in(url, sizeof url);
    intray_text_add(&text, "https://");
    intray_address_add(&text, &target);
    intray_text_add(&text, ":65535/doPolling?t=");
    if (text.cut) std::abort();
  }
  if (walked != command.count) std::abort();
}

void read_request(const std::uint8_t* bytes, std::size_t size) {
  std::string head(reinterpret_cast<const char*>(bytes), size);
  std::size_t whole = 0;
  if (!intray_lan_is_whole(head.data(), head.size(), &whole)) return;
  if (whole > head.size()) std::abort();
  static const char* const kNames[] = {"mfp-1"};
  const intray_lan_options options{nullptr, 0, kNames, 1};
  const auto request = intray_lan_read(head.data(), whole, &options);
  if (request.status != 0) {
    char answer[256];
    if (intray_lan_write(answer, sizeof answer, request.status) == 0) std::abort();
    return;
  }
  const bool inside = request.target > head.data() &&
                      request.target + std::strlen(request.target) < head.data() + whole;
  if (!inside || *request.target != '/') std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_command(data, size);
  read_request(data, size);
  std::uint8_t bytes[INTRAY_DEVICE_WAKE_BYTES_MAX];
  const auto text = reinterpret_cast<const char*>(data);
  const auto got = intray_base64url_read(bytes, sizeof bytes, text, size);
  if (got > wake_signature_bytes) read_command(bytes, got - wake_signature_bytes);
  return 0;
}
