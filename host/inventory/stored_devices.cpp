#include "host/inventory/stored_devices.hpp"

namespace intray::inventory {

Result<void> sound(const store::Snapshot& snapshot) {
  const auto what = snapshot.corruption();
  if (what.empty()) return {};
  return fail(INTRAY_E_INTERNAL,
              "the inventory cannot be compared, run the store check first: " + what);
}

Result<const store::Device*> StoredDevices::peek() {
  if (at_ == page_.size() && !last_page_) {
    const auto snapshot = store_.snapshot();
    if (!snapshot) return fail(snapshot.error());
    const auto after = page_.empty() ? std::string() : page_.back().device_id;
    page_ = snapshot->customer(customer_).devices(after, store::kPageRowsMax);
    if (const auto whole = sound(*snapshot); !whole) return fail(whole.error());
    at_ = 0;
    last_page_ = page_.size() < store::kPageRowsMax;
  }
  return at_ < page_.size() ? &page_[at_] : nullptr;
}

}  // namespace intray::inventory
