#include "host/config/file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/property_tree/info_parser.hpp>
#include <boost/property_tree/ini_parser.hpp>
#include <fstream>

namespace intray::config {
namespace {

namespace pt = boost::property_tree;

// Ids hold dots, so a plugin's keys are told apart by colons.
constexpr std::string_view kPluginSection = "plugin";

Result<void> check_owner(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    return fail(INTRAY_E_NOT_FOUND, "there is no configuration file " + file.string());
  }
  const bool ours = status.st_uid == 0 || status.st_uid == geteuid();
  if (!ours || (status.st_mode & 0022U) != 0) {
    return fail(INTRAY_E_DENIED, file.string() +
                                     " may be written by others: make it root's or the daemon's "
                                     "own, and chmod go-w");
  }
  return {};
}

// PropertyTree keeps no line numbers: the first line that begins with the last part of the key.
std::string line_of(const std::filesystem::path& file, const std::string& word) {
  std::ifstream stream(file);
  std::string line;
  for (std::size_t number = 1; std::getline(stream, line); ++number) {
    const auto start = line.find_first_not_of(" \t");
    if (start == std::string::npos || line.compare(start, word.size(), word) != 0) continue;
    const auto end = start + word.size();
    if (end == line.size() || std::string_view(" \t={").find(line[end]) != std::string::npos) {
      return file.string() + ":" + std::to_string(number);
    }
  }
  return file.string();
}

void flatten(const pt::ptree& tree, const std::string& prefix, char separator,
             const std::filesystem::path& file, std::vector<Entry>& entries) {
  for (const auto& [name, child] : tree) {
    auto key = prefix.empty() ? name : prefix + separator + name;
    if (!child.empty()) {
      flatten(child, key, separator, file, entries);
    } else {
      entries.push_back({std::move(key), child.data(), line_of(file, name)});
    }
  }
}

bool takes_ids(const std::string& section) { return section == kPluginSection; }

}  // namespace

Result<std::vector<Entry>> read_file(const std::filesystem::path& file) {
  if (const auto owned = check_owner(file); !owned) return fail(owned.error());
  const bool ini = file.extension() == ".ini";
  pt::ptree tree;
  try {
    ini ? pt::read_ini(file.string(), tree) : pt::read_info(file.string(), tree);
  } catch (const pt::file_parser_error& error) {
    return fail(INTRAY_E_INVALID,
                file.string() + ":" + std::to_string(error.line()) + ": " + error.message());
  }
  std::vector<Entry> entries;
  for (const auto& [name, child] : tree) {
    // INI writes [plugin com.example.x]; INFO nests plugin { com.example.x { ... } }.
    const auto space = name.find(' ');
    const auto section = name.substr(0, space);
    if (takes_ids(section) && space != std::string::npos) {
      flatten(child, section + ":" + name.substr(space + 1), ':', file, entries);
    } else if (takes_ids(section)) {
      flatten(child, section, ':', file, entries);
    } else if (child.empty()) {
      entries.push_back({name, child.data(), line_of(file, name)});
    } else {
      flatten(child, name, '.', file, entries);
    }
  }
  return entries;
}

}  // namespace intray::config
