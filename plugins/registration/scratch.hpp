// Memory for JSON that lives no longer than a function: a row is a dozen small values, and asking
// the heap for each costs more than reading it.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/storage_ptr.hpp>
#include <cstddef>

namespace intray::registration {

/// On the stack. Gives memory back only when it ends, so whatever lies in it must end before.
class Scratch {
 public:
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  boost::json::storage_ptr storage() { return &memory_; }

 private:
  static constexpr std::size_t kUsualBytes = 4096;  // above: from the heap
  unsigned char first_[kUsualBytes];
  boost::json::monotonic_resource memory_{first_, kUsualBytes};
};

}  // namespace intray::registration
