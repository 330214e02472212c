// Tokens of people and programs, and the one-time codes that give devices theirs.
#include "host/http/json.hpp"
#include "host/http/routes.hpp"
#include "host/security/tokens.hpp"

namespace intray::http {
namespace {

constexpr store::UnixNs kProvisioningCodeLifeNs = 7 * store::kDayNs;

boost::json::object token_json(const store::Token& token) {
  return {{"id", token.id},
          {"role", token.role},
          {"customer", token.customer},
          {"name", token.name},
          {"created", time_value(token.created)}};
}

// Which token is wanted; its id is new.
Result<store::Token> wanted_token(const Request& request) {
  const auto body = body_of(request, {"role", "customer", "name"});
  if (!body) return fail(body.error());
  const auto role = text_member(*body, "role", true);
  if (!role) return fail(role.error());
  const auto customer = text_member(*body, "customer", false, 64);
  if (!customer) return fail(customer.error());
  const auto name = text_member(*body, "name", false, 128);
  if (!name) return fail(name.error());
  const auto parsed = security::parse_role(*role);
  if (parsed == security::Role::kNobody || parsed == security::Role::kDevice) {
    return fail(INTRAY_E_INVALID, "'role' is operator, administrator or viewer");
  }
  const bool is_operator = parsed == security::Role::kOperator;
  if (is_operator != customer->empty() || (!is_operator && !is_name(*customer, 64))) {
    return fail(INTRAY_E_INVALID, is_operator ? "an operator's token belongs to no 'customer'"
                                              : "'customer' says whose token this is");
  }
  return store::Token{security::new_token_id(), *role, *customer, *name, 0};
}

// Shown once; a repeated POST makes a second token, so it takes no Idempotency-Key.
Result<Response> make_token(const Context& context, const Request& request) {
  auto token = wanted_token(request);
  if (!token) return fail(token.error());
  if (!token->customer.empty()) {
    const auto snapshot = context.store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    if (!snapshot->customer(token->customer).known()) {
      return fail(INTRAY_E_NOT_FOUND, "there is no customer " + token->customer +
                                          ": import an inventory that names it first");
    }
  }
  const auto secret = security::new_api_token();
  store::Batch batch{"", request.principal.id, {}};
  batch.operations.emplace_back(store::PutToken{security::sha256(secret.reveal()), *token});
  batch.operations.emplace_back(store::Event{"token.created", token->role, token->id, ""});
  const auto committed = context.store.commit(std::move(batch));
  if (!committed) return fail(committed.error());
  token->created = committed->time;
  auto body = token_json(*token);
  body["token"] = secret.reveal();
  return json(201, body);
}

Result<Response> list_tokens(const Context& context, const Request& request) {
  const auto page_wanted = page_of(request);
  if (!page_wanted) return fail(page_wanted.error());
  const auto snapshot = context.store.snapshot();
  if (!snapshot) return fail(snapshot.error());
  const auto tokens = snapshot->tokens(page_wanted->after, page_wanted->limit);
  boost::json::array items;
  for (const auto& token : tokens) items.push_back(token_json(token));
  return page(std::move(items), tokens.size() == page_wanted->limit ? tokens.back().id : "");
}

Result<Response> revoke_token(const Context& context, const Request& request) {
  const std::string id(request.path_param("id"));
  store::Batch batch{"", request.principal.id, {}};
  batch.operations.emplace_back(store::EraseToken{id});
  batch.operations.emplace_back(store::Event{"token.revoked", "done", id, ""});
  if (const auto committed = context.store.commit(std::move(batch)); !committed) {
    return fail(committed.error());
  }
  return Response{204, {}, "", ""};
}

Result<Response> make_provisioning_code(const Context& context, const Request& request) {
  const std::string device(request.path_param("device"));
  std::optional<std::string> customer;
  {
    const auto snapshot = context.store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    customer = snapshot->customer_of(device);
  }
  if (!customer) {
    return fail(INTRAY_E_NOT_FOUND, "no customer's inventory holds a device " + device);
  }
  const auto secret = security::new_provisioning_code();
  store::ProvisioningCode code;
  code.customer = *customer;
  code.device_id = device;
  code.expires = context.store.now() + kProvisioningCodeLifeNs;
  store::Batch batch{*customer, request.principal.id, {}};
  batch.operations.emplace_back(
      store::PutProvisioningCode{security::sha256(secret.reveal()), code});
  batch.operations.emplace_back(store::Event{"device.code_made", "done", device, ""});
  if (const auto committed = context.store.commit(std::move(batch)); !committed) {
    return fail(committed.error());
  }
  return json(201, boost::json::object{{"device", device},
                                       {"customer", *customer},
                                       {"code", secret.reveal()},
                                       {"expires", time_value(code.expires)}});
}

}  // namespace

Result<void> add_credential_routes(Router& router, const Context& context) {
  struct Entry {
    const char *method, *path;
    Result<Response> (*serve)(const Context&, const Request&);
  };
  const Entry entries[] = {
      {"GET", "/v1/operator/tokens?after&limit", &list_tokens},
      {"POST", "/v1/operator/tokens", &make_token},
      {"DELETE", "/v1/operator/tokens/{id}", &revoke_token},
      {"POST", "/v1/operator/devices/{device}/provisioning-code", &make_provisioning_code}};
  for (const auto& entry : entries) {
    auto added = add(router, entry.method, entry.path, "operator.tokens",
                     [&context, serve = entry.serve](const Request& request) {
                       return serve(context, request);
                     });
    if (!added) return added;
  }
  return {};
}

}  // namespace intray::http
