// The C tables of the fake host.
#include <algorithm>
#include <cstdio>

#include "tests/support/fake_host.hpp"

namespace intray::testing_support {
namespace {

constexpr int kTriesMax = 10;
constexpr std::int64_t kLockNs = 900'000'000'000;

const FakeCaller& caller_of(const intray_call* call) {
  return *static_cast<const FakeCaller*>(call->impl);
}

const FakeService* service_of(const intray_host* host, intray_str service_id) {
  for (const auto& service : fake_of(host).services) {
    if (service.service_id == view(service_id)) return &service;
  }
  return nullptr;
}

intray_status visit_rows(const std::vector<StoredRow>& rows, intray_value_visit visit, void* user) {
  for (const auto& row : rows) {
    const auto status = visit(user, str(row.key), bytes(row.value), row.revision);
    if (status != INTRAY_OK) return status;
  }
  return INTRAY_OK;
}

intray_status get(const intray_host* host, intray_str customer, std::uint32_t kind, intray_str key,
                  std::uint64_t, intray_value_visit visit, void* user, intray_error*) noexcept {
  auto& store = fake_of(host).store;
  std::vector<StoredRow> rows;
  if (kind == INTRAY_STORE_OWN) {
    const auto found = store.own.find({copy(customer), copy(key)});
    if (found != store.own.end()) {
      rows.push_back({copy(key), found->second.value, found->second.revision});
    }
  } else {
    rows = store.rows(copy(customer), kind, copy(key), "", 1);
    if (!rows.empty() && rows.front().key != view(key)) rows.clear();
  }
  return rows.empty() ? INTRAY_E_NOT_FOUND : visit_rows(rows, visit, user);
}

intray_status walk(const intray_host* host, intray_str customer, std::uint32_t kind,
                   intray_str prefix, intray_str after, std::uint32_t limit, std::uint64_t,
                   intray_value_visit visit, void* user, intray_error*) noexcept {
  if (limit > INTRAY_PAGE_ROWS_MAX) return INTRAY_E_INVALID;
  return visit_rows(fake_of(host).store.rows(copy(customer), kind, copy(prefix), copy(after),
                                             limit == 0 ? INTRAY_PAGE_ROWS_MAX : limit),
                    visit, user);
}

intray_status commit(const intray_host* host, const intray_call* call, intray_str customer,
                     const intray_op* const* ops, std::uint32_t count, intray_commit_result*,
                     intray_error* error) noexcept {
  auto& fake = fake_of(host);
  const std::vector<const intray_op*> list(ops, ops + count);
  // Copies: a hook may take itself out.
  const auto before = fake.before_commit;
  const auto after = fake.after_commit;
  auto status = before ? before(list) : INTRAY_OK;
  if (status == INTRAY_OK) status = fake.store.commit(caller_of(call), copy(customer), list);
  if (status == INTRAY_OK) {
    ++fake.commits;
    if (after) status = after();
  }
  return status == INTRAY_OK ? status : report(error, status, "the fake host refused it");
}

intray_status commit_then(const intray_host* host, const intray_call* call, intray_str customer,
                          const intray_op* const* ops, std::uint32_t count, intray_commit_done done,
                          void* user, intray_error* error) noexcept {
  intray_commit_result result{sizeof result, UINT32_MAX, 0};
  done(user, commit(host, call, customer, ops, count, &result, error), &result);
  return INTRAY_OK;
}

intray_status find_device(const intray_host* host, intray_str customer, intray_str device_id,
                          intray_device_visit visit, void* user, intray_error*) noexcept {
  const auto& devices = fake_of(host).store.devices;
  const auto found = devices.find({copy(customer), copy(device_id)});
  if (found == devices.end()) return INTRAY_E_NOT_FOUND;
  const auto device = borrow(found->second);
  return visit(user, &device);
}

intray_status query(const intray_host* host, const intray_device_query* asked,
                    intray_device_visit visit, void* user, intray_error*) noexcept {
  const auto& devices = fake_of(host).store.devices;
  const auto customer = copy(asked->customer_id);
  auto left = asked->limit == 0 ? INTRAY_PAGE_ROWS_MAX : asked->limit;
  if (customer.empty() || left > INTRAY_PAGE_ROWS_MAX) return INTRAY_E_INVALID;
  for (auto it = devices.upper_bound({customer, copy(asked->after_device_id)});
       it != devices.end() && it->first.first == customer && left > 0; ++it, --left) {
    const auto device = borrow(it->second);
    const auto status = visit(user, &device);
    if (status != INTRAY_OK) return status;
  }
  return INTRAY_OK;
}

intray_status models(const intray_host* host, intray_str customer, intray_kv_visit visit,
                     void* user, intray_error*) noexcept {
  std::map<std::string, int> held;
  for (const auto& [key, device] : fake_of(host).store.devices) {
    if (key.first == view(customer)) ++held[device.vendor + '\t' + device.model];
  }
  for (const auto& [model, count] : held) {
    const auto number = std::to_string(count);
    const intray_kv kv{str(model), str(number)};
    const auto status = visit(user, &kv);
    if (status != INTRAY_OK) return status;
  }
  return INTRAY_OK;
}

bool covers(const FakeService& service, std::string_view model) {
  return std::find(service.models.begin(), service.models.end(), model) != service.models.end();
}

intray_status all(const intray_host* host, intray_service_visit visit, void* user,
                  intray_error*) noexcept {
  for (const auto& service : fake_of(host).services) {
    intray_service_desc desc{};
    desc.struct_size = sizeof desc;
    desc.service_id = str(service.service_id);
    desc.display_name = str(service.service_id);
    desc.registration_url = str(service.registration_url);
    const auto status = visit(user, str("plugin"), &desc);
    if (status != INTRAY_OK) return status;
  }
  return INTRAY_OK;
}

intray_status for_device(const intray_host*, const intray_device*, intray_service_visit, void*,
                         intray_error*) noexcept {
  return INTRAY_E_UNSUPPORTED;
}

intray_status applies(const intray_host* host, intray_str service_id, intray_str, intray_str model,
                      std::uint32_t* yes, intray_error*) noexcept {
  const auto* service = service_of(host, service_id);
  if (service == nullptr) return INTRAY_E_NOT_FOUND;
  *yes = covers(*service, view(model)) ? 1 : 0;
  return INTRAY_OK;
}

intray_status validate(const intray_host* host, const intray_call*, const intray_application* app,
                       const intray_verdict_sink* verdict, intray_error* error) noexcept {
  const auto* service = service_of(host, app->service_id);
  if (service == nullptr) return INTRAY_E_NOT_FOUND;
  if (!service->up) return report(error, INTRAY_E_UNAVAILABLE, "its plugin is down");
  const auto objection = service->objection ? service->objection(*app) : std::string();
  if (objection.empty()) return INTRAY_OK;
  return verdict->set(verdict, INTRAY_VERDICT_VETO, str("veto"), str(objection));
}

intray_status params(const intray_host* host, const intray_call*, intray_str service_id,
                     const intray_device*, const intray_kv_sink* sink,
                     intray_error* error) noexcept {
  const auto* service = service_of(host, service_id);
  if (service == nullptr) return INTRAY_E_NOT_FOUND;
  if (!service->up) return report(error, INTRAY_E_UNAVAILABLE, "its plugin is down");
  for (const auto& [name, value] : service->params) sink->add(sink, str(name), str(value));
  return INTRAY_OK;
}

std::string hex_of(const std::uint8_t* nonce) {
  std::string text;
  for (int i = 0; i < 16; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", nonce[i]);
    text += digits;
  }
  return text;
}

intray_status new_nonce(const intray_host* host, std::uint8_t out[16], intray_error*) noexcept {
  const auto last = ++fake_of(host).last_nonce;
  std::fill_n(out, 16, std::uint8_t{0});
  // The first bytes differ: ids are made of them.
  for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(last >> (8 * i));
  return INTRAY_OK;
}

intray_status judge(const intray_host* host, const intray_call* call, intray_str service,
                    intray_str device, const intray_code_candidate* const* candidates,
                    std::uint32_t count, intray_str code, std::uint32_t* verdict,
                    std::uint32_t* index, std::uint32_t* retry_after_s, intray_error*) noexcept {
  auto& fake = fake_of(host);
  const auto& caller = caller_of(call);
  if (caller.principal != "device:" + copy(device) || count > 64) return INTRAY_E_INVALID;
  auto& lock = fake.locks[{copy(device), copy(service)}];
  const auto refuse = [&](std::uint32_t said, const char* outcome) {
    fake.store.log.push_back(
        {caller.customer, caller.principal, "registration.refused", outcome, copy(device), ""});
    *verdict = said;
    return INTRAY_OK;
  };
  *index = UINT32_MAX;
  *retry_after_s = 0;
  const intray_code_candidate* found = nullptr;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto right = fake_code(caller.customer, copy(device), copy(service),
                                 candidates[i]->generation, hex_of(candidates[i]->nonce));
    if (right != view(code)) continue;
    found = candidates[i];
    *index = i;
  }
  *verdict = INTRAY_CODE_MATCH;
  if (found != nullptr && found->live == INTRAY_CODE_LIVE_REGISTERED) return INTRAY_OK;
  if (lock.until > fake.store.now) {
    *index = UINT32_MAX;
    *retry_after_s = static_cast<std::uint32_t>((lock.until - fake.store.now) / 1'000'000'000);
    return refuse(INTRAY_CODE_LOCKED, "locked");
  }
  if (found != nullptr && found->live == INTRAY_CODE_LIVE_OPEN) {
    lock = {};
    return INTRAY_OK;
  }
  if (found != nullptr) return refuse(INTRAY_CODE_ENDED, "ended");
  if (++lock.wrong >= kTriesMax) lock = {0, fake.store.now + kLockNs};
  return refuse(INTRAY_CODE_NO, "wrong");
}

intray_status locked_until(const intray_host* host, intray_str, intray_str service,
                           intray_str device, std::int64_t* until, intray_error*) noexcept {
  auto& fake = fake_of(host);
  const auto lock = fake.locks.find({copy(device), copy(service)});
  const bool locked = lock != fake.locks.end() && lock->second.until > fake.store.now;
  *until = locked ? lock->second.until : 0;
  return INTRAY_OK;
}

intray_status list_mail(const intray_host* host, intray_str customer, intray_str device_id,
                        intray_mail_visit visit, void* user, intray_error*) noexcept {
  auto& fake = fake_of(host);
  for (const auto sequence : fake.mailbox(copy(customer), copy(device_id))) {
    const auto& mail = fake.store.mail.at({{copy(customer), copy(device_id)}, sequence});
    const intray_mail shown{sizeof shown,   0,         sequence,     str(mail.reference),
                            str(mail.type), mail.sent, mail.fetched, mail.visible};
    const auto status = visit(user, &shown);
    if (status != INTRAY_OK) return status;
  }
  return INTRAY_OK;
}

intray_status setting(const intray_host* host, intray_str, intray_str key, intray_kv_visit visit,
                      void* user, intray_error*) noexcept {
  const auto& settings = fake_of(host).settings;
  const auto found = settings.find(copy(key));
  if (found == settings.end()) return INTRAY_E_NOT_FOUND;
  const intray_kv kv{str(found->first), str(found->second)};
  return visit(user, &kv);
}

intray_status add_route(const intray_host* host, const intray_http_route* route,
                        const intray_http_handler* handler, std::uint64_t* number,
                        intray_error*) noexcept {
  auto& fake = fake_of(host);
  *number = ++fake.last_route;
  fake.routes[*number] = {copy(route->method), copy(route->path_template), copy(route->permission),
                          route->max_body, *handler};
  return INTRAY_OK;
}

// A command that can be read: the targets with their children and steps, "A:2:0,B:0:1,C:0:1".
intray_status mint(const intray_host* host, const intray_call* call, const intray_wake_order* order,
                   intray_wake_visit visit, void* user, intray_error* error) noexcept {
  auto& store = fake_of(host).store;
  const auto& customer = caller_of(call).customer;
  if (customer.empty()) return report(error, INTRAY_E_DENIED, "no customer");
  if (order->target_count > INTRAY_WAKE_TARGETS_MAX) return INTRAY_E_TOO_LARGE;
  std::string text;
  for (std::uint32_t i = 0; i < order->target_count; ++i) {
    const auto& target = *order->targets[i];
    const auto held = store.devices.find({customer, copy(target.device_id)});
    if (held == store.devices.end() || held->second.address.empty()) return INTRAY_E_NOT_FOUND;
    text += (i == 0 ? "" : ",") + copy(target.device_id) + ':' + std::to_string(target.children) +
            ':' + std::to_string(target.step);
  }
  intray_wake_command command{};
  command.struct_size = sizeof command;
  command.text = str(text);
  command.expires_unix_s = store.now / 1'000'000'000 + INTRAY_WAKE_TTL_S_MAX;
  return visit(user, &command);
}

bool is_polls_key(intray_str key) { return key.size > 0 && key.size <= INTRAY_POLLS_KEY_BYTES_MAX; }

// As wake.h says it.
intray_status reserve_polls(const intray_host* host, const intray_call* call,
                            const intray_polls_wish* wish, intray_polls_share* out,
                            intray_error* error) noexcept {
  auto& fake = fake_of(host);
  const auto& customer = caller_of(call).customer;
  out->polls = 0;
  out->until_unix_ns = 0;
  if (customer.empty()) return report(error, INTRAY_E_DENIED, "no customer");
  const auto limit =
      static_cast<std::uint32_t>(std::stoul(fake.settings.at(INTRAY_SETTING_POLLS_CONCURRENT_MAX)));
  constexpr std::int64_t kLifeNs = INTRAY_POLLS_LIFE_S_MAX * 1'000'000'000LL;
  if (wish->least == 0 || wish->least > wish->most || wish->most > limit ||
      wish->until_unix_ns <= fake.store.now || wish->until_unix_ns > fake.store.now + kLifeNs ||
      !is_polls_key(wish->key)) {
    return report(error, INTRAY_E_INVALID, "the wish is out of its ranges");
  }
  const FakeStore::Pair key{customer, copy(wish->key)};
  const auto others = fake.polls_held(key);
  const auto free = others < limit ? limit - others : 0;
  if (wish->least > free) {
    out->until_unix_ns = fake.store.now + kLifeNs;
    return report(error, INTRAY_E_BUSY, "too few polls are free");
  }
  auto& share = fake.shares[key];
  const bool lives = share.until > fake.store.now;
  constexpr std::uint32_t kOfSmallPlan = 8;
  const auto fair = std::max(
      {lives ? std::min(share.polls, free) : 0, (free + 1) / 2, std::min(free, kOfSmallPlan)});
  out->polls = std::max(std::min(wish->most, fair), wish->least);
  out->until_unix_ns = wish->until_unix_ns;
  share = {lives ? std::max(share.polls, out->polls) : out->polls,
           lives ? std::max(share.until, wish->until_unix_ns) : wish->until_unix_ns};
  return INTRAY_OK;
}

intray_status release_polls(const intray_host* host, const intray_call* call, intray_str key,
                            intray_error* error) noexcept {
  const auto& customer = caller_of(call).customer;
  if (customer.empty()) return report(error, INTRAY_E_DENIED, "no customer");
  if (!is_polls_key(key)) return report(error, INTRAY_E_INVALID, "the key is malformed");
  fake_of(host).shares.erase({customer, copy(key)});
  return INTRAY_OK;
}

template <class Table, class... Functions>
const void* table_of(Functions... functions) {
  static const Table table{sizeof(Table), 0, functions...};
  return &table;
}

}  // namespace

const void* fake_table(const std::string& id) {
  static const std::map<std::string, const void*> tables = {
      {INTRAY_HOST_STORE, table_of<intray_host_store>(&get, &walk)},
      {INTRAY_HOST_COMMIT, table_of<intray_host_commit>(&commit, &commit_then)},
      {INTRAY_HOST_INVENTORY, table_of<intray_host_inventory>(&find_device, &query, &models)},
      {INTRAY_HOST_CATALOGUE,
       table_of<intray_host_catalogue>(&for_device, &all, &applies, &validate, &params)},
      {INTRAY_HOST_CODES, table_of<intray_host_codes>(&new_nonce, &judge, &locked_until)},
      {INTRAY_HOST_MAILBOX, table_of<intray_host_mailbox>(&list_mail)},
      {INTRAY_HOST_WAKE, table_of<intray_host_wake>(&mint, &reserve_polls, &release_polls)},
      {INTRAY_HOST_CUSTOMER, table_of<intray_host_customer>(&setting)},
      {INTRAY_HOST_CLOCK,
       table_of<intray_host_clock>(
           [](const intray_host* host) noexcept { return fake_of(host).store.now; },
           [](const intray_host* host) noexcept { return fake_of(host).store.now; })},
      {INTRAY_HOST_HTTP, table_of<intray_host_http>(&add_route, [](const intray_host* host,
                                                                   std::uint64_t number) noexcept {
         fake_of(host).routes.erase(number);
       })}};
  const auto found = tables.find(id);
  return found == tables.end() ? nullptr : found->second;
}

}  // namespace intray::testing_support
