/* One file for each key. A value is replaced by writing ".KEY.new", fsync, rename, fsync of the
 * directory: whenever the power is cut, the file is the old one or the new one. A leftover
 * ".KEY.new" is overwritten by the next put and read by nobody. */
#include <errno.h>
#include <fcntl.h>
#include <intray/device_posix.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { name_bytes = INTRAY_DEVICE_KEY_BYTES_MAX + 8 };

const char* intray_posix_storage_open(intray_posix_storage* storage, const char* path) {
  storage->directory = -1;
  if (mkdir(path, 0700) != 0 && errno != EEXIST) return "the directory cannot be created";
  const int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return "the directory cannot be opened";
  if (flock(directory, LOCK_EX | LOCK_NB) != 0) {
    close(directory);
    return "the directory is in use by another process";
  }
  storage->directory = directory;
  return NULL;
}

void intray_posix_storage_close(intray_posix_storage* storage) {
  if (storage->directory >= 0) close(storage->directory);
  storage->directory = -1;
}

/* The size read, or -1; a file larger than `size` is an error. */
static int32_t read_all(int file, char* buffer, size_t size) {
  size_t got = 0;
  for (;;) {
    char beyond;
    const ssize_t more = got < size ? read(file, buffer + got, size - got) : read(file, &beyond, 1);
    if (more < 0 && errno == EINTR) continue;
    if (more < 0 || (more > 0 && got == size)) return -1;
    if (more == 0) return (int32_t)got;
    got += (size_t)more;
  }
}

static bool write_all(int file, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = write(file, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= (size_t)written;
  }
  return fsync(file) == 0;
}

static int32_t storage_get(void* context, const char* key, void* buffer, size_t size) {
  const intray_posix_storage* storage = context;
  const int file = openat(storage->directory, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return errno == ENOENT ? 0 : -1;
  const int32_t got = read_all(file, buffer, size);
  close(file);
  return got;
}

static bool storage_put(void* context, const char* key, const void* value, size_t size) {
  const intray_posix_storage* storage = context;
  char fresh[name_bytes];
  const int length = snprintf(fresh, sizeof fresh, ".%s.new", key);
  if (length < 0 || (size_t)length >= sizeof fresh) return false;
  const int file = openat(storage->directory, fresh,
                          O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  const bool written = write_all(file, value, size);
  if (close(file) != 0 || !written) return false;
  if (renameat(storage->directory, fresh, storage->directory, key) != 0) return false;
  return fsync(storage->directory) == 0;
}

intray_device_storage intray_posix_storage_table(intray_posix_storage* storage) {
  const intray_device_storage table = {storage, storage_get, storage_put};
  return table;
}

static bool fill_random(void* context, uint8_t* bytes, size_t size) {
  (void)context;
  return size <= 256 && getrandom(bytes, size, GRND_NONBLOCK) == (ssize_t)size;
}

intray_device_random intray_posix_random(void) {
  const intray_device_random table = {NULL, fill_random};
  return table;
}

uint64_t intray_posix_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
