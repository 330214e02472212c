#include "plugins/registration/registration.hpp"

#include <intray/declare.hpp>
#include <iterator>

#include "plugins/registration/check.hpp"
#include "plugins/registration/chunks.hpp"
#include "plugins/registration/ends.hpp"
#include "plugins/registration/entitlements.hpp"
#include "plugins/registration/routes.hpp"
#include "plugins/registration/wake_run.hpp"

namespace intray::registration {
namespace {

constexpr const char* kRequired[] = {INTRAY_HOST_STORE,
                                     INTRAY_HOST_COMMIT,
                                     INTRAY_HOST_INVENTORY,
                                     INTRAY_HOST_CATALOGUE,
                                     INTRAY_HOST_CODES,
                                     INTRAY_HOST_MAILBOX,
                                     INTRAY_HOST_CUSTOMER,
                                     INTRAY_HOST_CLOCK,
                                     INTRAY_HOST_HTTP,
                                     INTRAY_HOST_WAKE,
                                     nullptr};
constexpr const char* kOptional[] = {INTRAY_HOST_LOG, nullptr};

constexpr intray_str kTypes[] = {{kRegisterDevice.data(), kRegisterDevice.size()},
                                 {kStopService.data(), kStopService.size()},
                                 {kRelayWake.data(), kRelayWake.size()}};

// "kind first second": how this plugin names its timers.
struct TimerName {
  std::string_view kind, first, second;
};

TimerName parts_of(std::string_view name) {
  TimerName parts;
  for (auto* part : {&parts.kind, &parts.first, &parts.second}) {
    const auto space = name.find(' ');
    *part = name.substr(0, space);
    name = space == std::string_view::npos ? std::string_view() : name.substr(space + 1);
  }
  return parts;
}

}  // namespace

Registration::Registration(Host host)
    : PlatformPlugin(host, kTypes, std::size(kTypes)), routes_(host) {}

const intray_plugin_desc& Registration::descriptor() {
  static const auto desc = [] {
    auto made =
        plugin_desc(INTRAY_KIND_PLATFORM, INTRAY_CONCURRENT, "intray.registration", "Registration",
                    "Intray", "0.1.0", "Applications, enrolments and the registration of devices");
    made.required_extensions = kRequired;
    made.optional_extensions = kOptional;
    return made;
  }();
  return desc;
}

Result<void> Registration::init() {
  auto platform = Platform::of(host());
  if (!platform) return fail(platform.error());
  platform_ = *platform;
  return {};
}

Result<void> Registration::start() { return add_routes(routes_, *platform_); }

Result<void> Registration::stop(std::int64_t /*deadline_mono_ns*/) {
  routes_.remove_all();
  return {};
}

Result<void> Registration::acknowledged(const intray_call& call, const intray_device& device,
                                        const intray_acknowledgement& ack,
                                        const intray_batch_sink& sink) {
  const Scope scope{*platform_, call, copy(device.customer_id)};
  if (view(ack.type) == kRelayWake) {
    return relay_acknowledged(scope, view(device.device_id), ack, sink);
  }
  return registration::acknowledged(scope, view(device.device_id), ack, sink);
}

Result<void> Registration::due(const intray_call& call, std::string_view customer,
                               std::string_view name, const intray_batch_sink& sink) {
  const Scope scope{*platform_, call, std::string(customer)};
  const auto timer = parts_of(name);
  if (timer.kind == "application") return application_due(scope, std::string(timer.first), sink);
  if (timer.kind == "enrolment") return enrolment_due(scope, timer.first, timer.second, sink);
  if (timer.kind == "wake") return wake_due(scope, std::string(timer.first), sink);
  if (timer.kind == "stop") return stop_due(scope, timer.first, timer.second, sink);
  return {};  // of a version that is gone: consumed
}

Result<void> Registration::device_leaving(const intray_call& call, const intray_device& device,
                                          const intray_batch_sink& sink) {
  const Scope scope{*platform_, call, copy(device.customer_id)};
  return registration::device_leaving(scope, view(device.device_id), sink);
}

Result<void> Registration::check(const intray_call& call, std::string_view customer,
                                 std::uint64_t snapshot, const intray_kv_sink& broken) {
  return registration::check(Scope{*platform_, call, std::string(customer)}, snapshot, broken);
}

}  // namespace intray::registration
