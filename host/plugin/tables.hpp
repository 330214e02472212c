// The host as one plugin sees it: an intray_host with a table for each extension granted to it.
#pragma once

#include <intray/platform.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "host/plugin/gate.hpp"
#include "host/plugin/operations.hpp"
#include "host/plugin/platform.hpp"
#include "intray/crossing.hpp"

namespace intray::plugin {

/// Whether this host has the extension, and whether a plugin of this kind may have it.
bool is_known_extension(std::string_view id);
bool is_granted(std::string_view id, std::uint32_t kind);

/// "", for the rows of no customer, or a customer's id: nothing that could lead to other rows.
bool is_customer(std::string_view text);

class HostTables {
 public:
  HostTables(Services& services, PluginInfo info, Pairs config, std::vector<std::string> prefixes);
  ~HostTables() = default;
  HostTables(const HostTables&) = delete;
  HostTables& operator=(const HostTables&) = delete;

  const intray_host* raw() const { return &host_; }
  Services& services() const { return services_; }
  const PluginInfo& info() const { return info_; }
  const Pairs& config() const { return config_; }
  void note_read(const std::string& key) {
    const std::lock_guard lock(read_mutex_);
    read_keys_.insert(key);
  }
  /// Keys of its configuration that the plugin has not asked for: most likely misspelt.
  std::vector<std::string> unread_keys() const;
  /// Set once its instance has told which instruction types it owns.
  void set_instruction_types(std::vector<std::string> types) {
    sender_.instruction_types = std::move(types);
  }
  const Sender& sender() const { return sender_; }

  /// Shut when the plugin is stopped: whoever of it still runs finds no host.
  Gate& gate() { return gate_; }
  /// Commits whose done is still to come.
  Gate& dones() { return dones_; }

  Result<std::uint64_t> add_route(const intray_http_route& route,
                                  const intray_http_handler& handler);
  void remove_route(std::uint64_t number);
  /// What a plugin forgot.
  void remove_all_routes();

  static HostTables& of(const intray_host* host) { return *static_cast<HostTables*>(host->impl); }

 private:
  struct Added {
    PluginRoute route;
    std::shared_ptr<Gate> gate;
  };
  Result<PluginRoute> checked_route(const intray_http_route& route) const;

  Services& services_;
  PluginInfo info_;
  Pairs config_;
  mutable std::mutex read_mutex_;
  std::set<std::string> read_keys_;
  std::vector<std::string> prefixes_;
  Sender sender_;
  intray_host host_{};
  Gate gate_, dones_;
  std::mutex routes_mutex_;
  std::uint64_t last_route_ = 0;
  std::map<std::uint64_t, Added> routes_;
};

/// The only way from a plugin into the host: no exception leaves it, and nobody gets in after the
/// plugin was stopped. `body` takes the HostTables.
template <class Body>
intray_status serve(const intray_host* host, intray_error* error, Body&& body) noexcept {
  return guard(error, [&]() -> Result<void> {
    auto& tables = HostTables::of(host);
    const Passage inside(tables.gate());
    if (!inside) return fail(INTRAY_E_BAD_STATE, "the host has stopped this plugin");
    return body(tables);
  });
}

/// What a visitor answered: anything but INTRAY_OK stops the walk.
inline Result<void> visited(intray_status status) {
  return status == INTRAY_OK ? Result<void>() : fail(status, "the visitor stopped the walk");
}

// The tables, by the file that fills them.
const intray_host_log& log_table();  // tables_basic.cpp
const intray_host_clock& clock_table();
const intray_host_config& config_table();
const intray_host_store& store_table();  // tables_store.cpp
const intray_host_commit& commit_table();
const intray_host_inventory& inventory_table();  // tables_read.cpp
const intray_host_mailbox& mailbox_table();
const intray_host_customer& customer_table();
const intray_host_catalogue& catalogue_table();  // tables_catalogue.cpp
const intray_host_codes& codes_table();          // tables_codes.cpp
const intray_host_http& http_table();            // tables_http.cpp
const intray_host_wake& wake_table();            // tables_wake.cpp

/// Borrows from the row and the presence.
intray_device borrow(const store::Device& device, const store::Presence& presence);

}  // namespace intray::plugin
