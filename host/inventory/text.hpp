// What an inventory's values may look like.
#pragma once

#include <string>
#include <string_view>

namespace intray::inventory {

/// [A-Za-z0-9][A-Za-z0-9._:-]* of at most `bytes_max` bytes, as everywhere in the API.
bool is_id(std::string_view text, std::size_t bytes_max);

/// UTF-8 without control characters, of at most `bytes_max` bytes, no space at either end.
bool is_text(std::string_view text, std::size_t bytes_max);

/// In quotes for a message: cut after 64 bytes, what is not printable ASCII as '?'.
std::string shown(std::string_view value);

}  // namespace intray::inventory
