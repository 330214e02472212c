#include "host/plugin/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>

#include "intray/crossing.hpp"

namespace intray::plugin {
namespace {

constexpr std::uint32_t kPluginsMax = 64;

Failure refused(const std::string& why) { return fail(INTRAY_E_INVALID, why); }

Result<const intray_entry*> entry_of(const std::filesystem::path& file) {
  namespace dll = boost::dll;
  // Kept for ever: a plugin's threads and static data may outlive any handle. RTLD_NODELETE says so
  // to the loader, whoever else closes it.
  const auto mode = static_cast<dll::load_mode::type>(dll::load_mode::rtld_now |
                                                      dll::load_mode::rtld_local | RTLD_NODELETE);
  dll::shared_library library;
  dll::fs::error_code loading;
  library.load(file, mode, loading);
  if (loading) {
    const char* why = dlerror();  // names the missing symbol or library; Boost's code does not
    return refused("it cannot be loaded: " + (why == nullptr ? loading.message() : why));
  }
  if (!library.has(INTRAY_ENTRY_SYMBOL)) {
    return refused("it does not export " INTRAY_ENTRY_SYMBOL ": it is no plugin of ABI major 1");
  }
  auto& function = library.get<intray_entry_fn>(INTRAY_ENTRY_SYMBOL);
  const auto* entry = function();
  if (entry == nullptr || entry->struct_size < offsetof(intray_entry, abi_major) ||
      entry->magic != INTRAY_ENTRY_MAGIC || !INTRAY_HAS(entry, intray_entry, get_factory)) {
    return refused("its entry is not what ABI major 1 says");
  }
  if (entry->abi_major != INTRAY_ABI_MAJOR) {
    return refused("it was built for ABI major " + std::to_string(entry->abi_major) +
                   ", this host has " + std::to_string(INTRAY_ABI_MAJOR));
  }
  if (entry->abi_min_minor > INTRAY_ABI_MINOR) {
    return refused("it needs ABI minor " + std::to_string(entry->abi_min_minor) +
                   ", this host has " + std::to_string(INTRAY_ABI_MINOR) + ": upgrade the host");
  }
  if (entry->flags != 0) return refused("its entry has flags that this host does not know");
  if (entry->init == nullptr || entry->get_factory == nullptr) {
    return refused("its entry lacks init or get_factory");
  }
  return entry;
}

bool written_by_others(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return true;
  const bool ours = status.st_uid == 0 || status.st_uid == geteuid();
  return !ours || (status.st_mode & 0022U) != 0;
}

}  // namespace

Result<std::vector<Offer>> load_library(const std::filesystem::path& file) {
  const auto entry = entry_of(file);
  if (!entry) return fail(entry.error());
  const auto path = file.string();
  ErrorSlot error;
  if (const auto ready = error.result((*entry)->init(str(path), error)); !ready) {
    return refused("its entry failed: " + ready.error().message);
  }
  const auto* factory =
      static_cast<const intray_plugin_factory*>((*entry)->get_factory(INTRAY_FACTORY_PLUGIN));
  if (factory == nullptr || !INTRAY_HAS(factory, intray_plugin_factory, create) ||
      factory->count == nullptr || factory->descriptor == nullptr || factory->create == nullptr) {
    return refused("it has no " INTRAY_FACTORY_PLUGIN);
  }
  const auto count = factory->count();
  if (count == 0 || count > kPluginsMax) {
    return refused("it offers " + std::to_string(count) + " plugins (1 to 64)");
  }
  std::vector<Offer> offers;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto info = checked(factory->descriptor(i));
    if (!info) return refused(info.error().message);
    offers.push_back({std::move(*info), factory});
  }
  return offers;
}

Result<std::vector<std::filesystem::path>> libraries_in(const std::filesystem::path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    return fail(INTRAY_E_NOT_FOUND, "there is no plugins.directory " + directory.string() +
                                        ": make it, or set the key");
  }
  if (written_by_others(directory)) {
    return fail(INTRAY_E_DENIED, directory.string() +
                                     " may be written by others, who could run code as the daemon: "
                                     "make it root's, and chmod go-w");
  }
  std::vector<std::filesystem::path> files;
  for (const auto& item : std::filesystem::directory_iterator(directory, error)) {
    if (item.path().extension() != ".so" || !item.is_regular_file(error)) continue;
    if (written_by_others(item.path())) {
      return fail(INTRAY_E_DENIED, item.path().string() + " may be written by others: chmod go-w");
    }
    files.push_back(item.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace intray::plugin
