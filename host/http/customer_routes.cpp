// What an administrator reads of the host: services, devices, events.
#include "host/http/device_json.hpp"
#include "host/http/json.hpp"
#include "host/http/routes.hpp"

namespace intray::http {
namespace {

using plugin::Catalogue;

// ---- services (S311) --------------------------------------------------------------------------

std::uint64_t applicable_devices(const plugin::Service& service,
                                 const std::vector<store::CustomerView::ModelCount>& models) {
  std::uint64_t devices = 0;
  for (const auto& held : models) {
    if (Catalogue::applies(service, held.vendor, held.model)) devices += held.devices;
  }
  return devices;
}

boost::json::object service_json(const plugin::Service& service) {
  boost::json::array models;
  for (const auto& match : service.info.models) models.emplace_back(match.model);
  return {{"service", service.info.service_id},
          {"name", service.info.display_name},
          {"description", service.info.description},
          {"version", service.info.version},
          {"models", std::move(models)}};
}

Result<Response> list_services(const Context& context, const Request& request) {
  const auto wanted = request.query_param("in_use");
  if (!wanted.empty() && wanted != "true" && wanted != "false") {
    return fail(INTRAY_E_INVALID, "in_use is true or false");
  }
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto customer = snapshot->customer(request.principal.customer);
  const auto models = customer.models();
  boost::json::array items;
  for (const auto* service : context.plugins.catalogue().all()) {
    const auto counts = customer.counts(service->info.service_id);
    const bool in_use = counts.registered > 0;
    if (!wanted.empty() && in_use != (wanted == "true")) continue;
    auto row = service_json(*service);
    row["in_use"] = in_use;
    row["devices"] = {{"applicable", applicable_devices(*service, models)},
                      {"registered", counts.registered},
                      {"waiting", counts.waiting}};
    items.push_back(std::move(row));
  }
  return page(std::move(items), "");
}

// ---- devices (S203) ---------------------------------------------------------------------------

void add_applicable(boost::json::object& row, const plugin::Service& service,
                    const store::Device& device) {
  const bool applies = Catalogue::applies(service, device.vendor, device.model);
  row["applicable"] = applies;
  if (applies) return;
  row["reason"] = "model " + device.model + " is not among the applied models of " +
                  service.info.service_id + ": " + Catalogue::models_of(service);
}

Result<Response> list_devices(const Context& context, const Request& request) {
  const auto page_wanted = page_of(request);
  if (!page_wanted) return fail(page_wanted.error());
  const auto model = request.query_param("model");
  const auto service_id = request.query_param("service");
  const auto* service = service_id.empty() ? nullptr : context.plugins.catalogue().find(service_id);
  if (!service_id.empty() && service == nullptr) {
    return fail(INTRAY_E_NOT_FOUND, "there is no service " + std::string(service_id));
  }
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto customer = snapshot->customer(request.principal.customer);
  // A filter that few devices pass ends a page early: the reader follows `next`.
  constexpr std::size_t kRowsLookedAt = store::kPageRowsMax;
  const auto rows = customer.devices(page_wanted->after, kRowsLookedAt);
  boost::json::array items;
  std::string last;
  for (const auto& device : rows) {
    if (items.size() == page_wanted->limit) break;
    last = device.device_id;
    if (!model.empty() && device.model != model) continue;
    auto row = device_json(
        device, context.presence.read(device.device_id, customer.presence(device.device_id)));
    if (service != nullptr) add_applicable(row, *service, device);
    items.push_back(std::move(row));
  }
  const bool end = rows.size() < kRowsLookedAt && (rows.empty() || last == rows.back().device_id);
  return page(std::move(items), end ? "" : last);
}

Result<Response> show_device(const Context& context, const Request& request) {
  const auto id = request.path_param("id");
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto customer = snapshot->customer(request.principal.customer);
  const auto device = customer.device(id);
  if (!device) return fail(INTRAY_E_NOT_FOUND, "your inventory holds no device " + std::string(id));
  return json(200, device_json(*device, context.presence.read(id, customer.presence(id))));
}

// ---- events (S209, S221) ------------------------------------------------------------------------

Response too_old(std::uint64_t oldest) {
  return problem(Problem{410,
                         "INT-1030",
                         "Those events are gone",
                         "events are kept for 400 days: go on from `oldest`",
                         {},
                         {{"oldest", std::to_string(oldest)}}});
}

Result<Response> list_events(const Context& context, const Request& request) {
  const auto since = log_position(request);
  if (!since) return fail(since.error());
  const auto page_wanted = page_of(request);
  if (!page_wanted) return fail(page_wanted.error());
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto customer = snapshot->customer(request.principal.customer);
  const auto oldest = customer.oldest_log_sequence();
  if (*since > 0 && *since + 1 < oldest) return too_old(oldest);
  boost::json::array items;
  std::string last;
  for (const auto& row : customer.log(*since, page_wanted->limit)) {
    last = std::to_string(row.sequence);
    items.push_back(event_json(row));
  }
  const bool full = items.size() == page_wanted->limit;
  return page(std::move(items), full ? last : "");
}

}  // namespace

Result<void> add_customer_routes(Router& router, const Context& context) {
  using Serve = Result<Response> (*)(const Context&, const Request&);
  const std::pair<const char*, Serve> routes[] = {
      {"/v1/services?in_use&after&limit", &list_services},
      {"/v1/devices?model&service&after&limit", &list_devices},
      {"/v1/devices/{id}", &show_device},
      {"/v1/events?since&after&limit", &list_events}};
  for (const auto& [path, serve] : routes) {
    auto added =
        add(router, "GET", path, "customer.view",
            [&context, serve = serve](const Request& request) { return serve(context, request); });
    if (!added) return added;
  }
  return {};
}

}  // namespace intray::http
