#include "host/store/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace intray::store {
namespace {

// f_type of statfs(2): NFS, SMB, CIFS, SMB2, AFS, 9p, Ceph, Coda, OCFS2.
constexpr std::array<unsigned long, 9> kNetworkFileSystems = {0x6969,     0x517B,     0xFF534D42,
                                                              0xFE534D42, 0x5346414F, 0x01021997,
                                                              0x00C36400, 0x73757245, 0x7461636F};

Failure system_failure(const std::string& what, const std::filesystem::path& on) {
  return fail(INTRAY_E_INTERNAL, what + " " + on.string() + ": " + std::strerror(errno));
}

}  // namespace

bool is_network_file_system(long type) {
  const auto magic = static_cast<unsigned long>(type) & 0xFFFFFFFFUL;
  return std::find(kNetworkFileSystems.begin(), kNetworkFileSystems.end(), magic) !=
         kNetworkFileSystems.end();
}

Result<void> prepare_directory(const std::filesystem::path& directory) {
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return system_failure("cannot make the store's directory", directory);
  }
  struct statfs file_system {};
  if (statfs(directory.c_str(), &file_system) != 0) {
    return system_failure("cannot look at the store's directory", directory);
  }
  if (is_network_file_system(file_system.f_type)) {
    return fail(INTRAY_E_INVALID, directory.string() +
                                      " is on a network file system, where LMDB loses data: put "
                                      "store.directory on a local disk");
  }
  return {};
}

Result<HostLock> HostLock::take(const std::filesystem::path& directory) {
  const auto path = directory / "host.lock";
  HostLock lock;
  lock.file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.file_ < 0) return system_failure("cannot open", path);
  if (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure("cannot lock", path);
    return fail(INTRAY_E_BAD_STATE, "another intrayd runs on " + directory.string() +
                                        ": stop it, or give this one a store.directory of its own");
  }
  return lock;
}

HostLock& HostLock::operator=(HostLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

HostLock::~HostLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace intray::store
