// The known keys: how each is read into a Config, and what it means.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.hpp"

namespace intray::config {

struct Key {
  std::string_view name;
  std::string_view meaning;
  /// Empty when the value was taken; otherwise what is wrong with it.
  std::function<std::string(Config&, const std::string&)> set;
  std::function<std::string(const Config&)> show;
  std::string range = {};  // of a number: "1 to 256"
};

const std::vector<Key>& known_keys();

/// The known key that is closest to this one, or "" when none is close.
std::string suggestion(std::string_view key);

}  // namespace intray::config
