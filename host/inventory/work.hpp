// Carries out one slice of an import. Repeating a slice that took effect has none.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/inventory/job.hpp"
#include "host/plugin/call.hpp"

namespace intray::inventory {

/// What plugins add when a device leaves (plugin::PluginHost::leaving): committed together with its
/// removal, asked again when that commit conflicts. Called on a worker, with no lock held.
using Leaving = std::function<Result<std::vector<store::Operation>>(
    const plugin::CallContext& caller, const store::Device& device)>;

/// How a slice that could not be carried out goes on.
struct Trouble {
  Error error;
  bool lasting = false;  // repeating it cannot help
};

class Work {
 public:
  /// The store must outlive it.
  Work(store::Store& store, Leaving leaving) : store_(store), leaving_(std::move(leaving)) {}

  /// Durable when it returns nothing. After trouble a part of the slice may be done: carrying it
  /// out again goes on with the rest.
  std::optional<Trouble> carry_out(const JobState& job, const Slice& slice,
                                   std::uint32_t number) const;

 private:
  using Operations = std::vector<store::Operation>;

  Result<bool> is_done(const JobState& job, const Slice& slice, std::uint32_t number) const;
  std::optional<Trouble> let_leave(const JobState& job, const Slice& slice,
                                   const Operations& closing) const;
  Result<Operations> leave(const JobState& job, const std::string& customer,
                           const SliceLeave& device) const;
  /// Fills a batch from the device at `from`; the index of the first that found no room.
  Result<std::size_t> gather(const JobState& job, const Slice& slice, std::size_t from,
                             std::size_t room, Operations& operations) const;

  store::Store& store_;
  Leaving leaving_;
};

}  // namespace intray::inventory
