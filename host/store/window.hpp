// The store as a thread sees it that answers one caller after the other.
#pragma once

#include <optional>

#include "host/store/store.hpp"

namespace intray::store {

/// The newest snapshot, taken once for as long as nothing is committed: between two commits all
/// callers are shown the same. One thread; not longer than its store.
class Window {
 public:
  /// Without a store there is nothing to see.
  explicit Window(const Store* store) : store_(store) {}

  /// Holds whatever was committed before this call. Valid until the next look() or close().
  /// INTRAY_E_UNAVAILABLE without a store; else as Store::snapshot().
  Result<const Snapshot*> look();

  /// Before the thread waits: an old snapshot makes the file grow.
  void close() { snapshot_.reset(); }

 private:
  const Store* store_;
  std::optional<Snapshot> snapshot_;
};

}  // namespace intray::store
