#include "host/config/file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/property_tree/info_parser.hpp>
#include <boost/property_tree/ini_parser.hpp>
#include <fstream>
#include <sstream>

namespace intray::config {
namespace {

namespace pt = boost::property_tree;

// Ids hold dots, so a plugin's keys are told apart by colons.
constexpr std::string_view kPluginSection = "plugin";
constexpr std::size_t kFileBytesMax = 1U << 20U;
constexpr std::ptrdiff_t kDepthMax = 32;

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

Result<std::string> contents_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() <= kFileBytesMax) return text;
  return fail(INTRAY_E_TOO_LARGE, file.string() + " is above 1 MiB: is it a configuration?");
}

// What PropertyTree would do and must not: read other files, whose owner nobody checked, and
// recurse as deep as a file says.
Result<void> check_nesting(const std::string& text, const std::string& file) {
  std::istringstream lines(text);
  std::string line;
  std::ptrdiff_t depth = 0;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    const auto where = file + ":" + std::to_string(number);
    // The one directive is #include, with or without blanks of any kind around the '#'.
    const auto start = line.find_first_not_of(" \t\r\v\f");
    if (start != std::string::npos && line[start] == '#') {
      return fail(
          INTRAY_E_INVALID,
          where + ": #include is not taken: write it into this file; a comment begins with ;");
    }
    depth += std::count(line.begin(), line.end(), '{') - std::count(line.begin(), line.end(), '}');
    if (depth > kDepthMax) return fail(INTRAY_E_INVALID, where + ": nested deeper than 32");
  }
  return {};
}

// PropertyTree keeps no line numbers, but the order of the file: each key is looked for behind the
// one before it and its value.
class Lines {
 public:
  Lines(const std::string& text, std::string file) : text_(text), file_(std::move(file)) {}

  /// "intray.conf:12"; the file alone where the key stands in a form that is not found.
  std::string pass(const std::string& key, const std::string& value) {
    const auto at = find(key);
    if (at == std::string::npos) return file_;
    const auto line =
        1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    at_ = at + key.size();
    if (const auto behind = text_.find(value, at_); behind != std::string::npos)
      at_ = behind + value.size();
    return file_ + ":" + std::to_string(line);
  }

 private:
  // As a whole word, and not in a comment.
  std::size_t find(const std::string& key) const {
    constexpr std::string_view kEnds = " \t\r\n{}=[]\"";
    for (auto at = text_.find(key, at_); at != std::string::npos; at = text_.find(key, at + 1)) {
      const auto line = text_.rfind('\n', at) + 1;  // npos + 1 = 0
      const bool comment = text_.substr(line, at - line).find_first_of(";#") != std::string::npos;
      const auto end = at + key.size();
      const bool begins = at == 0 || kEnds.find(text_[at - 1]) != std::string_view::npos;
      const bool ends = end == text_.size() || kEnds.find(text_[end]) != std::string_view::npos;
      if (begins && ends && !comment) return at;
    }
    return std::string::npos;
  }

  const std::string& text_;
  std::string file_;
  std::size_t at_ = 0;
};

void flatten(const pt::ptree& tree, const std::string& prefix, char separator, Lines& lines,
             std::vector<Entry>& entries) {
  for (const auto& [name, child] : tree) {
    auto key = prefix.empty() ? name : prefix + separator + name;
    auto where = lines.pass(name, child.data());
    if (!child.empty()) {
      flatten(child, key, separator, lines, entries);
    } else {
      entries.push_back({std::move(key), child.data(), std::move(where)});
    }
  }
}

bool takes_ids(const std::string& section) { return section == kPluginSection; }

}  // namespace

Result<std::vector<Entry>> read_file(const std::filesystem::path& file) {
  if (const auto owned = check_owner(file); !owned) return fail(owned.error());
  const auto text = contents_of(file);
  if (!text) return fail(text.error());
  const bool ini = file.extension() == ".ini";
  if (auto flat = check_nesting(*text, file.string()); !flat && !ini) return fail(flat.error());
  pt::ptree tree;
  try {
    std::istringstream stream(*text);
    ini ? pt::read_ini(stream, tree) : pt::read_info(stream, tree);
  } catch (const pt::file_parser_error& error) {
    return fail(INTRAY_E_INVALID,
                file.string() + ":" + std::to_string(error.line()) + ": " + error.message());
  }
  std::vector<Entry> entries;
  Lines lines(*text, file.string());
  for (const auto& [name, child] : tree) {
    auto where = lines.pass(name, child.data());
    // INI writes [plugin com.example.x]; INFO nests plugin { com.example.x { ... } }.
    const auto space = name.find(' ');
    const auto section = name.substr(0, space);
    if (takes_ids(section) && space != std::string::npos) {
      flatten(child, section + ":" + name.substr(space + 1), ':', lines, entries);
    } else if (takes_ids(section)) {
      flatten(child, section, ':', lines, entries);
    } else if (child.empty()) {
      entries.push_back({name, child.data(), std::move(where)});
    } else {
      flatten(child, name, '.', lines, entries);
    }
  }
  return entries;
}

}  // namespace intray::config
