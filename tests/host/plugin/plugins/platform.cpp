// A platform plugin whose one route does what its path says, and answers in words.
#include <atomic>
#include <intray/declare.hpp>
#include <intray/platform.hpp>
#include <sstream>

namespace {

using namespace intray;

constexpr const char* kType = "test-instruction";

class TestPlatform final : public Plugin {
 public:
  using Plugin::Plugin;

  static const intray_plugin_desc& descriptor() {
    static const auto desc = plugin_desc(INTRAY_KIND_PLATFORM, INTRAY_CONCURRENT, "test.platform",
                                         "Platform", "Test", "1.0.0", "Does what its path says");
    return desc;
  }

  Result<void> init() override {
    auto found = Platform::of(host());
    if (!found) return fail(found.error());
    platform_.emplace(std::move(*found));
    return {};
  }
  Result<void> start() override {
    handler_.struct_size = sizeof handler_;
    handler_.user = this;
    handler_.handle = [](void* user, const intray_call* call, const intray_http_request* request,
                         const intray_http_response* response, intray_error* error) noexcept {
      return guard(error, [&]() -> Result<void> {
        auto answered = static_cast<TestPlatform*>(user)->answer(*call, *request);
        if (!answered) return fail(answered.error());
        response->write(response, bytes(*answered));
        return {};
      });
    };
    auto added = add_route("/v1/test/{action}", "customer.apply");
    if (!added) return added;
    const auto outside = add_route("/v1/devices", "customer.apply");
    host().log(INTRAY_LOG_INFO, "outside: " + std::to_string(outside.error().status));
    const auto open = add_route("/v1/test/x/y", "any.open");
    host().log(INTRAY_LOG_INFO, "open: " + std::to_string(open.error().status));
    return {};
  }

  const void* extension(std::string_view id) noexcept override;

  Result<void> acknowledged(const intray_device& device, const intray_acknowledgement& ack,
                            const intray_batch_sink& sink) {
    Batch batch;
    if (ack.result == INTRAY_ACK_REFUSED) return fail(INTRAY_E_BUSY, "not now");
    if (ack.result == INTRAY_ACK_LATER) {
      batch.defer(view(device.device_id), "ref-1",
                  platform_->now() + ack.retry_after_s * 1'000'000'000);
    } else {
      batch.take_off(view(device.device_id), "ref-1");
    }
    return batch.into(sink);
  }

  // "fail": once in vain. "conflict": first with a revision that cannot be. "again": sets itself.
  Result<void> due(std::string_view customer, std::string_view name,
                   const intray_batch_sink& sink) {
    const int before = dues_++;
    host().log(INTRAY_LOG_INFO, "due " + std::string(customer) + " " + std::string(name));
    Batch batch;
    if (name == "fail" && before == 0) return fail(INTRAY_E_BUSY, "not now");
    if (name == "conflict") batch.put("due", "x", before == 0 ? 4711 : Batch::kAnyRevision);
    if (name == "again" && before == 0) batch.timer("again", platform_->now());
    batch.event("timer", "due", name, "{}");
    return batch.into(sink);
  }

  Result<void> leaving(const intray_device& device, const intray_batch_sink& sink) {
    if (view(device.device_id) == "D3") return fail(INTRAY_E_BUSY, "D3 stays");
    Batch batch;
    batch.event("device.left", "left", view(device.device_id), "{}");
    return batch.into(sink);
  }

  Result<void> check(std::string_view customer, std::uint64_t snapshot,
                     const intray_kv_sink& broken) {
    const auto rows =
        platform_->walk(customer, INTRAY_STORE_OWN, "", "", INTRAY_PAGE_ROWS_MAX, snapshot);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      if (row.value == "broken") broken.add(&broken, str(row.key), str("it is broken"));
    }
    return {};
  }

 private:
  Result<void> add_route(std::string_view path, std::string_view permission) {
    intray_http_route route{};
    route.struct_size = sizeof route;
    route.method = str("POST");
    route.path_template = str(path);
    route.permission = str(permission);
    std::uint64_t number = 0;
    ErrorSlot error;
    const auto* http = host().find<intray_host_http>(INTRAY_HOST_HTTP);
    return error.result(http->add_route(host().raw(), &route, &handler_, &number, error));
  }

  Result<std::string> answer(const intray_call& call, const intray_http_request& request) {
    const auto action = copy(request.params[0].value);
    const std::string body(view(request.body));
    const auto customer = copy(request.customer_id);
    if (action == "get") {
      const auto row = platform_->get(customer, INTRAY_STORE_OWN, body);
      if (!row) return fail(row.error());
      return *row ? (*row)->value : std::string("none");
    }
    if (action == "mailbox") return list(customer, INTRAY_STORE_MAILBOX, body);
    if (action == "entitled") return list(customer, INTRAY_STORE_ENTITLEMENT, body);
    if (action == "own") return list(body, INTRAY_STORE_OWN, "");
    if (action == "seen") return seen(customer, body);
    if (action == "params") return params(call, body);
    if (action == "validate") return validate(call, body);
    if (action == "judge") return judge(call, body);
    if (action == "mint") return mint(call, body);
    if (action == "reserve") return reserve(call, body);
    if (action == "release") return release(call, body);
    if (action == "small") return reserve_in_small_structs(call);
    if (action == "then") return then(call, customer);
    if (action == "third") return third(call, customer, body);
    return write(call, customer, action, body);
  }

  Result<std::string> write(const intray_call& call, const std::string& customer,
                            const std::string& action, const std::string& body) {
    Batch batch;
    auto whose = customer;
    auto forged = call;
    if (action == "put") batch.put(body, body, Batch::kAnyRevision);
    if (action == "once") batch.put(body, body, Batch::kMustNotExist);
    if (action == "send") batch.send(body, kType, "ref-1", R"({"service":"good-service"})");
    if (action == "foreign") batch.send(body, "register-device", "r", R"({"service":"s"})");
    if (action == "timer") batch.timer(body, platform_->now());
    if (action == "entitle") batch.entitle(body, "good-service", "{}");
    if (action == "disentitle") batch.disentitle(body, "good-service", INTRAY_STOP_LOST);
    if (action == "reply") batch.reply(201, "/v1/x", body);
    if (action == "other") whose = "C002";
    if (action == "forge") forged.impl = reinterpret_cast<void*>(0xdeadbeef);
    const auto done = batch.commit(host(), forged, whose);
    if (!done) return fail(done.error());
    return std::string("done");
  }

  Result<std::string> list(const std::string& customer, std::uint32_t store,
                           const std::string& prefix) {
    std::string all;
    const auto rows = platform_->walk(customer, store, prefix, "", 0);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      all += row.key.substr(0, row.key.find('\0')) + "=" + row.value + ";";
    }
    return all;
  }

  // A command for the one device; the text and when it expires.
  Result<std::string> mint(const intray_call& call, const std::string& device) {
    intray_wake_target target{};
    target.struct_size = sizeof target;
    target.device_id = str(device);
    const intray_wake_target* targets[] = {&target};
    intray_wake_order order{};
    order.struct_size = sizeof order;
    order.target_count = 1;
    order.targets = targets;
    const auto command = platform_->mint_wake(call, order);
    if (!command) return fail(command.error());
    return command->text + " " + std::to_string(command->expires_unix_s);
  }

  // "KEY LEAST MOST SECONDS": the polls granted and for how many seconds; or when there is room.
  Result<std::string> reserve(const intray_call& call, const std::string& body) {
    std::istringstream words(body);
    Platform::PollsWish wish;
    std::int64_t seconds = 0;
    words >> wish.key >> wish.least >> wish.most >> seconds;
    constexpr std::int64_t kNs = 1'000'000'000;
    wish.until_unix_ns = seconds > INT64_MAX / kNs ? seconds : platform_->now() + seconds * kNs;
    auto forged = call;
    if (wish.key == "forge") forged.impl = reinterpret_cast<void*>(0xdeadbeef);
    std::int64_t room_at = -1;
    const auto share = platform_->reserve_polls(forged, wish, &room_at);
    if (!share && share.error().status == INTRAY_E_BUSY) {
      return "busy for " + std::to_string((room_at - platform_->now()) / kNs / 60) +
             " min: " + share.error().message;
    }
    if (!share) return fail(share.error());
    return std::to_string(share->polls) + " polls for " +
           std::to_string((share->until_unix_ns - platform_->now()) / kNs / 60) + " min";
  }
  Result<std::string> release(const intray_call& call, const std::string& key) {
    const auto done = platform_->release_polls(call, key);
    return done ? Result<std::string>("done") : fail(done.error());
  }
  // Structs of a plugin that knows less than the functions need, and none at all.
  Result<std::string> reserve_in_small_structs(const intray_call& call) {
    const auto* table = host().find<intray_host_wake>(INTRAY_HOST_WAKE);
    intray_polls_wish wish{};
    wish.struct_size = sizeof wish;
    wish.least = wish.most = 1;
    wish.until_unix_ns = platform_->now() + 1'000'000'000;
    wish.key = {nullptr, 3};
    intray_polls_share share{};
    share.struct_size = sizeof share;
    share.polls = 7;
    const auto status = [&](const intray_polls_wish* asked, intray_polls_share* out) {
      return std::to_string(table->reserve_polls(host().raw(), &call, asked, out, nullptr)) + ' ';
    };
    auto said = status(&wish, &share) + status(nullptr, &share) + status(&wish, nullptr);
    wish.struct_size = offsetof(intray_polls_wish, key);
    said += status(&wish, &share);
    said += std::to_string(share.polls) + ' ';
    share.struct_size = offsetof(intray_polls_share, until_unix_ns);
    return said + status(&wish, &share) +
           std::to_string(table->release_polls(host().raw(), &call, {nullptr, 3}, nullptr));
  }

  // Each read must succeed; value() of one that did not would abort.
  std::string seen(const std::string& customer, const std::string& device) {
    std::string all;
    const auto devices = platform_->devices(customer, "", 0);
    for (const auto& row : devices.value()) all += row.device_id + " ";
    const auto one = platform_->device(customer, device);
    all += one.value() ? (*one)->model : "none";
    const auto mails = platform_->mailbox(customer, device);
    for (const auto& mail : mails.value()) all += " " + mail.reference;
    return all + " " + platform_->setting(customer, INTRAY_SETTING_RETENTION).value() + " " +
           std::to_string(platform_->number_setting(customer, INTRAY_SETTING_CODE_LIFE_S).value()) +
           " " + platform_->setting(customer, INTRAY_SETTING_POLLS_CONCURRENT_MAX).value();
  }

  Result<std::string> params(const intray_call& call, const std::string& service) {
    DeviceRow device;
    device.device_id = "D1";
    const auto given = platform_->registration_params(call, service, device);
    if (!given) return fail(given.error());
    std::string all;
    for (const auto& [key, value] : *given) all += key + "=" + value + ";";
    return all;
  }

  Result<std::string> validate(const intray_call& call, const std::string& service_and_device) {
    const auto space = service_and_device.find(' ');
    DeviceRow row;
    row.device_id = service_and_device.substr(space + 1);
    const auto service = service_and_device.substr(0, space);
    const auto device = borrow(row);
    intray_application app{};
    app.struct_size = sizeof app;
    app.service_id = str(service);
    app.device = &device;
    return platform_->objection(call, app);
  }

  // The one candidate is open, of generation 1 and a nonce of zeros.
  Result<std::string> judge(const intray_call& call, const std::string& code) {
    intray_code_candidate open{};
    open.struct_size = sizeof open;
    open.live = INTRAY_CODE_LIVE_OPEN;
    open.generation = 1;
    const auto judged = platform_->judge(call, "good-service", "D1", {open}, code);
    if (!judged) return fail(judged.error());
    return std::to_string(judged->verdict) + " " + std::to_string(judged->retry_after_s);
  }

  // A batch whose third operation wants a row that is not there yet; which one failed.
  Result<std::string> third(const intray_call& call, const std::string& customer,
                            const std::string& key) {
    Batch batch;
    batch.put("other", "x", Batch::kAnyRevision);
    batch.event("third", "ok", "", "{}");
    batch.put(key, "x", Batch::kMustNotExist);
    std::vector<const intray_op*> ops;
    for (const auto& op : batch.ops()) ops.push_back(&op);
    intray_commit_result result{};
    result.struct_size = sizeof result;
    ErrorSlot error;
    const auto* table = host().find<intray_host_commit>(INTRAY_HOST_COMMIT);
    const auto status = table->commit(host().raw(), &call, str(customer), ops.data(),
                                      static_cast<std::uint32_t>(ops.size()), &result, error);
    return std::to_string(status) + " " + std::to_string(result.failed_index);
  }

  Result<std::string> then(const intray_call& call, const std::string& customer) {
    Batch batch;
    batch.put("then", "x", Batch::kAnyRevision);
    const auto* op = &batch.ops().front();
    const auto* table = host().find<intray_host_commit>(INTRAY_HOST_COMMIT);
    ErrorSlot error;
    const auto begun = error.result(table->commit_then(
        host().raw(), &call, str(customer), &op, 1,
        [](void* user, intray_status status, const intray_commit_result* result) noexcept {
          static_cast<TestPlatform*>(user)->host().log(
              INTRAY_LOG_INFO,
              "then " + std::to_string(status) + (result->txn_id > 0 ? " committed" : " refused"));
        },
        this, error));
    if (!begun) return fail(begun.error());
    return std::string("begun");
  }

  std::optional<Platform> platform_;
  intray_http_handler handler_{};
  std::atomic<int> dues_{0};
};

TestPlatform& me(const intray_plugin* self) { return static_cast<TestPlatform&>(Plugin::of(self)); }

const void* TestPlatform::extension(std::string_view id) noexcept {
  static const intray_str types[] = {str(kType)};
  static const intray_instructions instructions = {
      sizeof instructions, 1, types,
      [](const intray_plugin* self, const intray_call*, const intray_device* device,
         const intray_acknowledgement* ack, const intray_batch_sink* batch,
         intray_error* error) noexcept {
        return guard(error, [&] { return me(self).acknowledged(*device, *ack, *batch); });
      }};
  static const intray_timer timer = {
      sizeof timer, 0,
      [](const intray_plugin* self, const intray_call*, intray_str customer, intray_str name,
         const intray_batch_sink* batch, intray_error* error) noexcept {
        return guard(error, [&] { return me(self).due(view(customer), view(name), *batch); });
      }};
  static const intray_inventory inventory = {
      sizeof inventory, 0,
      [](const intray_plugin* self, const intray_call*, const intray_device* device,
         const intray_batch_sink* batch, intray_error* error) noexcept {
        return guard(error, [&] { return me(self).leaving(*device, *batch); });
      }};
  static const intray_check checks = {
      sizeof checks, 0,
      [](const intray_plugin* self, const intray_call*, intray_str customer, std::uint64_t snapshot,
         const intray_kv_sink* broken, intray_error* error) noexcept {
        return guard(error, [&] { return me(self).check(view(customer), snapshot, *broken); });
      }};
  if (id == INTRAY_EXT_INSTRUCTIONS) return &instructions;
  if (id == INTRAY_EXT_TIMER) return &timer;
  if (id == INTRAY_EXT_INVENTORY) return &inventory;
  if (id == INTRAY_EXT_CHECK) return &checks;
  return nullptr;
}

}  // namespace

INTRAY_PLUGIN(TestPlatform)
