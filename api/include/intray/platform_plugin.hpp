// intray/platform_plugin.hpp - a platform plugin as a C++ class, next to intray/plugin.hpp. C++17.
//
//   class Mine : public intray::PlatformPlugin { ... };
//   INTRAY_PLUGIN(Mine)
//
// Override what the plugin implements; the docstrings of the C headers say when each is called.
#ifndef INTRAY_PLATFORM_PLUGIN_HPP
#define INTRAY_PLATFORM_PLUGIN_HPP

#include <intray/platform.h>

#include <intray/plugin.hpp>

namespace intray {

class PlatformPlugin : public Plugin {
 public:
  /// types: the instruction types that the plugin owns, as intray_instructions wants them; they
  /// must outlive the plugin. nullptr = none.
  explicit PlatformPlugin(Host host, const intray_str* types = nullptr,
                          std::uint32_t type_count = 0) noexcept
      : Plugin(host),
        instructions_{sizeof(intray_instructions), type_count, types, &take_acknowledgement} {}

  /// intray/instructions.h, acknowledged.
  virtual Result<void> acknowledged(const intray_call&, const intray_device&,
                                    const intray_acknowledgement&, const intray_batch_sink&) {
    return {};
  }
  /// intray/instructions.h, due.
  virtual Result<void> due(const intray_call&, std::string_view /*customer*/,
                           std::string_view /*name*/, const intray_batch_sink&) {
    return {};
  }
  /// intray/leaving.h, device_leaving.
  virtual Result<void> device_leaving(const intray_call&, const intray_device&,
                                      const intray_batch_sink&) {
    return {};
  }
  /// intray/check.h, check.
  virtual Result<void> check(const intray_call&, std::string_view /*customer*/,
                             std::uint64_t /*snapshot*/, const intray_kv_sink&) {
    return {};
  }

  const void* extension(std::string_view id) noexcept override {
    if (id == INTRAY_EXT_TIMER) return &timer_table();
    if (id == INTRAY_EXT_INVENTORY) return &inventory_table();
    if (id == INTRAY_EXT_CHECK) return &check_table();
    const bool asks_for_types = id == INTRAY_EXT_INSTRUCTIONS && instructions_.types != nullptr;
    return asks_for_types ? &instructions_ : nullptr;
  }

 private:
  static PlatformPlugin& of(const intray_plugin* self) noexcept {
    return static_cast<PlatformPlugin&>(Plugin::of(self));
  }
  static intray_status INTRAY_CC take_acknowledgement(const intray_plugin* self,
                                                      const intray_call* call,
                                                      const intray_device* device,
                                                      const intray_acknowledgement* ack,
                                                      const intray_batch_sink* batch,
                                                      intray_error* error) noexcept {
    return guard(error, [&] { return of(self).acknowledged(*call, *device, *ack, *batch); });
  }
  static const intray_timer& timer_table() noexcept {
    static const intray_timer table = {
        sizeof(intray_timer), 0,
        [](const intray_plugin* self, const intray_call* call, intray_str customer, intray_str name,
           const intray_batch_sink* batch, intray_error* error) noexcept {
          return guard(error,
                       [&] { return of(self).due(*call, view(customer), view(name), *batch); });
        }};
    return table;
  }
  static const intray_inventory& inventory_table() noexcept {
    static const intray_inventory table = {
        sizeof(intray_inventory), 0,
        [](const intray_plugin* self, const intray_call* call, const intray_device* device,
           const intray_batch_sink* batch, intray_error* error) noexcept {
          return guard(error, [&] { return of(self).device_leaving(*call, *device, *batch); });
        }};
    return table;
  }
  static const intray_check& check_table() noexcept {
    static const intray_check table = {
        sizeof(intray_check), 0,
        [](const intray_plugin* self, const intray_call* call, intray_str customer,
           std::uint64_t snapshot, const intray_kv_sink* broken, intray_error* error) noexcept {
          return guard(error,
                       [&] { return of(self).check(*call, view(customer), snapshot, *broken); });
        }};
    return table;
  }

  intray_instructions instructions_;
};

}  // namespace intray
#endif
