// The daemon's configuration: an INFO or INI file, then --set key=value, each key checked.
//
// INFO nests (`store { directory /var/lib/intray }`), INI has sections (`[store]`); both flatten to
// dotted keys (`store.directory`). A plugin's own keys: `plugin { com.example.x { key value } }`,
// `[plugin com.example.x]`, or `--set plugin:com.example.x:key=value`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "intray/result.hpp"

namespace intray::config {

/// Values in the order of the file.
using PluginSection = std::vector<std::pair<std::string, std::string>>;

struct ListenerConfig {
  std::string listen;  // "ADDRESS:PORT"; port 0 = any free one
  std::filesystem::path tls_certificate;
  std::filesystem::path tls_key;
};

struct Config {
  std::filesystem::path store_directory = "/var/lib/intray/store";
  std::uint64_t store_map_bytes = 16ULL << 30U;
  std::uint64_t store_reserve_bytes = 64ULL << 20U;
  std::filesystem::path keys_directory = "/var/lib/intray/keys";
  ListenerConfig devices{"127.0.0.1:8443", {}, {}};
  ListenerConfig administrators{"127.0.0.1:8444", {}, {}};
  std::filesystem::path operator_socket = "/run/intray/operator.sock";
  std::string metrics_listen;      // empty = only on the operator's socket
  std::string public_device_url;   // empty = http(s)://devices.listen
  std::vector<std::string> hosts;  // further names that requests may carry in Host
  std::filesystem::path plugins_directory = "/usr/lib/intray/plugins";
  /// Path prefixes that a platform plugin may answer, by plugin id.
  std::map<std::string, std::vector<std::string>> plugin_routes = {
      {"intray.registration",
       {"/v1/applications", "/v1/devices", "/v1/entitlements", "/v1/services"}}};
  std::vector<std::string> platform_plugins = {"intray.registration"};
  std::uint32_t http_connections_max = 12000;
  std::uint32_t http_workers = 64;
  std::uint32_t poll_interval_s = 86400;
  std::uint32_t polls_concurrent_max = 2000;
  std::uint32_t code_life_s = 30 * 86400;
  std::string log_level = "info";
  std::string log_format = "text";
  std::filesystem::path log_file;                // empty = standard error
  std::map<std::string, PluginSection> plugins;  // by plugin id
};

/// Defaults, then the file (unless empty; by its suffix: .ini or INFO), then each "key=value".
/// INTRAY_E_NOT_FOUND  there is no such file.
/// INTRAY_E_DENIED     others than root or the daemon's user may write it.
/// INTRAY_E_TOO_LARGE  the file is above 1 MiB.
/// INTRAY_E_INVALID    the file includes another or nests deeper than 32, a key is unknown, given
/// twice, or its value is out of range: with file, line
///                     and, when one is close, the key that was probably meant.
Result<Config> load(const std::filesystem::path& file, const std::vector<std::string>& settings);

/// Every key with its meaning, range and default, one line each.
std::string help();

}  // namespace intray::config
