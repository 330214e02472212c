#include "host/inventory/slicer.hpp"

#include <map>
#include <string_view>

#include "host/inventory/stored_devices.hpp"

namespace intray::inventory {
namespace {

std::size_t bytes_of(const store::Device& d) {
  constexpr std::size_t kFixed = 8 * sizeof(std::uint32_t) + sizeof d.performance;
  return kFixed + d.device_id.size() + d.customer.size() + d.model.size() + d.address.size() +
         d.vendor.size() + d.serial.size() + d.firmware.size() + d.name.size();
}

class Slicer {
 public:
  Slicer(const store::Store& store, const Rows& rows, const Plan& plan, const SliceSink& sink)
      : store_(store), rows_(rows), plan_(plan), sink_(sink) {}

  Result<void> run() {
    count();
    if (auto done = cut_leaves(); !done) return done;
    return cut_puts();
  }

 private:
  struct Totals {
    Counts counts;
    bool has_puts = false;
  };

  const Row& row(const Put& put) const { return rows_.rows[put.row]; }

  void count() {
    for (const auto& leave : plan_.leaves) ++totals_[leave.customer].counts.removed;
    for (const auto& put : plan_.puts) {
      auto& totals = totals_[row(put).customer];
      ++(put.added ? totals.counts.added : totals.counts.changed);
      totals.has_puts = true;
    }
  }

  Slice slice_of(std::string_view customer) const {
    Slice slice;
    slice.customer = customer;
    slice.counts = totals_.at(customer).counts;
    return slice;
  }

  Result<void> cut_leaves() {
    for (auto leave = plan_.leaves.begin(); leave != plan_.leaves.end();) {
      auto slice = slice_of(leave->customer);
      std::size_t bytes = 0;
      for (; leave != plan_.leaves.end() && leave->customer == slice.customer; ++leave) {
        bytes += leave->device_id.size() + sizeof(std::uint64_t);
        if (slice.leaves.size() == kSliceDevicesMax || bytes > kSliceBytesMax) break;
        slice.leaves.push_back({leave->device_id, leave->moved});
      }
      const bool ended = leave == plan_.leaves.end() || leave->customer != slice.customer;
      slice.last = ended && !totals_.at(slice.customer).has_puts;
      if (auto taken = sink_(slice); !taken) return taken;
    }
    return {};
  }

  Result<void> cut_puts() {
    for (auto put = plan_.puts.begin(); put != plan_.puts.end();) {
      auto slice = slice_of(row(*put).customer);
      const auto next = fill(slice, put);
      if (!next) return fail(next.error());
      put = *next;
      slice.last = put == plan_.puts.end() || row(*put).customer != slice.customer;
      if (auto taken = sink_(slice); !taken) return taken;
    }
    return {};
  }

  using Puts = std::vector<Put>::const_iterator;
  Result<Puts> fill(Slice& slice, Puts put) const {
    const auto snapshot = store_.snapshot();
    if (!snapshot) return fail(snapshot.error());
    const auto view = snapshot->customer(slice.customer);
    std::size_t bytes = 0;
    for (; put != plan_.puts.end() && row(*put).customer == slice.customer; ++put) {
      const auto stored =
          put->added ? std::optional<store::Device>() : view.device(row(*put).device_id);
      auto device = device_of(row(*put), rows_.columns, stored);
      bytes += bytes_of(device);
      if (slice.puts.size() == kSliceDevicesMax || bytes > kSliceBytesMax) break;
      slice.puts.push_back(std::move(device));
    }
    if (const auto whole = sound(*snapshot); !whole) return fail(whole.error());
    return put;
  }

  const store::Store& store_;
  const Rows& rows_;
  const Plan& plan_;
  const SliceSink& sink_;
  std::map<std::string_view, Totals> totals_;
};

}  // namespace

Result<void> cut(const store::Store& store, const Rows& rows, const Plan& plan,
                 const SliceSink& sink) {
  return Slicer(store, rows, plan, sink).run();
}

}  // namespace intray::inventory
