#include "host/config/keys.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>

namespace intray::config {
namespace {

template <class Number>
Key number(std::string_view name, Number Config::*field, std::uint64_t min, std::uint64_t max,
           std::string_view meaning) {
  return {name, meaning,
          [=](Config& config, const std::string& text) -> std::string {
            std::uint64_t value = 0;
            const auto* end = text.data() + text.size();
            const auto [read, error] = std::from_chars(text.data(), end, value);
            if (error != std::errc() || read != end || value < min || value > max) {
              return "'" + text + "' is no number from " + std::to_string(min) + " to " +
                     std::to_string(max);
            }
            config.*field = static_cast<Number>(value);
            return "";
          },
          [=](const Config& config) { return std::to_string(config.*field); },
          std::to_string(min) + " to " + std::to_string(max)};
}

Key path(std::string_view name, std::filesystem::path Config::*field, std::string_view meaning) {
  return {name, meaning,
          [=](Config& config, const std::string& value) {
            config.*field = value;
            return std::string();
          },
          [=](const Config& config) { return (config.*field).string(); }};
}

Key one_of(std::string_view name, std::string Config::*field, std::vector<std::string> allowed,
           std::string_view meaning) {
  return {name, meaning,
          [=](Config& config, const std::string& value) -> std::string {
            if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
              std::string names;
              for (const auto& word : allowed) names += (names.empty() ? "" : ", ") + word;
              return "'" + value + "' is none of " + names;
            }
            config.*field = value;
            return "";
          },
          [=](const Config& config) { return config.*field; }};
}

Key words(std::string_view name, std::vector<std::string> Config::*field,
          std::string_view meaning) {
  return {name, meaning,
          [=](Config& config, const std::string& value) {
            std::istringstream stream(value);
            (config.*field).clear();
            for (std::string word; stream >> word;) (config.*field).push_back(word);
            return std::string();
          },
          [=](const Config& config) {
            std::string all;
            for (const auto& word : config.*field) all += (all.empty() ? "" : " ") + word;
            return all;
          }};
}

// "ADDRESS:PORT" or "[IPv6]:PORT".
std::string wrong_with_listen(const std::string& value) {
  const auto colon = value.rfind(':');
  std::uint32_t port = 0;
  const auto* end = value.data() + value.size();
  if (colon == std::string::npos || colon == 0) return "'" + value + "' is no ADDRESS:PORT";
  const auto [read, error] = std::from_chars(value.data() + colon + 1, end, port);
  if (error != std::errc() || read != end || port > 65535) {
    return "'" + value + "' has no port from 0 to 65535";
  }
  return "";
}

void add_listener(std::vector<Key>& keys, std::string_view name, std::string_view certificate,
                  std::string_view key, ListenerConfig Config::*listener) {
  keys.push_back({name, "ADDRESS:PORT to listen on; port 0 = any free one",
                  [=](Config& config, const std::string& value) {
                    auto wrong = wrong_with_listen(value);
                    if (wrong.empty()) (config.*listener).listen = value;
                    return wrong;
                  },
                  [=](const Config& config) { return (config.*listener).listen; }});
  keys.push_back({certificate, "PEM chain; together with tls_key it switches TLS on",
                  [=](Config& config, const std::string& value) {
                    (config.*listener).tls_certificate = value;
                    return std::string();
                  },
                  [](const Config&) { return std::string(); }});
  keys.push_back({key, "PEM private key",
                  [=](Config& config, const std::string& value) {
                    (config.*listener).tls_key = value;
                    return std::string();
                  },
                  [](const Config&) { return std::string(); }});
}

std::vector<Key> make_keys() {
  constexpr std::uint64_t kMib = 1U << 20U;
  std::vector<Key> keys = {
      path("store.directory", &Config::store_directory, "where LMDB keeps its files; a local disk"),
      number("store.map_bytes", &Config::store_map_bytes, kMib, 1ULL << 44U,
             "the most that the store may grow to"),
      number("store.reserve_bytes", &Config::store_reserve_bytes, 0, 1ULL << 50U,
             "free disk below which only registrations and stops are written"),
      path("keys.directory", &Config::keys_directory, "the daemon's secrets; never in a backup"),
      path("operator.socket", &Config::operator_socket, "Unix socket of the operator's commands"),
      words("hosts", &Config::hosts, "further host names that requests may carry"),
      path("plugins.directory", &Config::plugins_directory, "where plugin libraries lie"),
      words("plugins.platform", &Config::platform_plugins,
            "ids of plugins that may extend the host"),
      number("http.connections_max", &Config::http_connections_max, 16, 100000,
             "open connections of all listeners"),
      number("http.workers", &Config::http_workers, 1, 256,
             "threads that run handlers; those that wait for the disk share an fsync"),
      number("polls.interval_s", &Config::poll_interval_s, 1, 604800,
             "seconds between a device's polls, unless the customer's settings say otherwise"),
      number("polls.concurrent_max", &Config::polls_concurrent_max, 1, 1000000,
             "polls that all wakes together may make due within a second"),
      number(
          "codes.life_s", &Config::code_life_s, 1, 7776000,
          "seconds that a registration code lives, unless the customer's settings say otherwise"),
      one_of("log.level", &Config::log_level, {"debug", "info", "warn", "error"},
             "debug, info, warn or error"),
      one_of("log.format", &Config::log_format, {"text", "json"}, "text or json"),
      path("log.file", &Config::log_file, "default standard error"),
  };
  keys.push_back({"metrics.listen", "ADDRESS:PORT of /metrics without a token; default none",
                  [](Config& config, const std::string& value) {
                    auto wrong = value.empty() ? std::string() : wrong_with_listen(value);
                    if (wrong.empty()) config.metrics_listen = value;
                    return wrong;
                  },
                  [](const Config& config) { return config.metrics_listen; }});
  keys.push_back({"public_device_url", "the URL that devices use; default http(s)://devices.listen",
                  [](Config& config, const std::string& value) -> std::string {
                    const auto slashes = value.find("://");
                    const auto scheme = value.substr(0, slashes);
                    const bool has_host = slashes != std::string::npos &&
                                          slashes + 3 < value.size() && value[slashes + 3] != '/';
                    if (!has_host || (scheme != "https" && scheme != "http")) {
                      return "'" + value + "' is no URL: write https://HOST or https://HOST:PORT";
                    }
                    config.public_device_url = value;
                    return "";
                  },
                  [](const Config& config) { return config.public_device_url; }});
  add_listener(keys, "devices.listen", "devices.tls_certificate", "devices.tls_key",
               &Config::devices);
  add_listener(keys, "administrators.listen", "administrators.tls_certificate",
               "administrators.tls_key", &Config::administrators);
  std::sort(keys.begin(), keys.end(), [](const Key& a, const Key& b) { return a.name < b.name; });
  return keys;
}

// Levenshtein distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

const std::vector<Key>& known_keys() {
  static const auto keys = make_keys();
  return keys;
}

std::string suggestion(std::string_view key) {
  std::string best;
  std::size_t least = std::max<std::size_t>(key.size() / 3, 2) + 1;
  for (const auto& known : known_keys()) {
    const auto edits = distance(key, known.name);
    if (edits < least) {
      least = edits;
      best = known.name;
    }
  }
  return best;
}

}  // namespace intray::config
