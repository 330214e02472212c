#include "host/cli/selection.hpp"

#include <charconv>
#include <optional>
#include <set>
#include <string>

namespace intray::cli {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::size_t> number(std::string_view text, std::size_t count) {
  const auto digits = trimmed(text);
  std::size_t value = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (bad != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (value < 1 || value > count) return std::nullopt;
  return value;
}

}  // namespace

Result<std::vector<std::size_t>> parse_selection(std::string_view text, std::size_t count) {
  std::set<std::size_t> chosen;
  const auto add = [&](std::size_t first, std::size_t last) {
    for (auto value = first; value <= last; ++value) chosen.insert(value - 1);
  };
  if (trimmed(text) == "all" && count > 0) {
    add(1, count);
    return std::vector<std::size_t>(chosen.begin(), chosen.end());
  }
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const auto part = trimmed(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const auto dash = part.find('-');
    const auto first = number(part.substr(0, dash), count);
    const auto last = dash == std::string_view::npos ? first : number(part.substr(dash + 1), count);
    if (!first || !last || *first > *last) {
      return fail(INTRAY_E_INVALID, "'" + std::string(part) + "' is no number from 1 to " +
                                        std::to_string(count) + ": write such as 1,3-5 or all");
    }
    add(*first, *last);
  }
  return std::vector<std::size_t>(chosen.begin(), chosen.end());
}

}  // namespace intray::cli
