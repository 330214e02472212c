#include "host/inventory/job.hpp"

#include <cstdio>

#include "host/inventory/stored_devices.hpp"
#include "host/inventory/text.hpp"

namespace intray::inventory {
namespace {

constexpr std::size_t kJobsMax = 64;  // more than are ever kept

}  // namespace

std::string job_key(std::string_view job) { return std::string(kJobPrefix) + std::string(job); }

std::string slice_key(std::string_view job, std::uint32_t number) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", number);
  return std::string(kSlicePrefix) + std::string(job) + '/' + digits;
}

std::string timer_name(std::string_view job) {
  return std::string(kTimerPrefix) + std::string(job);
}

// Numbers only: nothing to escape.
std::string log_payload(const Counts& counts) {
  return R"({"added":)" + std::to_string(counts.added) + R"(,"changed":)" +
         std::to_string(counts.changed) + R"(,"removed":)" + std::to_string(counts.removed) + "}";
}

Result<std::vector<JobState>> jobs(const store::Store& store) {
  const auto snapshot = store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  std::vector<JobState> found;
  for (const auto& row : snapshot->customer("").host_rows(kJobPrefix, "", kJobsMax)) {
    auto job = store::decode<JobState>(row.value);
    if (!job) return fail(job.error());
    found.push_back(std::move(*job));
  }
  if (const auto whole = sound(*snapshot); !whole) return fail(whole.error());
  return found;
}

Result<JobState> find_job(const store::Store& store, std::string_view job) {
  if (!is_id(job, kDeviceIdBytesMax)) {
    return fail(INTRAY_E_NOT_FOUND, "there is no import " + shown(job));
  }
  const auto snapshot = store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto row = snapshot->customer("").host_row(job_key(job));
  if (const auto whole = sound(*snapshot); !whole) return fail(whole.error());
  if (!row) {
    return fail(INTRAY_E_NOT_FOUND,
                "there is no import " + shown(job) + ", or it finished long ago");
  }
  return store::decode<JobState>(row->value);
}

Result<Slice> find_slice(const store::Store& store, std::string_view job, std::uint32_t number) {
  const auto snapshot = store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto row = snapshot->customer("").host_row(slice_key(job, number));
  if (row) return store::decode<Slice>(row->value);
  return fail(INTRAY_E_NOT_FOUND, "slice " + std::to_string(number) + " of import " +
                                      std::string(job) + " cannot be read: run the store check");
}

}  // namespace intray::inventory
