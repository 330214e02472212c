/* Addresses on the LAN: which may be called, and how they are written in a URL. */
#ifndef INTRAY_DEVICE_SRC_ADDRESS_H
#define INTRAY_DEVICE_SRC_ADDRESS_H

#include <intray/device_state.h>

#include "text.h"
#include "wake_command.h"

/* For intray_device_request.address_allowed; `rule` is an intray_device_address_rule. Refused are
 * the device itself and what is no single other machine: this network, loopback, link-local,
 * multicast, broadcast, reserved; and IPv6 addresses that carry an IPv4 address inside. */
bool intray_address_allowed(const void* rule, const uint8_t* address, size_t size);

/* An IPv4 address, an IPv6 address in brackets, or a name. */
void intray_address_add(intray_text* text, const intray_wake_target* target);

#endif /* INTRAY_DEVICE_SRC_ADDRESS_H */
