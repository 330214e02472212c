/* intray/device_posix.h - storage in a directory, randomness and a clock from the kernel. C99. */
#ifndef INTRAY_DEVICE_POSIX_H
#define INTRAY_DEVICE_POSIX_H

#include <intray/device_supply.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An open directory that holds one file for each key. */
typedef struct intray_posix_storage {
  int directory; /**< a locked file descriptor; -1 = closed */
} intray_posix_storage;

/** Opens a device's directory and locks it, so that no second process acts as the same device.
 * Creates the directory (mode 0700) when its parent is there. The directory should lie on a disk
 * or flash that keeps what fsync() was told to keep.
 *
 * Returns NULL, or why not, in a sentence with static lifetime. */
const char* intray_posix_storage_open(intray_posix_storage* storage, const char* path);
/** Unlocks and closes. Closing twice is fine. */
void intray_posix_storage_close(intray_posix_storage* storage);
/** For intray_device_options.storage; `storage` must stay open as long as the device lives. */
intray_device_storage intray_posix_storage_table(intray_posix_storage* storage);

/** For intray_device_options.random: getrandom(2), without waiting for the kernel's pool. */
intray_device_random intray_posix_random(void);

/** For intray_device_step(): milliseconds since the machine started, sleep included. */
uint64_t intray_posix_now_ms(void);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif /* INTRAY_DEVICE_POSIX_H */
