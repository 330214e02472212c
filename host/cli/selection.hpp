// "1,3-5" or "all": which numbered rows a person means.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "intray/result.hpp"

namespace intray::cli {

/// Indexes from 0, ascending, each once. INTRAY_E_INVALID with a sentence when the text is no
/// selection of 1..count.
Result<std::vector<std::size_t>> parse_selection(std::string_view text, std::size_t count);

}  // namespace intray::cli
