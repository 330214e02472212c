// The store's one LMDB environment, which may have to be opened anew after a failed commit.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>

#include "host/store/lmdb.hpp"

namespace intray::store {

class Environment {
 public:
  Environment(std::filesystem::path directory, std::uint64_t map_bytes, bool read_only)
      : directory_(std::move(directory)), map_bytes_(map_bytes), read_only_(read_only) {}

  Result<void> open();
  /// INTRAY_E_BUSY while it is being opened anew.
  Result<std::shared_ptr<Env>> get() const;
  /// Waits until every reader has let go (they are short), closes, opens. An environment must never
  /// be open twice in one process, so new readers hear BUSY meanwhile.
  Result<void> reopen();

 private:
  std::filesystem::path directory_;
  std::uint64_t map_bytes_;
  bool read_only_;
  mutable std::mutex mutex_;
  std::shared_ptr<Env> env_;
};

/// Bytes of the map in use: pages up to the highest ever used, less those on the free list.
struct MapUse {
  std::uint64_t map_bytes = 0;
  std::uint64_t used_bytes = 0;
};
Result<MapUse> measure(Env& env);

}  // namespace intray::store
