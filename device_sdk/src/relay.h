/* What relay.c and relay_calls.c share: how far a command and its targets have come. */
#ifndef INTRAY_DEVICE_SRC_RELAY_H
#define INTRAY_DEVICE_SRC_RELAY_H

#include <intray/device.h>

#include "wake_command.h"

enum stage {
  RELAY_FREE,
  RELAY_WAITS_FOR_POLL,
  RELAY_WAITS_FOR_PEACE, /* what the poll brought comes first: S324a, S500a */
  RELAY_CALLS,
  RELAY_ENDED /* to be acknowledged, when it came as an instruction */
};

enum progress {
  TARGET_OF_OTHERS,
  TARGET_DUE,
  TARGET_DUE_AGAIN,
  TARGET_CALLED,
  TARGET_CALLED_AGAIN,
  TARGET_LIVES,
  TARGET_DEAD
};

/* Reads the command again into `bytes` of INTRAY_DEVICE_WAKE_BYTES_MAX; false for no command of
 * ours. */
bool intray_relay_read(const intray_device_relay* relay, uint8_t* bytes,
                       intray_wake_command* command);
/* Takes what the neighbours have answered, or that they have not. */
void intray_relay_take_answers(intray_device* device);
/* One look at all targets, parents before their children, calling whose turn it is. Sets look_ms.
 * True while some are not at their end. */
bool intray_relay_call(intray_device* device, intray_device_relay* relay);
/* Ends the calls of one command; NULL = of all. */
void intray_relay_hang_up(intray_device* device, const intray_device_relay* relay);

#endif /* INTRAY_DEVICE_SRC_RELAY_H */
