// One customer's rows, on behalf of one call: what nearly every function here works on.
#pragma once

#include <intray/platform.hpp>
#include <string>

namespace intray::registration {

inline constexpr std::size_t kKeyBytesMax = 255;  // of an own row

/// Borrows the platform and the call; lives as long as the call.
struct Scope {
  const Platform& platform;
  const intray_call& call;
  std::string customer;

  std::int64_t now() const { return platform.now(); }
  /// Keys are made of what a request says: one that is too long names nothing.
  Result<std::optional<StoredRow>> get(std::string_view key, std::uint64_t snapshot = 0) const {
    if (key.size() > kKeyBytesMax) return std::optional<StoredRow>();
    return platform.get(customer, INTRAY_STORE_OWN, key, snapshot);
  }
  Result<std::vector<StoredRow>> walk(std::string_view prefix, std::string_view after,
                                      std::uint32_t limit, std::uint64_t snapshot = 0) const {
    if (prefix.size() > kKeyBytesMax) return std::vector<StoredRow>();
    return platform.walk(customer, INTRAY_STORE_OWN, prefix, after, limit, snapshot);
  }
  Result<void> commit(const Batch& batch) const {
    return batch.commit(platform.host(), call, customer);
  }
};

/// How often a batch is built again from fresh rows when others wrote them first.
inline constexpr int kTriesMax = 5;

/// Are the rows that a batch was built from out of date?
inline bool is_stale(const Error& error) {
  return error.status == INTRAY_E_CONFLICT || error.status == INTRAY_E_NOT_FOUND;
}

}  // namespace intray::registration
