// Asking and telling service plugins (intray.service/1), within a deadline.
//
// What a hook reads and writes is owned by the call, because a plugin that is late may still use it
// when its caller has left.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/plugin/instance.hpp"
#include "host/plugin/lane.hpp"
#include "host/plugin/platform.hpp"
#include "host/plugin/sinks.hpp"

namespace intray::plugin {

/// A device as a hook sees it.
struct HookDevice {
  store::Device device;
  store::Presence presence;
};

/// One question about an application; no device = about the whole.
struct HookApplication {
  std::string application_id, service_id, administrator, content_type, body;
  std::optional<HookDevice> device;
  std::int64_t received_unix_ns = 0;
};

struct HookVerdict {
  std::uint32_t verdict = INTRAY_VERDICT_ABSTAIN;
  std::string reason_code, message;
};

class Hooks {
 public:
  /// `services` must outlive it; `threads` per concurrent plugin.
  Hooks(Services& services, std::size_t threads) : services_(services), threads_(threads) {}

  /// Before its first hook.
  void add(std::shared_ptr<Instance> instance);

  /// INTRAY_E_NOT_FOUND    no plugin offers the service.
  /// INTRAY_E_UNAVAILABLE  its plugin is down, late or at fault.
  Result<HookVerdict> validate(const CallContext& context, HookApplication application);
  /// The declared parameters in their order, defaults filled in. Statuses as above; UNAVAILABLE
  /// also when a required one is missing, or the plugin says that it is down.
  Result<Pairs> registration_params(const CallContext& context, const std::string& service_id,
                                    HookDevice device);

  /// One event of the outbox, begun; wait for it on the lane of the plugin.
  std::shared_ptr<Lane::Ticket> tell(const std::string& plugin_id, const CallContext& context,
                                     const store::OutboxRow& event, HookDevice device);
  /// nullptr when there is no such plugin, or it has no hook.
  Lane* lane(const std::string& plugin_id) const;

  /// Calls that have not come back by their deadline.
  std::size_t late(const std::string& plugin_id) const;
  /// False when a hook of the plugin still runs at the deadline.
  bool close(const std::string& plugin_id, Lane::Deadline deadline);

 private:
  struct Line {  // one plugin
    std::shared_ptr<Instance> instance;
    std::unique_ptr<Lane> lane;
    std::mutex health_mutex;
    Lane::Deadline health_asked;
    std::uint32_t health = INTRAY_HEALTH_OK;
    std::string health_message;
  };
  struct Found {
    const Service* service = nullptr;
    Line* line = nullptr;
  };
  Result<Found> find(const std::string& service_id) const;
  Line* line(const std::string& plugin_id) const;
  Result<void> check_health(const std::string& plugin_id, Line& line);

  Services& services_;
  std::size_t threads_;
  std::map<std::string, std::unique_ptr<Line>, std::less<>> lines_;  // constant after the adds
};

}  // namespace intray::plugin
