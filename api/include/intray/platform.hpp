// intray/platform.hpp - the host's services for a platform plugin, as C++ values. C++17.
//
// Thin: each function is one call of the C table that it names, with owning values in and out.
#ifndef INTRAY_PLATFORM_HPP
#define INTRAY_PLATFORM_HPP

#include <intray/platform.h>

#include <array>
#include <cstdlib>
#include <intray/batch.hpp>
#include <intray/plugin.hpp>
#include <intray/rows.hpp>
#include <vector>

namespace intray {

/// Every table that a platform plugin needs, found once in init().
class Platform {
 public:
  /// INTRAY_E_UNSUPPORTED names the extension that the host lacks or does not grant.
  static Result<Platform> of(Host host) {
    Platform platform(host);
    auto found = platform.find(platform.store_, INTRAY_HOST_STORE);
    if (found) found = platform.find(platform.inventory_, INTRAY_HOST_INVENTORY);
    if (found) found = platform.find(platform.catalogue_, INTRAY_HOST_CATALOGUE);
    if (found) found = platform.find(platform.codes_, INTRAY_HOST_CODES);
    if (found) found = platform.find(platform.mailbox_, INTRAY_HOST_MAILBOX);
    if (found) found = platform.find(platform.customer_, INTRAY_HOST_CUSTOMER);
    if (found) found = platform.find(platform.clock_, INTRAY_HOST_CLOCK);
    if (found) found = platform.find(platform.wake_, INTRAY_HOST_WAKE);
    if (!found) return fail(found.error());
    return platform;
  }
  const Host& host() const noexcept { return host_; }

  std::int64_t now() const { return clock_->unix_ns(host_.raw()); }

  // ---- rows ----
  /// Nothing when there is no such row; that is no error.
  Result<std::optional<StoredRow>> get(std::string_view customer, std::uint32_t store,
                                       std::string_view key, std::uint64_t snapshot = 0) const {
    std::vector<StoredRow> rows;
    ErrorSlot error;
    const auto found = error.result(
        store_->get(host_.raw(), str(customer), store, str(key), snapshot, &collect, &rows, error));
    if (!found && found.error().status != INTRAY_E_NOT_FOUND) return fail(found.error());
    if (rows.empty()) return std::optional<StoredRow>();
    return std::optional<StoredRow>(std::move(rows.front()));
  }
  Result<std::vector<StoredRow>> walk(std::string_view customer, std::uint32_t store,
                                      std::string_view prefix, std::string_view after,
                                      std::uint32_t limit, std::uint64_t snapshot = 0) const {
    std::vector<StoredRow> rows;
    ErrorSlot error;
    const auto walked =
        error.result(store_->walk(host_.raw(), str(customer), store, str(prefix), str(after), limit,
                                  snapshot, &collect, &rows, error));
    if (!walked) return fail(walked.error());
    return rows;
  }

  // ---- devices ----
  /// Nothing when the customer holds no such device; that is no error.
  Result<std::optional<DeviceRow>> device(std::string_view customer,
                                          std::string_view device_id) const {
    std::optional<DeviceRow> row;
    auto keep = [&row](const intray_device& device) { row = own(device); };
    Visitor<intray_device, decltype(keep)> visitor(keep);
    ErrorSlot error;
    const auto found = visitor.result(inventory_->find(host_.raw(), str(customer), str(device_id),
                                                       &decltype(visitor)::call, &visitor, error),
                                      error);
    if (!found && found.error().status != INTRAY_E_NOT_FOUND) return fail(found.error());
    return row;
  }
  Result<std::vector<DeviceRow>> devices(std::string_view customer, std::string_view after,
                                         std::uint32_t limit) const {
    intray_device_query query{};
    query.struct_size = sizeof query;
    query.limit = limit;
    query.customer_id = str(customer);
    query.after_device_id = str(after);
    std::vector<DeviceRow> rows;
    auto keep = [&rows](const intray_device& device) { rows.push_back(own(device)); };
    Visitor<intray_device, decltype(keep)> visitor(keep);
    ErrorSlot error;
    const auto queried = visitor.result(
        inventory_->query(host_.raw(), &query, &decltype(visitor)::call, &visitor, error), error);
    if (!queried) return fail(queried.error());
    return rows;
  }
  /// How many devices of one vendor and model the customer holds.
  struct ModelRow {
    std::string vendor, model;
    std::int64_t devices = 0;
  };
  Result<std::vector<ModelRow>> models(std::string_view customer) const {
    std::vector<ModelRow> rows;
    auto keep = [&rows](const intray_kv& kv) {
      const auto key = copy(kv.key);
      const auto tab = key.find('\t');
      if (tab == std::string::npos) return;
      rows.push_back({key.substr(0, tab), key.substr(tab + 1),
                      std::strtoll(copy(kv.value).c_str(), nullptr, 10)});
    };
    Visitor<intray_kv, decltype(keep)> visitor(keep);
    ErrorSlot error;
    const auto walked = visitor.result(
        inventory_->models(host_.raw(), str(customer), &decltype(visitor)::call, &visitor, error),
        error);
    if (!walked) return fail(walked.error());
    return rows;
  }

  // ---- services ----
  struct ServiceRow {
    std::string service_id, display_name, registration_url;
  };
  Result<std::vector<ServiceRow>> services() const {
    std::vector<ServiceRow> rows;
    ErrorSlot error;
    const auto walked = error.result(catalogue_->all(host_.raw(), &collect_service, &rows, error));
    if (!walked) return fail(walked.error());
    return rows;
  }
  /// INTRAY_E_NOT_FOUND when no plugin offers the service.
  Result<bool> applies(std::string_view service, const DeviceRow& device) const {
    std::uint32_t yes = 0;
    ErrorSlot error;
    const auto done = error.result(catalogue_->applies(
        host_.raw(), str(service), str(device.vendor), str(device.model), &yes, error));
    if (!done) return fail(done.error());
    return yes != 0;
  }
  /// What the service's plugin objects to; "" = nothing.
  Result<std::string> objection(const intray_call& call, const intray_application& app) const {
    Objection objection;
    intray_verdict_sink sink{};
    sink.struct_size = sizeof sink;
    sink.impl = &objection;
    sink.set = &take_verdict;
    ErrorSlot error;
    const auto done = error.result(catalogue_->validate(host_.raw(), &call, &app, &sink, error));
    if (!done) return fail(done.error());
    return objection.message;
  }
  Result<std::vector<std::pair<std::string, std::string>>> registration_params(
      const intray_call& call, std::string_view service, const DeviceRow& row) const {
    std::vector<std::pair<std::string, std::string>> params;
    intray_kv_sink sink{};
    sink.struct_size = sizeof sink;
    sink.impl = &params;
    sink.add = &take_param;
    const auto device = borrow(row);
    ErrorSlot error;
    const auto done = error.result(
        catalogue_->registration_params(host_.raw(), &call, str(service), &device, &sink, error));
    if (!done) return fail(done.error());
    return params;
  }

  // ---- codes ----
  Result<std::array<std::uint8_t, 16>> new_nonce() const {
    std::array<std::uint8_t, 16> nonce{};
    ErrorSlot error;
    const auto done = error.result(codes_->new_nonce(host_.raw(), nonce.data(), error));
    if (!done) return fail(done.error());
    return nonce;
  }
  struct Judged {
    std::uint32_t verdict = 0;
    std::uint32_t index = UINT32_MAX;
    std::uint32_t retry_after_s = 0;
  };
  Result<Judged> judge(const intray_call& call, std::string_view service, std::string_view device,
                       const std::vector<intray_code_candidate>& candidates,
                       std::string_view code) const {
    std::vector<const intray_code_candidate*> pointers;
    for (const auto& candidate : candidates) pointers.push_back(&candidate);
    Judged judged;
    ErrorSlot error;
    const auto done =
        error.result(codes_->judge(host_.raw(), &call, str(service), str(device), pointers.data(),
                                   static_cast<std::uint32_t>(pointers.size()), str(code),
                                   &judged.verdict, &judged.index, &judged.retry_after_s, error));
    if (!done) return fail(done.error());
    return judged;
  }

  /// Unix nanoseconds; 0 when the pair is not locked, or the host does not tell.
  Result<std::int64_t> locked_until(std::string_view customer, std::string_view service,
                                    std::string_view device) const {
    std::int64_t until = 0;
    if (!INTRAY_HAS_FN(codes_, intray_host_codes, locked_until)) return until;
    ErrorSlot error;
    const auto done = error.result(
        codes_->locked_until(host_.raw(), str(customer), str(service), str(device), &until, error));
    if (!done) return fail(done.error());
    return until;
  }

  // ---- the customer ----
  /// INTRAY_E_NOT_FOUND when there is no such setting.
  Result<std::string> setting(std::string_view customer, std::string_view key) const {
    std::string value;
    auto keep = [&value](const intray_kv& kv) { value = copy(kv.value); };
    Visitor<intray_kv, decltype(keep)> visitor(keep);
    ErrorSlot error;
    const auto found = visitor.result(customer_->get(host_.raw(), str(customer), str(key),
                                                     &decltype(visitor)::call, &visitor, error),
                                      error);
    if (!found) return fail(found.error());
    return value;
  }
  Result<std::int64_t> number_setting(std::string_view customer, std::string_view key) const {
    const auto text = setting(customer, key);
    if (!text) return fail(text.error());
    return static_cast<std::int64_t>(std::strtoll(text->c_str(), nullptr, 10));
  }
  struct MailRow {
    std::uint64_t sequence = 0;
    std::string reference, type;
    std::int64_t sent = 0, fetched = 0, visible = 0;
  };
  Result<std::vector<MailRow>> mailbox(std::string_view customer,
                                       std::string_view device_id) const {
    std::vector<MailRow> rows;
    auto keep = [&rows](const intray_mail& mail) {
      rows.push_back({mail.sequence, copy(mail.reference), copy(mail.type), mail.sent_unix_ns,
                      mail.fetched_unix_ns, mail.visible_unix_ns});
    };
    Visitor<intray_mail, decltype(keep)> visitor(keep);
    ErrorSlot error;
    const auto listed = visitor.result(mailbox_->list(host_.raw(), str(customer), str(device_id),
                                                      &decltype(visitor)::call, &visitor, error),
                                       error);
    if (!listed) return fail(listed.error());
    return rows;
  }

  // ---- wake commands ----
  struct WakeCommand {
    std::string text;
    std::int64_t expires_unix_s = 0;
  };
  /// A command is a capability: into an answer to its administrator, never into a log or a row.
  Result<WakeCommand> mint_wake(const intray_call& call, const intray_wake_order& order) const {
    WakeCommand command;
    auto keep = [&command](const intray_wake_command& minted) {
      command = {copy(minted.text), minted.expires_unix_s};
    };
    Visitor<intray_wake_command, decltype(keep)> visitor(keep);
    ErrorSlot error;
    const auto minted = visitor.result(
        wake_->mint(host_.raw(), &call, &order, &decltype(visitor)::call, &visitor, error), error);
    if (!minted) return fail(minted.error());
    return command;
  }
  struct PollsWish {
    std::string key;
    std::uint32_t least = 1, most = 1;
    std::int64_t until_unix_ns = 0;
  };
  struct PollsShare {
    std::uint32_t polls = 0;
    std::int64_t until_unix_ns = 0;
  };
  /// Before the turns of a plan are given, and again before each minting for it.
  /// INTRAY_E_BUSY  too few are free; *room_at, when given, is when that ends at the latest, 0 =
  ///                unknown.
  Result<PollsShare> reserve_polls(const intray_call& call, const PollsWish& wish,
                                   std::int64_t* room_at = nullptr) const {
    if (room_at != nullptr) *room_at = 0;
    if (!INTRAY_HAS_FN(wake_, intray_host_wake, reserve_polls)) {
      return fail(INTRAY_E_UNSUPPORTED, "the host shares out no polls");
    }
    intray_polls_wish asked{};
    asked.struct_size = sizeof asked;
    asked.least = wish.least;
    asked.most = wish.most;
    asked.until_unix_ns = wish.until_unix_ns;
    asked.key = str(wish.key);
    intray_polls_share share{};
    share.struct_size = sizeof share;
    ErrorSlot error;
    const auto done = error.result(wake_->reserve_polls(host_.raw(), &call, &asked, &share, error));
    if (done) return PollsShare{share.polls, share.until_unix_ns};
    if (room_at != nullptr) *room_at = share.until_unix_ns;
    return fail(done.error());
  }
  /// When nobody has a reason to open the key's commands any more. Not there: no effect.
  Result<void> release_polls(const intray_call& call, std::string_view key) const {
    if (!INTRAY_HAS_FN(wake_, intray_host_wake, release_polls)) return {};
    ErrorSlot error;
    return error.result(wake_->release_polls(host_.raw(), &call, str(key), error));
  }

 private:
  explicit Platform(Host host) : host_(host) {}

  template <class Table>
  Result<void> find(const Table*& table, const char* id) {
    table = host_.find<Table>(id);
    if (table != nullptr) return {};
    return fail(INTRAY_E_UNSUPPORTED, std::string("the host does not grant ") + id);
  }

  static intray_status INTRAY_CC collect(void* user, intray_str key, intray_bytes value,
                                         std::uint64_t revision) noexcept {
    try {
      auto& rows = *static_cast<std::vector<StoredRow>*>(user);
      rows.push_back({copy(key), std::string(view(value)), revision});
      return INTRAY_OK;
    } catch (...) {
      return INTRAY_E_NO_MEMORY;
    }
  }
  static intray_status INTRAY_CC collect_service(void* user, intray_str,
                                                 const intray_service_desc* service) noexcept {
    try {
      static_cast<std::vector<ServiceRow>*>(user)->push_back({copy(service->service_id),
                                                              copy(service->display_name),
                                                              copy(service->registration_url)});
      return INTRAY_OK;
    } catch (...) {
      return INTRAY_E_NO_MEMORY;
    }
  }
  struct Objection {
    std::string message;
  };
  static intray_status INTRAY_CC take_verdict(const intray_verdict_sink* sink,
                                              std::uint32_t verdict, intray_str reason,
                                              intray_str message) noexcept {
    try {
      auto& objection = *static_cast<Objection*>(sink->impl);
      objection.message.clear();
      if (verdict == INTRAY_VERDICT_VETO) {
        objection.message = copy(message.size == 0 ? reason : message);
      }
      return INTRAY_OK;
    } catch (...) {
      return INTRAY_E_NO_MEMORY;
    }
  }
  static intray_status INTRAY_CC take_param(const intray_kv_sink* sink, intray_str key,
                                            intray_str value) noexcept {
    try {
      static_cast<std::vector<std::pair<std::string, std::string>>*>(sink->impl)
          ->emplace_back(copy(key), copy(value));
      return INTRAY_OK;
    } catch (...) {
      return INTRAY_E_NO_MEMORY;
    }
  }

  Host host_;
  const intray_host_store* store_ = nullptr;
  const intray_host_inventory* inventory_ = nullptr;
  const intray_host_catalogue* catalogue_ = nullptr;
  const intray_host_codes* codes_ = nullptr;
  const intray_host_mailbox* mailbox_ = nullptr;
  const intray_host_customer* customer_ = nullptr;
  const intray_host_clock* clock_ = nullptr;
  const intray_host_wake* wake_ = nullptr;
};

}  // namespace intray
#endif
