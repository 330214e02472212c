// One customer's devices in order, read page by page, each page in a snapshot of its own.
#pragma once

#include <string>
#include <vector>

#include "host/store/store.hpp"

namespace intray::inventory {

/// INTRAY_E_INTERNAL when the snapshot met a row that does not verify: what is left out of an
/// answer must not look like a device that is not there.
Result<void> sound(const store::Snapshot& snapshot);

class StoredDevices {
 public:
  /// The store must outlive it.
  StoredDevices(const store::Store& store, std::string customer)
      : store_(store), customer_(std::move(customer)) {}

  /// The device at hand; nullptr after the last. Errors as in compare().
  Result<const store::Device*> peek();
  void pop() { ++at_; }

 private:
  const store::Store& store_;
  std::string customer_;
  std::vector<store::Device> page_;
  std::size_t at_ = 0;
  bool last_page_ = false;
};

}  // namespace intray::inventory
