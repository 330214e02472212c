#include "host/config/config.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "host/config/file.hpp"
#include "host/config/keys.hpp"

namespace intray::config {
namespace {

constexpr std::string_view kPlugin = "plugin:";
constexpr std::string_view kRoutes = "plugins.routes.";

std::vector<std::string> split(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Failure wrong(const Entry& entry, const std::string& what) {
  return fail(INTRAY_E_INVALID, entry.where + ": " + entry.key + ": " + what);
}

Result<void> set_plugin(Config& config, const Entry& entry) {
  const auto id_and_key = entry.key.substr(kPlugin.size());
  const auto colon = id_and_key.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == id_and_key.size()) {
    return wrong(entry, "a plugin's key is written plugin:ID:KEY");
  }
  auto key = id_and_key.substr(colon + 1);
  std::replace(key.begin(), key.end(), ':', '.');
  config.plugins[id_and_key.substr(0, colon)].emplace_back(key, entry.value);
  return {};
}

Result<void> set(Config& config, const Entry& entry) {
  if (starts_with(entry.key, kPlugin)) return set_plugin(config, entry);
  if (starts_with(entry.key, kRoutes)) {
    config.plugin_routes[entry.key.substr(kRoutes.size())] = split(entry.value);
    return {};
  }
  for (const auto& key : known_keys()) {
    if (key.name != entry.key) continue;
    const auto complaint = key.set(config, entry.value);
    return complaint.empty() ? Result<void>() : wrong(entry, complaint);
  }
  const auto meant = suggestion(entry.key);
  return wrong(entry, meant.empty() ? "there is no such key: see intrayd --help-config"
                                    : "there is no such key; did you mean " + meant + "?");
}

Result<Entry> parse_setting(const std::string& setting) {
  const auto equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(INTRAY_E_INVALID, "--set " + setting + ": write it KEY=VALUE");
  }
  return Entry{setting.substr(0, equals), setting.substr(equals + 1), "--set"};
}

Result<void> check_tls(const ListenerConfig& listener, const std::string& name) {
  if (listener.tls_certificate.empty() == listener.tls_key.empty()) return {};
  return fail(INTRAY_E_INVALID, name + ".tls_certificate and " + name +
                                    ".tls_key belong together: give both or neither");
}

}  // namespace

Result<Config> load(const std::filesystem::path& file, const std::vector<std::string>& settings) {
  Config config;
  if (!file.empty()) {
    const auto entries = read_file(file);
    if (!entries) return fail(entries.error());
    std::set<std::string> seen;
    for (const auto& entry : *entries) {
      if (!seen.insert(entry.key).second) return wrong(entry, "is given twice");
      if (const auto done = set(config, entry); !done) return fail(done.error());
    }
  }
  for (const auto& setting : settings) {
    const auto entry = parse_setting(setting);
    if (!entry) return fail(entry.error());
    if (const auto done = set(config, *entry); !done) return fail(done.error());
  }
  for (const auto& checked :
       {check_tls(config.devices, "devices"), check_tls(config.administrators, "administrators")}) {
    if (!checked) return fail(checked.error());
  }
  return config;
}

std::string help() {
  std::string text;
  const Config defaults;
  for (const auto& key : known_keys()) {
    std::string name(key.name);
    name.resize(std::max<std::size_t>(name.size() + 1, 32), ' ');
    text += name + std::string(key.meaning);
    if (!key.range.empty()) text += ", " + key.range;
    if (const auto value = key.show(defaults); !value.empty()) text += " [" + value + "]";
    text += '\n';
  }
  text += "plugins.routes.ID               path prefixes that a platform plugin may answer\n";
  text += "plugin:ID:KEY                   a plugin's own keys\n";
  return text;
}

}  // namespace intray::config
