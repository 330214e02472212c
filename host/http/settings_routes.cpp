// Customers and their settings, for the operator.
#include <algorithm>
#include <array>

#include "host/http/json.hpp"
#include "host/http/routes.hpp"

namespace intray::http {
namespace {

constexpr std::array<std::string_view, 2> kRetentions = {"delete", "keep"};
constexpr std::array<std::string_view, 4> kNotices = {"none", "devices", "urls", "relay"};
constexpr std::array<std::string_view, 2> kSchemes = {"https", "http"};

boost::json::object customer_json(std::string_view id, std::uint64_t devices,
                                  const store::CustomerSettings& settings) {
  return {{"customer", id},
          {"devices", devices},
          {"retention", settings.keep_acquired ? "keep" : "delete"},
          {"notice", settings.notice},
          {"poll_interval_s", settings.poll_interval_s},
          {"code_life_s", settings.code_life_s},
          {"wake_scheme", settings.wake_scheme},
          {"wake_port", settings.wake_port}};
}

Result<Response> list_customers(const Context& context, const Request& request) {
  const auto page_wanted = page_of(request);
  if (!page_wanted) return fail(page_wanted.error());
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto ids = snapshot->customers(page_wanted->after, page_wanted->limit);
  boost::json::array items;
  for (const auto& id : ids) {
    items.push_back(
        customer_json(id, snapshot->customer(id).device_count(), context.store.settings(id)));
  }
  return page(std::move(items), ids.size() == page_wanted->limit ? ids.back() : "");
}

Result<std::uint64_t> devices_of(const Context& context, std::string_view id) {
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto customer = snapshot->customer(id);
  if (!is_name(id, 64) || !customer.known()) {
    return fail(INTRAY_E_NOT_FOUND, "there is no customer " + std::string(id) +
                                        ": importing an inventory that names it makes it known");
  }
  return customer.device_count();
}

Result<Response> show_customer(const Context& context, const Request& request) {
  const auto id = request.path_param("id");
  const auto devices = devices_of(context, id);
  if (!devices) return fail(devices.error());
  return json(200, customer_json(id, *devices, context.store.settings(id)));
}

// ---- PATCH: one setting after another ---------------------------------------------------------

template <std::size_t size>
Result<void> take_word(const boost::json::object& body, std::string_view name,
                       const std::array<std::string_view, size>& words, std::string& into) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) return {};
  const auto* text = value->if_string();
  if (text != nullptr &&
      std::find(words.begin(), words.end(), std::string_view(*text)) != words.end()) {
    into = std::string(*text);
    return {};
  }
  std::string list;
  for (const auto word : words) list += (list.empty() ? "" : " or ") + std::string(word);
  return fail(INTRAY_E_INVALID, "'" + std::string(name) + "' is " + list);
}

Result<void> take_number(const boost::json::object& body, std::string_view name, std::int64_t min,
                         std::int64_t max, std::uint32_t& into) {
  const auto* value = body.if_contains(name);
  if (value == nullptr) return {};
  const auto* number = value->if_int64();
  if (number == nullptr || *number < min || *number > max) {
    return fail(INTRAY_E_INVALID, "'" + std::string(name) + "' is a number from " +
                                      std::to_string(min) + " to " + std::to_string(max));
  }
  into = static_cast<std::uint32_t>(*number);
  return {};
}

Result<store::CustomerSettings> changed(store::CustomerSettings settings, const Request& request) {
  const auto body = body_of(request, {"retention", "notice", "poll_interval_s", "code_life_s",
                                      "wake_scheme", "wake_port"});
  if (!body) return fail(body.error());
  std::string retention = settings.keep_acquired ? "keep" : "delete";
  auto done = take_word(*body, "retention", kRetentions, retention);
  settings.keep_acquired = retention == "keep";
  if (done) done = take_word(*body, "notice", kNotices, settings.notice);
  if (done) done = take_number(*body, "poll_interval_s", 1, 604'800, settings.poll_interval_s);
  if (done) done = take_number(*body, "code_life_s", 60, 7'776'000, settings.code_life_s);
  if (done) done = take_word(*body, "wake_scheme", kSchemes, settings.wake_scheme);
  if (done) done = take_number(*body, "wake_port", 0, 65'535, settings.wake_port);
  if (!done) return fail(done.error());
  return settings;
}

Result<Response> change_customer(const Context& context, const Request& request) {
  const std::string id(request.path_param("id"));
  const auto devices = devices_of(context, id);
  if (!devices) return fail(devices.error());
  const auto settings = changed(context.store.settings(id), request);
  if (!settings) return fail(settings.error());
  store::Batch batch{id, request.principal.id, {}};
  batch.operations.emplace_back(store::PutSettings{*settings});
  batch.operations.emplace_back(store::Event{"customer.changed", "done", id, request.body});
  if (const auto committed = context.store.commit(std::move(batch)); !committed) {
    return fail(committed.error());
  }
  return json(200, customer_json(id, *devices, *settings));
}

}  // namespace

Result<void> add_settings_routes(Router& router, const Context& context) {
  auto added = add(router, "GET", "/v1/operator/customers?after&limit", "operator.view",
                   [&context](const Request& request) { return list_customers(context, request); });
  if (added) {
    added = add(router, "GET", "/v1/operator/customers/{id}", "operator.view",
                [&context](const Request& request) { return show_customer(context, request); });
  }
  if (added) {
    added = add(router, "PATCH", "/v1/operator/customers/{id}", "operator.change",
                [&context](const Request& request) { return change_customer(context, request); });
  }
  return added;
}

}  // namespace intray::http
