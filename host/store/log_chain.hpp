// The hash that chains a log row to the one before it: a changed, missing or inserted row shows.
#pragma once

#include <array>

#include "host/store/records.hpp"

namespace intray::store {

/// SHA-256 over the row's encoding with an empty `hash`, which includes the hash of the row before.
std::array<unsigned char, 32> hash_of(const LogRow& row);

}  // namespace intray::store
