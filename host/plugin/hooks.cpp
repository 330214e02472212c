#include "host/plugin/hooks.hpp"

#include <charconv>
#include <optional>

#include "host/plugin/tables.hpp"

namespace intray::plugin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kHookTime(5000);   // when the call has no earlier deadline
constexpr milliseconds kHealthTime(500);  // a health answer, which should take 20 ms, and ...
constexpr milliseconds kHealthKept(500);  // ... how long it is believed: at most 1 s together

Lane::Deadline deadline_of(const CallContext& context) {
  const auto latest = steady_clock::now() + kHookTime;
  if (context.deadline_mono_ns == 0) return latest;
  return std::min(latest,
                  steady_clock::time_point(std::chrono::duration_cast<steady_clock::duration>(
                      std::chrono::nanoseconds(context.deadline_mono_ns))));
}

CallContext until(CallContext context, Lane::Deadline deadline) {
  context.deadline_mono_ns = mono_ns_of(deadline);
  return context;
}

// Whatever a hook answered, to its askers the plugin is not there.
Failure unavailable(const std::string& plugin_id, const Error& error) {
  return fail(INTRAY_E_UNAVAILABLE, "plugin " + plugin_id + ": " + error.message);
}

Result<void> vet_param(const std::vector<Param>& declared, const Pairs& before,
                       const std::string& key, const std::string& value) {
  const auto is_key = [&](const auto& pair) { return pair.first == key; };
  if (std::any_of(before.begin(), before.end(), is_key)) {
    return fail(INTRAY_E_INVALID, "parameter " + key + " was added before");
  }
  const auto param = std::find_if(declared.begin(), declared.end(),
                                  [&](const Param& one) { return one.name == key; });
  if (param == declared.end()) {
    return fail(INTRAY_E_INVALID, "parameter " + key + " is not declared");
  }
  if (!is_of_type(param->type, value)) {
    return fail(INTRAY_E_INVALID, "the value of parameter " + key + " is not of its type");
  }
  return {};
}

Result<Pairs> with_defaults(const ServiceInfo& service, const KvSink& given) {
  Pairs params;
  for (const auto& param : service.params) {
    const auto* value = given.find(param.name);
    if (value == nullptr && !param.default_value.empty()) value = &param.default_value;
    if (value != nullptr) {
      params.emplace_back(param.name, *value);
    } else if (param.required) {
      return fail(INTRAY_E_UNAVAILABLE, "it left out the required parameter " + param.name);
    }
  }
  return params;
}

}  // namespace

void Hooks::add(std::shared_ptr<Instance> instance) {
  auto added = std::make_unique<Line>();
  const bool serial = instance->info().concurrency == INTRAY_SERIAL;
  added->lane = std::make_unique<Lane>(serial ? 1 : threads_);
  added->health_asked = steady_clock::now() - kHealthKept;
  const auto id = instance->info().id;
  added->instance = std::move(instance);
  lines_.emplace(id, std::move(added));
}

Hooks::Line* Hooks::line(const std::string& plugin_id) const {
  const auto found = lines_.find(plugin_id);
  return found == lines_.end() ? nullptr : found->second.get();
}

Lane* Hooks::lane(const std::string& plugin_id) const {
  auto* found = line(plugin_id);
  return found == nullptr ? nullptr : found->lane.get();
}

Result<Hooks::Found> Hooks::find(const std::string& service_id) const {
  const auto* service = services_.catalogue.find(service_id);
  if (service == nullptr) {
    return fail(INTRAY_E_NOT_FOUND, "no plugin offers service " + service_id);
  }
  auto* offering = line(service->plugin_id);
  if (offering == nullptr) {
    return fail(INTRAY_E_UNAVAILABLE, "plugin " + service->plugin_id + " is not there");
  }
  return Found{service, offering};
}

Result<HookVerdict> Hooks::validate(const CallContext& context, HookApplication application) {
  const auto found = find(application.service_id);
  if (!found) return fail(found.error());
  const auto instance = found->line->instance;
  if (!INTRAY_HAS_FN(instance->service_table(), intray_service, validate_application)) {
    return HookVerdict{};
  }
  struct Shared {
    HookApplication application;
    VerdictSink sink;
  };
  auto shared = std::make_shared<Shared>();
  shared->application = std::move(application);
  const auto deadline = deadline_of(context);
  const auto job = [this, instance, shared, given = until(context, deadline)] {
    const auto& asked = shared->application;
    intray_device device{};
    if (asked.device) device = borrow(asked.device->device, asked.device->presence);
    intray_application app{};
    app.struct_size = sizeof app;
    app.application_id = str(asked.application_id);
    app.service_id = str(asked.service_id);
    app.administrator = str(asked.administrator);
    app.content_type = str(asked.content_type);
    app.body = bytes(asked.body);
    app.device = asked.device ? &device : nullptr;
    app.received_unix_ns = asked.received_unix_ns;
    const Call call(services_.calls, given);
    return instance->call([&](intray_error* error) {
      return instance->service_table()->validate_application(instance->raw(), call.raw(), &app,
                                                             shared->sink.raw(), error);
    });
  };
  const auto done = found->line->lane->run(job, deadline);
  if (!done) return unavailable(instance->info().id, done.error());
  return HookVerdict{shared->sink.verdict, shared->sink.reason_code, shared->sink.message};
}

Result<Pairs> Hooks::registration_params(const CallContext& context, const std::string& service_id,
                                         HookDevice device) {
  const auto found = find(service_id);
  if (!found) return fail(found.error());
  const auto instance = found->line->instance;
  const auto& plugin_id = instance->info().id;
  if (auto up = check_health(plugin_id, *found->line); !up) return fail(up.error());
  struct Shared {
    HookDevice device;
    ServiceInfo service;
    KvSink sink{[this](const std::string& key, const std::string& value) {
      return vet_param(service.params, sink.pairs(), key, value);
    }};
  };
  auto shared = std::make_shared<Shared>();
  shared->device = std::move(device);
  shared->service = found->service->info;
  if (INTRAY_HAS_FN(instance->service_table(), intray_service, registration_params)) {
    const auto deadline = deadline_of(context);
    const auto job = [this, instance, shared, given = until(context, deadline)] {
      const auto borrowed = borrow(shared->device.device, shared->device.presence);
      const Call call(services_.calls, given);
      return instance->call([&](intray_error* error) {
        return instance->service_table()->registration_params(instance->raw(), call.raw(),
                                                              str(shared->service.service_id),
                                                              &borrowed, shared->sink.raw(), error);
      });
    };
    const auto done = found->line->lane->run(job, deadline);
    if (!done) return unavailable(plugin_id, done.error());
  } else if (instance->state() != State::kRunning) {
    return fail(INTRAY_E_UNAVAILABLE, "plugin " + plugin_id + " does not run");
  }
  for (const auto& why : shared->sink.refused()) services_.log(LogLevel::kWarn, plugin_id, why);
  auto params = with_defaults(shared->service, shared->sink);
  if (!params) return unavailable(plugin_id, params.error());
  return params;
}

// One asker refreshes what is too old; the others believe it for that moment.
Result<void> Hooks::check_health(const std::string& plugin_id, Line& line) {
  const auto instance = line.instance;
  if (!INTRAY_HAS_FN(instance->service_table(), intray_service, health)) return {};
  const auto now = steady_clock::now();
  bool ask = false;
  {
    const std::lock_guard lock(line.health_mutex);
    ask = now - line.health_asked >= kHealthKept;
    if (ask) line.health_asked = now;
  }
  if (ask) {
    auto sink = std::make_shared<HealthSink>();
    CallContext context;
    const auto deadline = now + kHealthTime;
    const auto job = [this, instance, sink, given = until(context, deadline)] {
      const Call call(services_.calls, given);
      return instance->call([&](intray_error* error) {
        return instance->service_table()->health(instance->raw(), call.raw(), sink->raw(), error);
      });
    };
    const auto done = line.lane->run(job, deadline);
    const std::lock_guard lock(line.health_mutex);
    line.health = done ? sink->worst : INTRAY_HEALTH_DOWN;
    line.health_message = done ? sink->message : done.error().message;
  }
  const std::lock_guard lock(line.health_mutex);
  if (line.health != INTRAY_HEALTH_DOWN) return {};
  return fail(INTRAY_E_UNAVAILABLE, "plugin " + plugin_id + " is down: " + line.health_message);
}

std::shared_ptr<Lane::Ticket> Hooks::tell(const std::string& plugin_id, const CallContext& context,
                                          const store::OutboxRow& event, HookDevice device) {
  auto& told = *line(plugin_id);
  const auto instance = told.instance;
  return told.lane->start([this, instance, context, event, device = std::move(device)] {
    const auto borrowed = borrow(device.device, device.presence);
    const Call call(services_.calls, context);
    const auto* table = instance->service_table();
    return instance->call([&](intray_error* error) {
      if (event.kind == "registered") {
        return table->device_registered == nullptr
                   ? INTRAY_OK
                   : table->device_registered(instance->raw(), call.raw(), str(event.service),
                                              &borrowed, error);
      }
      return table->device_stopped == nullptr
                 ? INTRAY_OK
                 : table->device_stopped(instance->raw(), call.raw(), str(event.service), &borrowed,
                                         event.reason, error);
    });
  });
}

std::size_t Hooks::late(const std::string& plugin_id) const {
  const auto* found = lane(plugin_id);
  return found == nullptr ? 0 : found->late();
}

bool Hooks::close(const std::string& plugin_id, Lane::Deadline deadline) {
  auto* found = lane(plugin_id);
  return found == nullptr || found->close(deadline);
}

}  // namespace intray::plugin
