#include "host/store/presence.hpp"

#include <algorithm>

namespace intray::store {

Presence merged(const Presence& earlier, const Presence& later) {
  Presence presence = later.last_poll >= earlier.last_poll ? later : earlier;
  const auto& fetched = later.fetched_sequence > earlier.fetched_sequence ? later : earlier;
  presence.fetched_sequence = fetched.fetched_sequence;
  presence.fetched_at = fetched.fetched_at;
  return presence;
}

void PresenceMarks::polled(std::string_view customer, std::string_view device_id, UnixNs now,
                           UnixNs next_poll, std::uint64_t highest_sequence) {
  const Presence poll{now, next_poll, highest_sequence, highest_sequence == 0 ? 0 : now};
  const std::lock_guard lock(mutex_);
  auto mark = marks_.find(device_id);
  if (mark == marks_.end()) mark = marks_.emplace(device_id, Mark()).first;
  mark->second.presence = merged(mark->second.presence, poll);
  if (mark->second.dirty_for == customer) return;
  mark->second.dirty_for = customer;
  auto devices = dirty_.find(customer);
  if (devices == dirty_.end()) devices = dirty_.emplace(customer, 0).first;
  devices->second.emplace_back(device_id);
}

Presence PresenceMarks::read(std::string_view device_id, const Presence& stored) const {
  const std::lock_guard lock(mutex_);
  const auto mark = marks_.find(device_id);
  return mark == marks_.end() ? stored : merged(stored, mark->second.presence);
}

std::vector<Batch> PresenceMarks::drain() {
  const std::lock_guard lock(mutex_);
  std::vector<Batch> batches;
  for (const auto& [customer, devices] : dirty_) {
    for (const auto& device_id : devices) {
      const bool full = !batches.empty() && batches.back().operations.size() >= kBatchOperationsMax;
      if (batches.empty() || batches.back().customer != customer || full) {
        batches.push_back({customer, "host", {}});
      }
      auto& mark = marks_[device_id];
      mark.dirty_for.clear();
      batches.back().operations.emplace_back(PutPresence{device_id, mark.presence});
    }
  }
  dirty_.clear();
  return batches;
}

std::size_t PresenceMarks::waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t devices = 0;
  for (const auto& [customer, ids] : dirty_) devices += ids.size();
  return devices;
}

}  // namespace intray::store
