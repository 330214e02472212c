// intray/device.hpp - the device SDK for C++17: the same core, with classes. Header only.
//
// Everything that intray/device.h says about time, threads, storage and repeats holds here too.
// Nothing allocates, and no exception may leave a Panel, a Transport, a Storage or a Random: the C
// core stands between them and the caller.
#pragma once

#include <intray/device.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace intray {

/// The firmware's side: what the SDK asks and tells. See intray_device_panel.
class DevicePanel {
 public:
  virtual ~DevicePanel() = default;
  virtual intray_device_decision ask(const intray_device_instruction&) noexcept {
    return {INTRAY_DEVICE_ACCEPT, 0, nullptr};
  }
  virtual void tell(const intray_device_event&) noexcept {}
};

/// HTTP without waiting. See intray_device_transport for what each function must keep to.
class DeviceTransport {
 public:
  virtual ~DeviceTransport() = default;
  virtual bool start(unsigned slot, const intray_device_request& request) noexcept = 0;
  virtual bool poll(unsigned slot, intray_device_reply& reply) noexcept = 0;
  virtual void cancel(unsigned slot) noexcept = 0;
};

/// Values that survive a power cut. See intray_device_storage.
class DeviceStorage {
 public:
  virtual ~DeviceStorage() = default;
  virtual std::int32_t get(const char* key, void* buffer, std::size_t size) noexcept = 0;
  virtual bool put(const char* key, const void* value, std::size_t size) noexcept = 0;
};

/// The C tables that call such objects; the objects outlive the device.
inline intray_device_panel table_of(DevicePanel& panel) {
  return {&panel,
          [](void* context, const intray_device_instruction* instruction,
             intray_device_decision* decision) {
            *decision = static_cast<DevicePanel*>(context)->ask(*instruction);
          },
          [](void* context, const intray_device_event* event) {
            static_cast<DevicePanel*>(context)->tell(*event);
          }};
}

inline intray_device_transport table_of(DeviceTransport& transport) {
  return {
      &transport,
      [](void* context, unsigned slot, const intray_device_request* request) {
        return static_cast<DeviceTransport*>(context)->start(slot, *request);
      },
      [](void* context, unsigned slot, intray_device_reply* reply) {
        return static_cast<DeviceTransport*>(context)->poll(slot, *reply);
      },
      [](void* context, unsigned slot) { static_cast<DeviceTransport*>(context)->cancel(slot); }};
}

inline intray_device_storage table_of(DeviceStorage& storage) {
  return {&storage,
          [](void* context, const char* key, void* buffer, std::size_t size) {
            return static_cast<DeviceStorage*>(context)->get(key, buffer, size);
          },
          [](void* context, const char* key, const void* value, std::size_t size) {
            return static_cast<DeviceStorage*>(context)->put(key, value, size);
          }};
}

/// The parameters of a REGISTERED event: a JSON object as text.
inline std::string_view parameters_of(const intray_device_event& event) {
  return {event.parameters, event.parameters_bytes};
}

/// One device. Stays where it is made: its transport keeps pointers into it.
class Device {
 public:
  using Milliseconds = std::chrono::duration<std::uint64_t, std::milli>;

  Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  /// See intray_device_init(); comes before everything else.
  [[nodiscard]] bool init(const intray_device_options& options) {
    return intray_device_init(&device_, &options);
  }
  /// See intray_device_provision().
  [[nodiscard]] bool provision(const char* code) { return intray_device_provision(&device_, code); }
  /// See intray_device_adopt_token().
  [[nodiscard]] bool adopt_token(const char* token) {
    return intray_device_adopt_token(&device_, token);
  }

  /// Does what is due at `now`; when to call again at the latest, on the same clock.
  Milliseconds step(Milliseconds now) {
    std::uint64_t next_ms = 0;
    intray_device_step(&device_, now.count(), &next_ms);
    return Milliseconds(next_ms);
  }

  /// What to answer a wake; nothing when `target` is not /doPolling. See intray_device_wake().
  std::optional<int> wake(const char* target, Milliseconds now, std::chrono::seconds unix_time) {
    int status = 0;
    if (!intray_device_wake(&device_, target, now.count(), unix_time.count(), &status)) {
      return std::nullopt;
    }
    return status;
  }

  void poll_now() { intray_device_poll_now(&device_); }
  bool busy() const { return intray_device_busy(&device_); }
  bool provisioned() const { return intray_device_provisioned(&device_); }
  /// A sentence; "" when nothing failed since the last success.
  const char* last_error() const { return intray_device_last_error(&device_); }
  /// For the C functions that take a device: it lives as long as this.
  intray_device* get() { return &device_; }

 private:
  intray_device device_{};
};

}  // namespace intray
