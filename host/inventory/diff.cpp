#include "host/inventory/diff.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_set>

#include "host/inventory/stored_devices.hpp"
#include "host/inventory/text.hpp"

namespace intray::inventory {
namespace {

template <class Device>
void list(std::vector<DiffRow>& rows, const Device& device) {
  if (rows.size() == kListedRowsMax) return;
  rows.push_back({std::string(device.customer), std::string(device.device_id),
                  std::string(device.model), std::string(device.address)});
}

class Comparison {
 public:
  Comparison(const store::Store& store, Rows& rows, bool move)
      : store_(store), rows_(rows), move_(move) {}

  Result<Compared> run();

 private:
  using Order = std::vector<std::uint32_t>;

  const Row& row(std::uint32_t index) const { return rows_.rows[index]; }
  bool before(std::uint32_t a, std::uint32_t b) const {
    return std::tie(row(a).customer, row(a).device_id) <
           std::tie(row(b).customer, row(b).device_id);
  }
  bool names(std::string_view customer) const;

  Result<void> compare_customer(Order::const_iterator begin, Order::const_iterator end);
  void changed_or_same(std::uint32_t index, const store::Device& stored);
  void gone(const store::Device& stored, bool moved);
  Result<void> resolve_new();
  Result<void> resolve(const store::Snapshot& snapshot, std::uint32_t index);
  void list_puts();

  const store::Store& store_;
  Rows& rows_;
  bool move_;
  Order order_;                                    // rows by (customer, device)
  Order new_;                                      // rows whose device their customer does not hold
  std::unordered_set<std::string_view> entering_;  // device ids of the file, when they may move
  Compared result_;
};

Result<Compared> Comparison::run() {
  order_.resize(rows_.rows.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::sort(order_.begin(), order_.end(), [this](auto a, auto b) { return before(a, b); });
  if (move_) {
    for (const auto& row : rows_.rows) {
      if (!row.rejected) entering_.insert(row.device_id);
    }
  }
  for (auto begin = order_.cbegin(); begin != order_.cend();) {
    const auto customer = row(*begin).customer;
    const auto end = std::find_if(begin, order_.cend(),
                                  [&](auto index) { return row(index).customer != customer; });
    if (auto done = compare_customer(begin, end); !done) return fail(done.error());
    begin = end;
  }
  if (auto done = resolve_new(); !done) return fail(done.error());

  auto& [diff, plan] = result_;
  std::sort(plan.leaves.begin(), plan.leaves.end(), [](const Leave& a, const Leave& b) {
    return std::tie(a.customer, a.device_id) < std::tie(b.customer, b.device_id);
  });
  std::sort(diff.removed.begin(), diff.removed.end(), [](const DiffRow& a, const DiffRow& b) {
    return std::tie(a.customer, a.device_id) < std::tie(b.customer, b.device_id);
  });
  list_puts();
  std::stable_sort(rows_.rejected.begin(), rows_.rejected.end(),
                   [](const Rejected& a, const Rejected& b) { return a.line < b.line; });
  diff.rejected = rows_.rejected;
  diff.counts.rejected = rows_.rejected_count;
  return std::move(result_);
}

// A merge of two lists in order of device id.
Result<void> Comparison::compare_customer(Order::const_iterator begin, Order::const_iterator end) {
  StoredDevices stored(store_, std::string(row(*begin).customer));
  for (auto file = begin;;) {
    const auto held = stored.peek();
    if (!held) return fail(held.error());
    const auto* device = *held;
    if (device == nullptr && file == end) return {};
    if (device == nullptr || (file != end && row(*file).device_id < device->device_id)) {
      if (!row(*file).rejected) new_.push_back(*file);
      ++file;
      continue;
    }
    bool named = false;
    for (; file != end && row(*file).device_id == device->device_id; ++file) {
      if (!row(*file).rejected) changed_or_same(*file, *device);
      named = true;
    }
    if (!named) gone(*device, entering_.count(device->device_id) != 0);
    stored.pop();
  }
}

void Comparison::changed_or_same(std::uint32_t index, const store::Device& stored) {
  if (device_of(row(index), rows_.columns, stored) == stored) return;
  result_.plan.puts.push_back({index, false});
}

void Comparison::gone(const store::Device& stored, bool moved) {
  ++result_.diff.counts.removed;
  list(result_.diff.removed, stored);
  result_.plan.leaves.push_back({stored.customer, stored.device_id, moved});
}

bool Comparison::names(std::string_view customer) const {
  const auto found =
      std::lower_bound(order_.begin(), order_.end(), customer,
                       [this](auto index, auto name) { return row(index).customer < name; });
  return found != order_.end() && row(*found).customer == customer;
}

Result<void> Comparison::resolve_new() {
  for (std::size_t begin = 0; begin < new_.size(); begin += store::kPageRowsMax) {
    const auto snapshot = store_.snapshot();
    if (!snapshot) return fail(snapshot.error());
    const auto end = std::min(begin + store::kPageRowsMax, new_.size());
    for (auto i = begin; i < end; ++i) {
      if (auto done = resolve(*snapshot, new_[i]); !done) return done;
    }
    if (auto whole = sound(*snapshot); !whole) return whole;
  }
  return {};
}

Result<void> Comparison::resolve(const store::Snapshot& snapshot, std::uint32_t index) {
  auto& row = rows_.rows[index];
  const auto holder = snapshot.customer_of(row.device_id);
  if (holder && !move_) {
    row.rejected = true;
    rows_.reject(row.line, row.device_id,
                 "device " + shown(row.device_id) + " is held by customer " + shown(*holder) +
                     ": import with move=true to let it leave there");
    return {};
  }
  // A holder whom the file names, too, was compared: there the device is gone already.
  if (holder && !names(*holder)) {
    const auto device = snapshot.customer(*holder).device(row.device_id);
    if (!device) {
      return fail(INTRAY_E_INTERNAL, "device " + shown(row.device_id) + " of customer " +
                                         shown(*holder) + " cannot be read: run the store check");
    }
    gone(*device, true);
  }
  result_.plan.puts.push_back({index, true});
  return {};
}

void Comparison::list_puts() {
  auto& [diff, plan] = result_;
  std::sort(plan.puts.begin(), plan.puts.end(),
            [this](const Put& a, const Put& b) { return before(a.row, b.row); });
  for (const auto& put : plan.puts) {
    ++(put.added ? diff.counts.added : diff.counts.changed);
    list(put.added ? diff.added : diff.changed, row(put.row));
  }
}

}  // namespace

Result<Compared> compare(const store::Store& store, Rows& rows, bool move) {
  return Comparison(store, rows, move).run();
}

store::Device device_of(const Row& row, const OptionalColumns& columns,
                        const std::optional<store::Device>& stored) {
  auto device = stored.value_or(store::Device());
  device.device_id = row.device_id;
  device.customer = row.customer;
  device.model = row.model;
  device.address = row.address;
  if (columns.vendor) device.vendor = row.vendor;
  if (columns.serial) device.serial = row.serial;
  if (columns.firmware) device.firmware = row.firmware;
  if (columns.name) device.name = row.name;
  if (columns.performance) device.performance = row.performance;
  return device;
}

}  // namespace intray::inventory
