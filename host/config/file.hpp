// A configuration file as flat keys with the lines they stand on. The one user of PropertyTree.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "intray/result.hpp"

namespace intray::config {

struct Entry {
  std::string key;  // "store.directory", "plugin:com.example.x:key", "plugins.routes:ID"
  std::string value;
  std::string where;  // "intray.conf:12" or "--set"
};

/// Errors: see load().
Result<std::vector<Entry>> read_file(const std::filesystem::path& file);

}  // namespace intray::config
