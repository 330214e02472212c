// A plugin library: loaded once, never unloaded. The one user of Boost.DLL.
#pragma once

#include <intray/plugin.h>

#include <filesystem>
#include <memory>

#include "host/plugin/values.hpp"

namespace intray::plugin {

/// One plugin that a library offers.
struct Offer {
  PluginInfo info;
  const intray_plugin_factory* factory = nullptr;
};

/// Loads and validates: entry symbol, magic, ABI version, factory, descriptors.
/// INTRAY_E_INVALID says why the file is refused; nothing of it is used then.
Result<std::vector<Offer>> load_library(const std::filesystem::path& file);

/// The plugin libraries of a directory, in the order of their names.
/// INTRAY_E_NOT_FOUND  the directory is not there.
/// INTRAY_E_DENIED     others than root or the daemon's user may write it, or a file in it.
Result<std::vector<std::filesystem::path>> libraries_in(const std::filesystem::path& directory);

}  // namespace intray::plugin
