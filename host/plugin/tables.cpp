#include "host/plugin/tables.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace intray::plugin {
namespace {

struct Extension {
  std::string_view id;
  bool for_services;  // a service plugin may have it; a platform plugin may have all
  const void* table;
};

const std::array<Extension, 12>& extensions() {
  static const std::array<Extension, 12> all = {{
      {INTRAY_HOST_LOG, true, &log_table()},
      {INTRAY_HOST_CLOCK, true, &clock_table()},
      {INTRAY_HOST_CONFIG, true, &config_table()},
      {INTRAY_HOST_STORE, false, &store_table()},
      {INTRAY_HOST_COMMIT, false, &commit_table()},
      {INTRAY_HOST_INVENTORY, false, &inventory_table()},
      {INTRAY_HOST_MAILBOX, false, &mailbox_table()},
      {INTRAY_HOST_CUSTOMER, false, &customer_table()},
      {INTRAY_HOST_CATALOGUE, false, &catalogue_table()},
      {INTRAY_HOST_CODES, false, &codes_table()},
      {INTRAY_HOST_HTTP, false, &http_table()},
      {INTRAY_HOST_WAKE, false, &wake_table()},
  }};
  return all;
}

const Extension* find(std::string_view id) {
  const auto found = std::find_if(extensions().begin(), extensions().end(),
                                  [&](const Extension& extension) { return extension.id == id; });
  return found == extensions().end() ? nullptr : &*found;
}

}  // namespace

bool is_known_extension(std::string_view id) { return find(id) != nullptr; }

bool is_granted(std::string_view id, std::uint32_t kind) {
  const auto* extension = find(id);
  return extension != nullptr && (extension->for_services || kind == INTRAY_KIND_PLATFORM);
}

bool is_customer(std::string_view text) {
  constexpr std::size_t kCustomerBytesMax = 64;
  return text.empty() || is_id(text, kCustomerBytesMax);
}

std::vector<std::string> HostTables::unread_keys() const {
  const std::lock_guard lock(read_mutex_);
  std::vector<std::string> keys;
  for (const auto& [key, value] : config_) {
    if (read_keys_.count(key) == 0) keys.push_back(key);
  }
  return keys;
}

HostTables::HostTables(Services& services, PluginInfo info, Pairs config,
                       std::vector<std::string> prefixes)
    : services_(services),
      info_(std::move(info)),
      config_(std::move(config)),
      prefixes_(std::move(prefixes)) {
  sender_.plugin_id = info_.id;
  host_.struct_size = sizeof host_;
  host_.abi_major = INTRAY_ABI_MAJOR;
  host_.abi_minor = INTRAY_ABI_MINOR;
  host_.impl = this;
  host_.name = str("intrayd");
  host_.version = str("0.1.0");
  host_.get_extension = [](const intray_host* host, const char* id) noexcept -> const void* {
    constexpr std::size_t kIdBytesMax = 128;
    if (id == nullptr) return nullptr;
    const std::string_view name(id, strnlen(id, kIdBytesMax));
    return is_granted(name, of(host).info().kind) ? find(name)->table : nullptr;
  };
}

intray_device borrow(const store::Device& device, const store::Presence& presence) {
  intray_device out{};
  out.struct_size = sizeof out;
  out.device_id = str(device.device_id);
  out.vendor = str(device.vendor);
  out.model = str(device.model);
  out.serial = str(device.serial);
  out.firmware = str(device.firmware);
  out.customer_id = str(device.customer);
  out.address = str(device.address);
  out.last_poll_unix_ns = presence.last_poll;
  out.next_poll_unix_ns = presence.next_poll;
  out.performance = device.performance;
  return out;
}

}  // namespace intray::plugin
