// intray/rows.hpp - what the host lends a platform plugin for a call, as values that it may keep.
// C++17.
#ifndef INTRAY_ROWS_HPP
#define INTRAY_ROWS_HPP

#include <intray/platform.h>

#include <intray/plugin.hpp>
#include <string>

namespace intray {

/// A device, owned.
struct DeviceRow {
  std::string device_id, vendor, model, customer_id, address;
  std::string serial, firmware;
  std::int64_t last_poll_unix_ns = 0;
  std::int64_t next_poll_unix_ns = 0;
  std::uint32_t performance = 0;
};
inline DeviceRow own(const intray_device& device) {
  return {copy(device.device_id),   copy(device.vendor),      copy(device.model),
          copy(device.customer_id), copy(device.address),     copy(device.serial),
          copy(device.firmware),    device.last_poll_unix_ns, device.next_poll_unix_ns,
          device.performance};
}
/// Borrows from the row.
inline intray_device borrow(const DeviceRow& row) {
  intray_device device{};
  device.struct_size = sizeof device;
  device.device_id = str(row.device_id);
  device.vendor = str(row.vendor);
  device.model = str(row.model);
  device.customer_id = str(row.customer_id);
  device.address = str(row.address);
  device.serial = str(row.serial);
  device.firmware = str(row.firmware);
  device.last_poll_unix_ns = row.last_poll_unix_ns;
  device.next_poll_unix_ns = row.next_poll_unix_ns;
  device.performance = row.performance;
  return device;
}

/// A stored row, owned.
struct StoredRow {
  std::string key, value;
  std::uint64_t revision = 0;
};

}  // namespace intray
#endif
