// intray/plugin.hpp - a plugin as a C++ class.
//
//   class Mine : public intray::ServicePlugin { ... };
//   INTRAY_PLUGIN(Mine)
//
// Mine has a constructor from intray::Host and `static const intray_plugin_desc& descriptor()`. Its
// virtual functions return Result; an exception that leaves one becomes INTRAY_E_INTERNAL. C++17.
#ifndef INTRAY_PLUGIN_HPP
#define INTRAY_PLUGIN_HPP

#include <intray/host.h>
#include <intray/plugin.h>
#include <intray/service.h>

#include <intray/crossing.hpp>
#include <memory>
#include <optional>

namespace intray {

/// The host, as one plugin sees it. A value; lives as long as the plugin.
class Host {
 public:
  explicit Host(const intray_host* host) noexcept : host_(host) {}
  const intray_host* raw() const noexcept { return host_; }

  /// The table of an extension, or nullptr. Not before init().
  template <class Table>
  const Table* find(const char* id) const noexcept {
    return static_cast<const Table*>(host_->get_extension(host_, id));
  }

  /// One line in the daemon's log, when the host has one for us.
  void log(std::uint32_t level, std::string_view message) const noexcept {
    if (const auto* table = find<intray_host_log>(INTRAY_HOST_LOG)) {
      table->write(host_, level, str(message), nullptr, 0);
    }
  }

  /// A value of the plugin's own configuration; nothing when it is not set.
  std::optional<std::string> config(std::string_view key) const {
    std::optional<std::string> value;
    const auto* table = find<intray_host_config>(INTRAY_HOST_CONFIG);
    if (table == nullptr) return value;
    auto keep = [&value](const intray_kv& kv) { value = copy(kv.value); };
    Visitor<intray_kv, decltype(keep)> visitor(keep);
    ErrorSlot error;
    (void)visitor
        .result(table->get(host_, str(key), &decltype(visitor)::call, &visitor, error), error)
        .has_value();
    return value;
  }

 private:
  const intray_host* host_;
};

/// Any plugin. The functions are called as intray_plugin (plugin.h) says.
class Plugin {
 public:
  explicit Plugin(Host host) : host_(host) {}
  virtual ~Plugin() = default;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  virtual Result<void> init() { return {}; }
  virtual Result<void> start() { return {}; }
  virtual Result<void> stop(std::int64_t /*deadline_mono_ns*/) { return {}; }
  /// Tables that the plugin implements; nullptr for what it does not know.
  virtual const void* extension(std::string_view /*id*/) noexcept { return nullptr; }

  const Host& host() const noexcept { return host_; }
  static Plugin& of(const intray_plugin* self) noexcept {
    return *static_cast<Plugin*>(self->impl);
  }

  intray_plugin c_{};  // filled by PluginLibrary

 private:
  Host host_;
};

/// A plugin that declares services. Override service_count() for more than one.
class ServicePlugin : public Plugin {
 public:
  using Plugin::Plugin;

  virtual std::uint32_t service_count() const noexcept { return 1; }
  virtual const intray_service_desc* service(std::uint32_t index) const noexcept = 0;

  virtual Result<void> validate(const intray_call&, const intray_application&,
                                const intray_verdict_sink&) {
    return {};
  }
  virtual Result<void> registration_params(const intray_call&, std::string_view /*service_id*/,
                                           const intray_device&, const intray_kv_sink&) {
    return {};
  }
  virtual Result<void> device_registered(const intray_call&, std::string_view /*service_id*/,
                                         const intray_device&) {
    return {};
  }
  virtual Result<void> device_stopped(const intray_call&, std::string_view /*service_id*/,
                                      const intray_device&, std::uint32_t /*reason*/) {
    return {};
  }
  virtual Result<void> health(const intray_call&, const intray_health_sink& sink) {
    sink.report(&sink, str("plugin"), INTRAY_HEALTH_OK, str(""));
    return {};
  }

  const void* extension(std::string_view id) noexcept override {
    return id == INTRAY_EXT_SERVICE ? &table() : nullptr;
  }

 private:
  static ServicePlugin& of(const intray_plugin* self) noexcept {
    return static_cast<ServicePlugin&>(Plugin::of(self));
  }
  static const intray_service& table() noexcept {
    static const intray_service table = {
        sizeof(intray_service),
        0,
        [](const intray_plugin* self) noexcept { return of(self).service_count(); },
        [](const intray_plugin* self, std::uint32_t index) noexcept {
          return of(self).service(index);
        },
        [](const intray_plugin* self, const intray_call* call, const intray_application* app,
           const intray_verdict_sink* verdict, intray_error* error) noexcept {
          return guard(error, [&] { return of(self).validate(*call, *app, *verdict); });
        },
        [](const intray_plugin* self, const intray_call* call, intray_str service_id,
           const intray_device* device, const intray_kv_sink* params,
           intray_error* error) noexcept {
          return guard(error, [&] {
            return of(self).registration_params(*call, view(service_id), *device, *params);
          });
        },
        [](const intray_plugin* self, const intray_call* call, intray_str service_id,
           const intray_device* device, intray_error* error) noexcept {
          return guard(
              error, [&] { return of(self).device_registered(*call, view(service_id), *device); });
        },
        [](const intray_plugin* self, const intray_call* call, intray_str service_id,
           const intray_device* device, std::uint32_t reason, intray_error* error) noexcept {
          return guard(error, [&] {
            return of(self).device_stopped(*call, view(service_id), *device, reason);
          });
        },
        [](const intray_plugin* self, const intray_call* call, const intray_health_sink* sink,
           intray_error* error) noexcept {
          return guard(error, [&] { return of(self).health(*call, *sink); });
        },
    };
    return table;
  }
};

/// The C side of a library that holds the one plugin P.
template <class P>
class PluginLibrary {
 public:
  static const intray_entry* entry() noexcept {
    static const intray_plugin_factory factory = {
        sizeof(intray_plugin_factory), 0, []() noexcept -> std::uint32_t { return 1; },
        [](std::uint32_t index) noexcept -> const intray_plugin_desc* {
          return index == 0 ? &P::descriptor() : nullptr;
        },
        &create};
    static const intray_entry entry = {
        sizeof(intray_entry),
        INTRAY_ENTRY_MAGIC,
        INTRAY_ABI_MAJOR,
        INTRAY_ABI_MINOR,
        0,
        0,
        [](intray_str, intray_error*) noexcept -> intray_status { return INTRAY_OK; },
        []() noexcept {},
        [](const char* id) noexcept -> const void* {
          return std::strcmp(id, INTRAY_FACTORY_PLUGIN) == 0 ? &factory : nullptr;
        }};
    return &entry;
  }

 private:
  static intray_status INTRAY_CC create(intray_str id, const intray_host* host,
                                        const intray_plugin** out, intray_error* error) noexcept {
    return guard(error, [&]() -> Result<void> {
      if (view(id) != view(P::descriptor().id)) {
        return fail(INTRAY_E_NOT_FOUND, "this library holds no plugin " + copy(id));
      }
      auto plugin = std::make_unique<P>(Host(host));
      plugin->c_ = c_plugin(plugin.get());
      *out = &plugin.release()->c_;  // destroy() deletes it
      return {};
    });
  }

  static intray_plugin c_plugin(Plugin* plugin) noexcept {
    return {sizeof(intray_plugin),
            0,
            &P::descriptor(),
            plugin,
            [](const intray_plugin* self, intray_error* error) noexcept {
              return guard(error, [&] { return Plugin::of(self).init(); });
            },
            [](const intray_plugin* self, intray_error* error) noexcept {
              return guard(error, [&] { return Plugin::of(self).start(); });
            },
            [](const intray_plugin* self, std::int64_t deadline, intray_error* error) noexcept {
              return guard(error, [&] { return Plugin::of(self).stop(deadline); });
            },
            [](const intray_plugin* self) noexcept { delete &Plugin::of(self); },
            [](const intray_plugin* self, const char* id) noexcept -> const void* {
              return Plugin::of(self).extension(id);
            }};
  }
};

}  // namespace intray

/// Exports the library's one symbol. Once in a library, outside any namespace.
#define INTRAY_PLUGIN(P)                                                                \
  extern "C" INTRAY_EXPORT const intray_entry* INTRAY_CC intray_plugin_entry_v1(void) { \
    return ::intray::PluginLibrary<P>::entry();                                         \
  }
#endif
