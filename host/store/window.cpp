#include "host/store/window.hpp"

namespace intray::store {

Result<const Snapshot*> Window::look() {
  if (store_ == nullptr) return fail(INTRAY_E_UNAVAILABLE, "there is no store to look into");
  if (!snapshot_ || !snapshot_->is_newest()) {
    snapshot_.reset();  // gives its reader back before another one is taken
    auto taken = store_->snapshot();
    if (!taken) return fail(taken.error());
    snapshot_ = std::move(*taken);
  }
  return &*snapshot_;
}

}  // namespace intray::store
