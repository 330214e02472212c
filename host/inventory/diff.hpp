// What an inventory file would change: each customer that it names, against the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/inventory/rows.hpp"
#include "host/store/store.hpp"

namespace intray::inventory {

struct DiffRow {
  std::string customer, device_id, model, address;
};

struct Counts {
  std::uint64_t added = 0, changed = 0, removed = 0, rejected = 0;
  bool operator==(const Counts&) const = default;
};

/// In order of (customer, device), `rejected` in order of lines. Each list ends after
/// kListedRowsMax; the counts are whole. A moved device is removed from one customer and added to
/// another.
struct Diff {
  std::vector<DiffRow> added, changed, removed;
  std::vector<Rejected> rejected;
  Counts counts;
};

/// A device that leaves its customer.
struct Leave {
  std::string customer, device_id;
  bool moved = false;  // it enters another customer
};

/// A device that enters, or changes.
struct Put {
  std::uint32_t row = 0;  // in Rows::rows
  bool added = false;
};

/// The same as work; both in order of (customer, device). All leave before any enters.
struct Plan {
  std::vector<Leave> leaves;
  std::vector<Put> puts;
};

struct Compared {
  Diff diff;
  Plan plan;  // of use only when nothing was rejected
};

/// The file is the whole truth for each customer that it names and silent on others. Rejects, with
/// `move` unset, rows whose device another customer holds. Reads page by page: nothing else may
/// import meanwhile.
/// INTRAY_E_BUSY      no snapshot is to be had now.
/// INTRAY_E_INTERNAL  a row of the store does not verify.
Result<Compared> compare(const store::Store& store, Rows& rows, bool move);

/// The device as it is after the import; columns that the file lacks keep what `stored` has.
store::Device device_of(const Row& row, const OptionalColumns& columns,
                        const std::optional<store::Device>& stored);

}  // namespace intray::inventory
