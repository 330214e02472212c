#include "address.h"

#include <string.h>

static bool is_ipv4_allowed(const intray_device_address_rule* rule, const uint8_t address[4]) {
  if (address[0] == 127) return rule->loopback;
  const bool link_local = address[0] == 169 && address[1] == 254;
  return address[0] != 0 && address[0] < 224 && !link_local;
}

/* RFC 4291: 0000::/8 is reserved; in it lie unspecified, loopback, and all forms that hold an IPv4
 * address (mapped, translated, compatible, NAT64) but one: 6to4 (RFC 3056). */
static bool is_ipv6_allowed(const uint8_t address[16]) {
  const bool multicast = address[0] == 0xff;
  const bool link_local = address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
  const bool six_to_four = address[0] == 0x20 && address[1] == 0x02;
  return address[0] != 0 && !multicast && !link_local && !six_to_four;
}

bool intray_address_allowed(const void* context, const uint8_t* address, size_t size) {
  const intray_device_address_rule* rule = context;
  if (size == rule->own_bytes && memcmp(address, rule->own, size) == 0) return false;
  return size == 4 ? is_ipv4_allowed(rule, address) : size == 16 && is_ipv6_allowed(address);
}

void intray_address_add(intray_text* text, const intray_wake_target* target) {
  if (target->kind == 6) intray_text_add(text, "[");
  for (unsigned i = 0; i < target->address_bytes; ++i) {
    const uint8_t byte = target->address[i];
    const char name[] = {(char)byte, '\0'};
    if (target->kind == 4 && i > 0) intray_text_add(text, ".");
    if (target->kind == 6 && i > 0 && i % 2 == 0) intray_text_add(text, ":");
    if (target->kind == 4) intray_text_add_number(text, byte);
    if (target->kind == 6) intray_text_add_hex(text, byte, 2);
    if (target->kind == 0) intray_text_add(text, name);
  }
  if (target->kind == 6) intray_text_add(text, "]");
}
