// When devices were last heard of: marks in memory, so that an empty poll writes nothing. They are
// flushed now and then; a crash loses the last of them, and nothing decides on them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/store/batch.hpp"

namespace intray::store {

/// The newer poll; the higher sequence with the time when it was first handed out.
Presence merged(const Presence& earlier, const Presence& later);

/// Any thread may call any function.
class PresenceMarks {
 public:
  /// A device polled at `now` and was told to come back at `next_poll`; highest_sequence is that of
  /// the last instruction it was handed, 0 = none.
  void polled(std::string_view customer, std::string_view device_id, UnixNs now, UnixNs next_poll,
              std::uint64_t highest_sequence);

  /// What is stored, brought up to date.
  Presence read(std::string_view device_id, const Presence& stored) const;

  /// The marks since the last drain as batches of one customer each. They stay readable.
  std::vector<Batch> drain();

  /// Devices whose marks wait to be flushed.
  std::size_t waiting() const;

 private:
  struct Mark {
    Presence presence;
    std::string dirty_for;  // the customer in whose list of dirty_ its device is; "" = flushed
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Mark, Hash, std::equal_to<>> marks_;  // by device id
  std::map<std::string, std::vector<std::string>, std::less<>> dirty_;  // customer: device ids
};

}  // namespace intray::store
