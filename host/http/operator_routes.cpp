// What the operator looks at: plugins, the log, mailboxes, and the proof that the store is sound.
#include "host/http/device_json.hpp"
#include "host/http/json.hpp"
#include "host/http/mail_json.hpp"
#include "host/http/routes.hpp"
#include "host/security/codes.hpp"

namespace intray::http {
namespace {

constexpr std::size_t kBrokenMax = 100;

Result<Response> list_plugins(const Context& context, const Request&) {
  boost::json::array items;
  for (const auto& plugin : context.plugins.plugins()) {
    boost::json::array services;
    for (const auto& service : plugin.services) services.emplace_back(service);
    items.push_back(boost::json::object{{"id", plugin.id},
                                        {"name", plugin.name},
                                        {"version", plugin.version},
                                        {"kind", plugin.kind},
                                        {"file", plugin.file},
                                        {"state", plugin.state},
                                        {"services", std::move(services)},
                                        {"reason", plugin.reason}});
  }
  return page(std::move(items), "");
}

// A misspelt id must not look like an empty customer.
Result<void> expect_customer(const store::Snapshot& snapshot, std::string_view id) {
  if (snapshot.customer(id).known()) return {};
  return fail(INTRAY_E_NOT_FOUND,
              "there is no customer " + std::string(id) + ": intray customer list names them all");
}

template <class Bytes>
std::string hex_of(const Bytes& bytes) {
  return security::hex(security::view(bytes));
}

Result<Response> show_log(const Context& context, const Request& request) {
  const auto since = log_position(request);
  if (!since) return fail(since.error());
  const auto page_wanted = page_of(request);
  if (!page_wanted) return fail(page_wanted.error());
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto customer = request.query_param("customer");
  if (!customer.empty()) {  // "" = the system's log
    if (const auto known = expect_customer(*snapshot, customer); !known) return fail(known.error());
  }
  boost::json::array items;
  std::string last;
  for (const auto& row : snapshot->customer(customer).log(*since, page_wanted->limit)) {
    auto item = event_json(row);
    item["previous_hash"] = hex_of(row.previous_hash);
    item["hash"] = hex_of(row.hash);
    last = std::to_string(row.sequence);
    items.push_back(std::move(item));
  }
  const bool full = items.size() == page_wanted->limit;
  return page(std::move(items), full ? last : "");
}

// ---- mailboxes (FIG. 6) -----------------------------------------------------------------------

boost::json::object mail_json(const Context& context, std::string_view customer,
                              const store::Mail& mail, const store::Presence& presence) {
  const auto payload = payload_of(mail);
  // Four characters of the code tell two apart and open nothing.
  const auto code = code_of(context.keys, customer, mail, payload);
  const auto* url = payload.if_contains("url");
  const bool fetched = presence.fetched_sequence >= mail.sequence;
  return {{"device_id", mail.device_id},
          {"sequence", mail.sequence},
          {"type", mail.type},
          {"service", mail.service},
          {"url", url == nullptr ? boost::json::value("") : *url},
          {"code", code ? security::masked(*code) : std::string()},
          {"sent", time_value(mail.sent)},
          {"visible", time_value(mail.visible)},
          {"fetched", fetched ? time_value(presence.fetched_at) : boost::json::value(nullptr)}};
}

// "DEVICE/SEQUENCE"
std::pair<std::string, std::uint64_t> position_of(const std::string& after) {
  const auto slash = after.rfind('/');
  if (slash == std::string::npos) return {after, 0};
  return {after.substr(0, slash), std::strtoull(after.c_str() + slash + 1, nullptr, 10)};
}

// What was taken off one device's mailbox, where the customer's retention keeps it (M9).
Result<Response> list_acquired(const Context& context, std::string_view customer_id,
                               std::string_view device) {
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  if (const auto known = expect_customer(*snapshot, customer_id); !known) {
    return fail(known.error());
  }
  const auto customer = snapshot->customer(customer_id);
  const auto presence = context.presence.read(device, customer.presence(device));
  boost::json::array items;
  for (const auto& acquired : customer.acquired(device, store::kPageRowsMax)) {
    auto row = mail_json(context, customer_id, acquired.mail, presence);
    row["acquired"] = time_value(acquired.taken_off);
    items.push_back(std::move(row));
  }
  return page(std::move(items), "");
}

Result<Response> list_mailboxes(const Context& context, const Request& request) {
  const auto customer_id = request.query_param("customer");
  if (customer_id.empty()) return fail(INTRAY_E_INVALID, "customer= says whose mailboxes");
  if (const auto device = request.query_param("acquired"); !device.empty()) {
    return list_acquired(context, customer_id, device);
  }
  const auto page_wanted = page_of(request);
  if (!page_wanted) return fail(page_wanted.error());
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  if (const auto known = expect_customer(*snapshot, customer_id); !known) {
    return fail(known.error());
  }
  const auto customer = snapshot->customer(customer_id);
  const auto [device, sequence] = position_of(page_wanted->after);
  const auto mails = customer.mailboxes(device, sequence, page_wanted->limit);
  boost::json::array items;
  for (const auto& mail : mails) {
    const auto presence = context.presence.read(mail.device_id, customer.presence(mail.device_id));
    items.push_back(mail_json(context, customer_id, mail, presence));
  }
  const bool full = mails.size() == page_wanted->limit;
  return page(std::move(items),
              full ? mails.back().device_id + "/" + std::to_string(mails.back().sequence) : "");
}

// ---- the store ----------------------------------------------------------------------------------

Result<Response> check_store(const Context& context, const Request&) {
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  auto broken = store::check(*snapshot, kBrokenMax);
  if (!broken) return fail(broken.error());
  const auto of_plugins = context.plugins.check(*snapshot, kBrokenMax - broken->size());
  if (!of_plugins) return fail(of_plugins.error());
  broken->insert(broken->end(), of_plugins->begin(), of_plugins->end());
  boost::json::array sentences;
  for (const auto& sentence : *broken) sentences.emplace_back(sentence);
  return json(200,
              boost::json::object{{"sound", broken->empty()}, {"broken", std::move(sentences)}});
}

}  // namespace

Result<void> add_operator_routes(Router& router, const Context& context) {
  using Serve = Result<Response> (*)(const Context&, const Request&);
  const std::pair<const char*, Serve> routes[] = {
      {"/v1/operator/plugins", &list_plugins},
      {"/v1/operator/log?customer&since&after&limit", &show_log},
      {"/v1/operator/mailboxes?customer&acquired&after&limit", &list_mailboxes},
      {"/v1/operator/store/check", &check_store}};
  for (const auto& [path, serve] : routes) {
    auto added =
        add(router, "GET", path, "operator.view",
            [&context, serve = serve](const Request& request) { return serve(context, request); });
    if (!added) return added;
  }
  return {};
}

}  // namespace intray::http
