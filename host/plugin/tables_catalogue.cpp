// catalogue
#include "host/plugin/hooks.hpp"
#include "host/plugin/tables.hpp"

namespace intray::plugin {
namespace {

// The C view of a service. Borrows from it.
class ServiceView {
 public:
  explicit ServiceView(const Service& service) {
    const auto& info = service.info;
    for (const auto& match : info.models) {
      models_.push_back({sizeof(intray_model_match),
                         match.glob ? INTRAY_MATCH_GLOB : INTRAY_MATCH_EXACT, str(match.vendor),
                         str(match.model)});
    }
    for (const auto& param : info.params) {
      params_.push_back({sizeof(intray_param_decl), param.type,
                         param.required ? INTRAY_PARAM_REQUIRED : 0U, 0, str(param.name),
                         str(param.label), str(param.default_value)});
    }
    for (const auto& model : models_) model_pointers_.push_back(&model);
    for (const auto& param : params_) param_pointers_.push_back(&param);
    for (const auto& type : info.instruction_types) types_.push_back(str(type));
    desc_.struct_size = sizeof desc_;
    desc_.service_id = str(info.service_id);
    desc_.display_name = str(info.display_name);
    desc_.description = str(info.description);
    desc_.version = str(info.version);
    desc_.model_count = static_cast<std::uint32_t>(models_.size());
    desc_.instruction_type_count = static_cast<std::uint32_t>(types_.size());
    desc_.param_count = static_cast<std::uint32_t>(params_.size());
    desc_.models = model_pointers_.data();
    desc_.instruction_types = types_.data();
    desc_.params = param_pointers_.data();
    desc_.registration_url = str(service.url);
  }
  ServiceView(const ServiceView&) = delete;
  ServiceView& operator=(const ServiceView&) = delete;
  const intray_service_desc* raw() const { return &desc_; }

 private:
  std::vector<intray_model_match> models_;
  std::vector<intray_param_decl> params_;
  std::vector<const intray_model_match*> model_pointers_;
  std::vector<const intray_param_decl*> param_pointers_;
  std::vector<intray_str> types_;
  intray_service_desc desc_{};
};

Result<void> visit_service(const Service& service, intray_service_visit visit, void* user) {
  const ServiceView seen(service);
  return visited(visit(user, str(service.plugin_id), seen.raw()));
}

bool is_whole(const intray_device* device) {
  return device != nullptr && INTRAY_HAS(device, intray_device, performance);
}

HookDevice owned(const intray_device& device) {
  HookDevice copied;
  copied.device.device_id = copy(device.device_id);
  copied.device.vendor = copy(device.vendor);
  copied.device.model = copy(device.model);
  copied.device.serial = copy(device.serial);
  copied.device.firmware = copy(device.firmware);
  copied.device.customer = copy(device.customer_id);
  copied.device.address = copy(device.address);
  copied.device.performance = device.performance;
  copied.presence.last_poll = device.last_poll_unix_ns;
  copied.presence.next_poll = device.next_poll_unix_ns;
  return copied;
}

Result<CallContext> context_of(const HostTables& tables, const intray_call* call) {
  const auto context = tables.services().calls.find(call);
  if (context == nullptr) return fail(INTRAY_E_INVALID, "the call is over, or was never made");
  return *context;
}

intray_status INTRAY_CC for_device(const intray_host* host, const intray_device* device,
                                   intray_service_visit visit, void* user,
                                   intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    if (!is_whole(device)) return fail(INTRAY_E_INVALID, "the device is missing or too small");
    for (const auto* service : tables.services().catalogue.all()) {
      if (!Catalogue::applies(*service, view(device->vendor), view(device->model))) continue;
      if (auto done = visit_service(*service, visit, user); !done) return done;
    }
    return {};
  });
}

intray_status INTRAY_CC all(const intray_host* host, intray_service_visit visit, void* user,
                            intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    for (const auto* service : tables.services().catalogue.all()) {
      if (auto done = visit_service(*service, visit, user); !done) return done;
    }
    return {};
  });
}

intray_status INTRAY_CC applies(const intray_host* host, intray_str service_id, intray_str vendor,
                                intray_str model, std::uint32_t* yes,
                                intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto* service = tables.services().catalogue.find(view(service_id));
    if (service == nullptr) {
      return fail(INTRAY_E_NOT_FOUND, "no plugin offers service " + copy(service_id));
    }
    *yes = Catalogue::applies(*service, view(vendor), view(model)) ? 1 : 0;
    return {};
  });
}

intray_status INTRAY_CC validate(const intray_host* host, const intray_call* call,
                                 const intray_application* app, const intray_verdict_sink* verdict,
                                 intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto context = context_of(tables, call);
    if (!context) return fail(context.error());
    if (app == nullptr || !INTRAY_HAS(app, intray_application, received_unix_ns) ||
        (app->device != nullptr && !is_whole(app->device))) {
      return fail(INTRAY_E_INVALID, "the application or its device is missing or too small");
    }
    HookApplication asked{copy(app->application_id),    copy(app->service_id),
                          copy(app->administrator),     copy(app->content_type),
                          std::string(view(app->body)), std::nullopt,
                          app->received_unix_ns};
    if (app->device != nullptr) asked.device = owned(*app->device);
    const auto answer = tables.services().hooks->validate(*context, std::move(asked));
    if (!answer) return fail(answer.error());
    return visited(
        verdict->set(verdict, answer->verdict, str(answer->reason_code), str(answer->message)));
  });
}

intray_status INTRAY_CC registration_params(const intray_host* host, const intray_call* call,
                                            intray_str service_id, const intray_device* device,
                                            const intray_kv_sink* params,
                                            intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    const auto context = context_of(tables, call);
    if (!context) return fail(context.error());
    if (!is_whole(device)) return fail(INTRAY_E_INVALID, "the device is missing or too small");
    const auto answer =
        tables.services().hooks->registration_params(*context, copy(service_id), owned(*device));
    if (!answer) return fail(answer.error());
    for (const auto& [key, value] : *answer) {
      if (auto done = visited(params->add(params, str(key), str(value))); !done) return done;
    }
    return {};
  });
}

}  // namespace

const intray_host_catalogue& catalogue_table() {
  static const intray_host_catalogue table = {sizeof table, 0,         &for_device,         &all,
                                              &applies,     &validate, &registration_params};
  return table;
}

}  // namespace intray::plugin
