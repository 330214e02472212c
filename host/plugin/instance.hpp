// One plugin instance: its life, its tables, and what happens when it misbehaves.
#pragma once

#include <intray/check.h>
#include <intray/instructions.h>
#include <intray/leaving.h>
#include <intray/plugin.h>
#include <intray/service.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugin/library.hpp"

namespace intray::plugin {

enum class State { kLoaded, kRunning, kStopped, kRefused, kFaulty };
std::string_view state_name(State state);

class Instance {
 public:
  explicit Instance(Offer offer) : offer_(std::move(offer)) {}
  ~Instance();  // destroy(): no call may run any more
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// create, init, and the validation of what it declares. On an error it stays unused.
  Result<void> create(const intray_host* host);
  Result<void> start();
  /// No [worker] call begins after this.
  void close() { state_ = State::kStopped; }
  /// Its stop(); only of one that was started, successfully or not.
  void stop(std::int64_t deadline_mono_ns);
  /// The host does not take it, or not any more.
  void refuse(const std::string& why);

  const PluginInfo& info() const { return offer_.info; }
  State state() const { return state_; }
  std::string reason() const;
  const std::vector<ServiceInfo>& services() const { return services_; }
  const std::vector<std::string>& instruction_types() const { return types_; }

  // Tables that the plugin implements; nullptr when it does not.
  const intray_service* service_table() const { return service_; }
  const intray_instructions* instructions_table() const { return instructions_; }
  const intray_timer* timer_table() const { return timer_; }
  const intray_inventory* inventory_table() const { return inventory_; }
  const intray_check* check_table() const { return check_; }
  const intray_plugin* raw() const { return plugin_; }

  using Function = std::function<intray_status(intray_error*)>;
  /// Makes a [worker] call: one at a time when the plugin is serial. A C++ exception that leaves it
  /// makes the plugin faulty: it is not called again, and everybody hears UNAVAILABLE. A status
  /// that the ABI does not know counts as INTERNAL.
  Result<void> call(const Function& function);
  /// The end of something that it began: also while it is being stopped.
  void finish(const std::function<void()>& function);

 private:
  Result<void> serially(const Function& function);
  Result<void> guarded(const Function& function);
  Result<void> take_declarations();
  Result<void> take_services();
  Result<void> take_instruction_types();
  template <class Table>
  const Table* table(const char* id) const;

  Offer offer_;
  const intray_plugin* plugin_ = nullptr;
  std::atomic<State> state_{State::kLoaded};
  std::atomic<bool> started_{false};
  mutable std::mutex reason_mutex_;
  std::string reason_;
  std::mutex serial_;
  std::vector<ServiceInfo> services_;
  std::vector<std::string> types_;
  const intray_service* service_ = nullptr;
  const intray_instructions* instructions_ = nullptr;
  const intray_timer* timer_ = nullptr;
  const intray_inventory* inventory_ = nullptr;
  const intray_check* check_ = nullptr;
};

}  // namespace intray::plugin
