// The directory that holds the store: whose it is, on which file system, and who has it open.
#pragma once

#include <filesystem>

#include "intray/result.hpp"

namespace intray::store {

/// Whether statfs's f_type is one of a network file system, on which LMDB's locks and map do not
/// work.
bool is_network_file_system(long type);

/// Makes the directory (mode 0700) when it is missing.
/// INTRAY_E_INVALID   it lies on a network file system.
/// INTRAY_E_INTERNAL  it cannot be made or looked at.
Result<void> prepare_directory(const std::filesystem::path& directory);

/// The lock file host.lock, held for the life of the object; the kernel lets go when the process
/// dies.
class HostLock {
 public:
  /// INTRAY_E_BAD_STATE when another process (or another store of this one) holds it.
  static Result<HostLock> take(const std::filesystem::path& directory);
  HostLock() = default;
  HostLock(HostLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  HostLock& operator=(HostLock&& other) noexcept;
  ~HostLock();

 private:
  int file_ = -1;
};

}  // namespace intray::store
