// A durable import: the records that it lies in, host rows of the system ("").
//
//   inventory/job/JOB           JobState
//   inventory/slice/JOB/NUMBER  Slice; NUMBER is 8 hex digits, so that key order is their order
//   inventory/last              Mark; a row of each customer, not of the system
//   timer "inventory/JOB" of owner "host"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/inventory/diff.hpp"
#include "host/store/describe.hpp"
#include "host/store/store.hpp"

namespace intray::inventory {

inline constexpr std::string_view kJobPrefix = "inventory/job/";
inline constexpr std::string_view kSlicePrefix = "inventory/slice/";
inline constexpr std::string_view kTimerPrefix = "inventory/";
inline constexpr std::string_view kTimerOwner = "host";
inline constexpr std::string_view kMarkKey = "inventory/last";
inline constexpr std::size_t kSliceDevicesMax = 500;
inline constexpr std::size_t kSliceBytesMax = 60U << 10U;

enum class State : std::uint8_t {
  kRejected = 0,  // rows were refused: there is no job, nothing was written
  kRunning = 1,
  kDone = 2,
  kFailed = 3,  // what was done stays: import the file again once the cause is gone
};

/// Where a job stands.
struct JobState {
  std::string job;
  std::uint8_t state = static_cast<std::uint8_t>(State::kRunning);
  std::string principal;  // who submitted it
  std::string why;        // what it waits for, or why it failed; empty = all is well
  Counts counts;
  std::uint64_t devices_done = 0;  // of added + changed + removed
  store::UnixNs started = 0, finished = 0;
  std::uint32_t slices = 0;
  std::uint32_t cursor = 0;  // the next slice; those before are done, some beyond may be
  std::uint32_t waits = 0;   // in a row

  State is() const { return static_cast<State>(state); }
  bool running() const { return is() == State::kRunning; }
};

struct SliceLeave {
  std::string device_id;
  bool moved = false;
};

/// A chunk of work on one customer: devices leave, or are put.
struct Slice {
  std::string customer;
  bool last = false;  // of this customer: writes the row with its counts
  Counts counts;      // of the customer in this whole import
  std::vector<SliceLeave> leaves;
  std::vector<store::Device> puts;
};

/// How far an import came with one customer. Written with each slice's effect, so that a slice
/// which is repeated after a crash is known.
struct Mark {
  std::string job;
  std::uint32_t next = 0;
};

std::string job_key(std::string_view job);
std::string slice_key(std::string_view job, std::uint32_t number);
std::string timer_name(std::string_view job);

/// The counts as a log row's payload.
std::string log_payload(const Counts& counts);

// ---- how they are written (host/store/codec.hpp) ----
template <class Archive>
void describe(Archive& a, Counts& c) {
  a(c.added), a(c.changed), a(c.removed), a(c.rejected);
}
template <class Archive>
void describe(Archive& a, JobState& j) {
  a(j.job), a(j.state), a(j.principal), a(j.why), describe(a, j.counts), a(j.devices_done);
  a(j.started), a(j.finished), a(j.slices), a(j.cursor), a(j.waits);
}
template <class Archive>
void describe(Archive& a, SliceLeave& l) {
  a(l.device_id), a(l.moved);
}
template <class Archive>
void describe(Archive& a, Mark& m) {
  a(m.job), a(m.next);
}
// A count that no slice has is left as it is read: what follows then does not decode.
template <class Archive, class Item>
void describe_all(Archive& a, std::vector<Item>& items) {
  auto count = static_cast<std::uint32_t>(items.size());
  a(count);
  if (count > kSliceDevicesMax) return;
  items.resize(count);
  for (auto& item : items) describe(a, item);
}
template <class Archive>
void describe(Archive& a, Slice& s) {
  a(s.customer), a(s.last), describe(a, s.counts);
  describe_all(a, s.leaves), describe_all(a, s.puts);
}

/// All jobs that are there, running and finished. Errors of the store.
Result<std::vector<JobState>> jobs(const store::Store& store);
/// INTRAY_E_NOT_FOUND when there is none, or it finished long ago.
Result<JobState> find_job(const store::Store& store, std::string_view job);
/// INTRAY_E_NOT_FOUND when it is not there or does not verify; other errors of the store.
Result<Slice> find_slice(const store::Store& store, std::string_view job, std::uint32_t number);

}  // namespace intray::inventory
