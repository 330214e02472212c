#include "tests/support/fake_host.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <deque>

namespace intray::testing_support {
namespace {

// Copies operations, as a host's sink does.
class CopyingSink {
 public:
  CopyingSink() {
    sink_.struct_size = sizeof sink_;
    sink_.impl = this;
    sink_.add = [](const intray_batch_sink* sink, const intray_op* op) noexcept -> intray_status {
      auto& self = *static_cast<CopyingSink*>(sink->impl);
      auto copied = *op;
      copied.key = self.keep(view(op->key));
      copied.type = self.keep(view(op->type));
      copied.reference = self.keep(view(op->reference));
      const auto value = self.keep(view(op->value));
      copied.value = {value.data, value.size};
      self.ops_.push_back(copied);
      return INTRAY_OK;
    };
  }
  const intray_batch_sink& raw() const { return sink_; }
  std::vector<const intray_op*> ops() const {
    std::vector<const intray_op*> pointers;
    for (const auto& op : ops_) pointers.push_back(&op);
    return pointers;
  }

 private:
  intray_str keep(std::string_view text) { return str(texts_.emplace_back(text)); }
  intray_batch_sink sink_{};
  std::deque<std::string> texts_;
  std::deque<intray_op> ops_;
};

std::vector<std::string> segments(const std::string& path) {
  std::vector<std::string> parts;
  std::size_t from = 1;
  while (from <= path.size()) {
    const auto to = std::min(path.find('/', from), path.size());
    parts.push_back(path.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::optional<FakePairs> match(const std::string& path_template, const std::string& path) {
  const auto wanted = segments(path_template);
  const auto given = segments(path);
  if (wanted.size() != given.size()) return std::nullopt;
  FakePairs params;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].front() == '{') {
      params.emplace_back(wanted[i].substr(1, wanted[i].size() - 2), given[i]);
    } else if (wanted[i] != given[i]) {
      return std::nullopt;
    }
  }
  return params;
}

std::vector<intray_kv> borrow_all(const FakePairs& pairs) {
  std::vector<intray_kv> borrowed;
  for (const auto& [key, value] : pairs) borrowed.push_back({str(key), str(value)});
  return borrowed;
}

std::uint32_t http_of(intray_status status) {
  switch (status) {
    case INTRAY_E_INVALID:
      return 400;
    case INTRAY_E_NOT_FOUND:
      return 404;
    case INTRAY_E_CONFLICT:
    case INTRAY_E_BAD_STATE:
      return 409;
    case INTRAY_E_DENIED:
      return 403;
    case INTRAY_E_BUSY:
    case INTRAY_E_UNAVAILABLE:
      return 503;
    case INTRAY_E_FULL:
      return 507;
    default:
      return 500;
  }
}

intray_http_response response_into(FakeResponse& answer) {
  intray_http_response response{};
  response.struct_size = sizeof response;
  response.impl = &answer;
  response.head = [](const intray_http_response* self, std::uint32_t status,
                     const intray_kv* headers, std::uint32_t count) noexcept -> intray_status {
    auto& into = *static_cast<FakeResponse*>(self->impl);
    into.status = status;
    for (std::uint32_t i = 0; i < count; ++i) {
      into.headers.emplace_back(copy(headers[i].key), copy(headers[i].value));
    }
    return INTRAY_OK;
  };
  response.write = [](const intray_http_response* self,
                      intray_bytes chunk) noexcept -> intray_status {
    static_cast<FakeResponse*>(self->impl)->body += view(chunk);
    return INTRAY_OK;
  };
  return response;
}

template <class Table>
const Table& extension(const intray_plugin* plugin, const char* id) {
  const auto* table = static_cast<const Table*>(plugin->get_extension(plugin, id));
  assert(table != nullptr);
  return *table;
}

}  // namespace

std::string FakeResponse::header(const std::string& name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

FakeHost::FakeHost() {
  settings = {
      {INTRAY_SETTING_NOTICE, "devices"},      {INTRAY_SETTING_POLL_INTERVAL_S, "86400"},
      {INTRAY_SETTING_CODE_LIFE_S, "2592000"}, {INTRAY_SETTING_WAKE_SCHEME, "https"},
      {INTRAY_SETTING_WAKE_PORT, "0"},         {INTRAY_SETTING_POLLS_CONCURRENT_MAX, "500"}};
  host_.struct_size = sizeof host_;
  host_.abi_major = INTRAY_ABI_MAJOR;
  host_.impl = this;
  host_.name = str("fake");
  host_.version = str("1.0.0");
  host_.get_extension = [](const intray_host*, const char* id) noexcept { return fake_table(id); };
}

FakeHost::~FakeHost() { unload(); }

FakeHost& fake_of(const intray_host* host) { return *static_cast<FakeHost*>(host->impl); }

intray_call fake_call(const FakeCaller& caller) {
  intray_call call{};
  call.struct_size = sizeof call;
  call.principal = str(caller.principal);
  call.customer_id = str(caller.customer);
  call.impl = const_cast<FakeCaller*>(&caller);
  call.is_cancelled = [](const intray_call*) noexcept -> std::uint32_t { return 0; };
  return call;
}

Result<void> FakeHost::load(const intray_entry& library) {
  const auto& factory =
      *static_cast<const intray_plugin_factory*>(library.get_factory(INTRAY_FACTORY_PLUGIN));
  ErrorSlot error;
  auto done = error.result(factory.create(factory.descriptor(0)->id, &host_, &plugin_, error));
  if (done) done = error.result(plugin_->init(plugin_, error));
  if (!done) return done;
  const auto& owned = extension<intray_instructions>(plugin_, INTRAY_EXT_INSTRUCTIONS);
  for (std::uint32_t i = 0; i < owned.type_count; ++i) {
    store.instruction_types.insert(copy(owned.types[i]));
  }
  return error.result(plugin_->start(plugin_, error));
}

void FakeHost::unload() {
  if (plugin_ != nullptr) plugin_->stop(plugin_, 0, nullptr);
  crash();
}

void FakeHost::crash() {
  routes.clear();
  if (plugin_ != nullptr) plugin_->destroy(plugin_);
  plugin_ = nullptr;
}

FakeResponse FakeHost::request(const FakeRequest& request) {
  const auto question = request.path.find('?');
  const auto path = request.path.substr(0, question);
  const auto query = question == std::string::npos ? "" : request.path.substr(question + 1);
  const FakeCaller caller{request.customer, request.principal, request.idempotency_key};
  const auto stored = store.replies.find({caller.principal, caller.idempotency_key});
  if (stored != store.replies.end()) {
    return {stored->second.status, stored->second.body, {{"Location", stored->second.location}}};
  }
  for (const auto& [number, route] : routes) {
    const auto params = match(route.path, path);
    if (route.method != request.method || !params) continue;
    const auto borrowed = borrow_all(*params);
    const auto call = fake_call(caller);
    intray_http_request raw{};
    raw.struct_size = sizeof raw;
    raw.method = str(request.method);
    raw.path = str(path);
    raw.query = str(query);
    raw.principal = str(caller.principal);
    raw.customer_id = str(caller.customer);
    raw.param_count = static_cast<std::uint32_t>(borrowed.size());
    raw.params = borrowed.data();
    raw.body = bytes(request.body);
    FakeResponse answer;
    const auto response = response_into(answer);
    ErrorSlot error;
    const auto done =
        error.result(route.handler.handle(route.handler.user, &call, &raw, &response, error));
    if (!done) return {http_of(done.error().status), done.error().message, {}};
    return answer;
  }
  return {404, "no such route", {}};
}

// Asks the plugin, and commits what it adds; asks again when that conflicts.
intray_status FakeHost::ask_and_commit(const FakeCaller& as, const std::string& customer,
                                       const Ask& ask) {
  for (int tries = 0; tries < 5; ++tries) {
    CopyingSink sink;
    const auto call = fake_call(as);
    const auto asked = ask(call, sink.raw());
    if (asked != INTRAY_OK) return asked;
    const auto done = store.commit(as, customer, sink.ops());
    if (done != INTRAY_E_CONFLICT) return done;
  }
  return INTRAY_E_CONFLICT;
}

// Consumes the timer in the same commit, before the batch's own operations.
void FakeHost::fire(const FakeStore::Pair& key) {
  const FakeCaller host{key.first, "host", ""};
  const auto armed = store.timers.at(key);
  const auto& table = extension<intray_timer>(plugin_, INTRAY_EXT_TIMER);
  for (int tries = 0; tries < 5; ++tries) {
    CopyingSink sink;
    const auto call = fake_call(host);
    const auto asked =
        table.due(plugin_, &call, str(key.first), str(key.second), &sink.raw(), nullptr);
    const auto found = store.timers.find(key);
    if (found == store.timers.end() || found->second != armed) return;  // moved meanwhile
    if (asked != INTRAY_OK) break;
    store.timers.erase(found);
    if (store.commit(host, key.first, sink.ops()) == INTRAY_OK) return;
    store.timers[key] = armed;
  }
  store.timers[key] = store.now + 1'000'000'000;  // tried again later
}

int FakeHost::run_timers(int limit) {
  int calls = 0;
  for (; calls < limit; ++calls) {
    const auto due = std::min_element(
        store.timers.begin(), store.timers.end(),
        [](const auto& one, const auto& other) { return one.second < other.second; });
    if (due == store.timers.end() || due->second > store.now) break;
    fire(FakeStore::Pair(due->first));
  }
  return calls;
}

int FakeHost::acknowledge(const std::string& customer, const std::string& device_id,
                          std::uint64_t sequence, std::uint32_t result, const std::string& reason,
                          std::int64_t retry_after_s) {
  const FakeCaller as{customer, "device:" + device_id, ""};
  const auto found = store.mail.find({{customer, device_id}, sequence});
  if (found == store.mail.end()) return 404;
  const auto mail = found->second;
  intray_acknowledgement ack{};
  ack.struct_size = sizeof ack;
  ack.result = result;
  ack.sequence = sequence;
  ack.type = str(mail.type);
  ack.instruction = bytes(mail.payload);
  ack.reason = str(reason);
  ack.retry_after_s = retry_after_s;
  const auto device = borrow(store.devices.at({customer, device_id}));
  const auto& table = extension<intray_instructions>(plugin_, INTRAY_EXT_INSTRUCTIONS);
  const auto status =
      ask_and_commit(as, customer, [&](const intray_call& call, const intray_batch_sink& sink) {
        return table.acknowledged(plugin_, &call, &device, &ack, &sink, nullptr);
      });
  return status == INTRAY_OK ? 204 : 503;
}

Result<void> FakeHost::remove_device(const std::string& customer, const std::string& device_id) {
  const FakeCaller as{"", "host", ""};
  const auto device = borrow(store.devices.at({customer, device_id}));
  const auto& table = extension<intray_inventory>(plugin_, INTRAY_EXT_INVENTORY);
  const auto status =
      ask_and_commit(as, customer, [&](const intray_call& call, const intray_batch_sink& sink) {
        return table.device_leaving(plugin_, &call, &device, &sink, nullptr);
      });
  if (status != INTRAY_OK) return fail(status, "the plugin keeps the device");
  for (const auto sequence : mailbox(customer, device_id)) {
    store.mail.erase({{customer, device_id}, sequence});
  }
  store.devices.erase({customer, device_id});
  return {};
}

FakePairs FakeHost::check(const std::string& customer) {
  FakePairs broken;
  intray_kv_sink sink{};
  sink.struct_size = sizeof sink;
  sink.impl = &broken;
  sink.add = [](const intray_kv_sink* self, intray_str key, intray_str value) noexcept {
    static_cast<FakePairs*>(self->impl)->emplace_back(copy(key), copy(value));
    return intray_status{INTRAY_OK};
  };
  const FakeCaller as{"", "host", ""};
  const auto call = fake_call(as);
  const auto& table = extension<intray_check>(plugin_, INTRAY_EXT_CHECK);
  ErrorSlot error;
  const auto done = error.result(table.check(plugin_, &call, str(customer), 0, &sink, error));
  if (!done) broken.emplace_back("check", done.error().message);
  return broken;
}

std::string fake_code(const std::string& customer, const std::string& device_id,
                      const std::string& service, std::uint64_t generation,
                      const std::string& nonce) {
  return customer + '/' + device_id + '/' + service + '/' + std::to_string(generation) + '/' +
         nonce;
}

std::string FakeHost::code(const std::string& customer, const std::string& device_id,
                           const std::string& service) const {
  for (const auto sequence : mailbox(customer, device_id)) {
    const auto& mail = store.mail.at({{customer, device_id}, sequence});
    if (mail.type != "register-device" || mail.visible > store.now) continue;
    const auto payload = boost::json::parse(mail.payload).as_object();
    if (payload.at("service").as_string() != service) continue;
    return fake_code(customer, device_id, service,
                     static_cast<std::uint64_t>(payload.at("generation").as_int64()),
                     std::string(payload.at("nonce").as_string()));
  }
  return {};
}

std::vector<std::uint64_t> FakeHost::mailbox(const std::string& customer,
                                             const std::string& device_id) const {
  std::vector<std::uint64_t> sequences;
  const FakeStore::Pair device{customer, device_id};
  for (auto it = store.mail.lower_bound({device, 0});
       it != store.mail.end() && it->first.first == device; ++it) {
    sequences.push_back(it->first.second);
  }
  return sequences;
}

std::uint32_t FakeHost::polls_held(const FakeStore::Pair& but_for) const {
  std::uint32_t held = 0;
  for (const auto& [key, share] : shares) {
    if (key != but_for && share.until > store.now) held += share.polls;
  }
  return held;
}

std::vector<FakeLogRow> FakeHost::log(const std::string& topic) const {
  std::vector<FakeLogRow> rows;
  for (const auto& row : store.log) {
    if (row.topic == topic) rows.push_back(row);
  }
  return rows;
}

}  // namespace intray::testing_support
