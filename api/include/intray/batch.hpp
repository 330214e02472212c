// intray/batch.hpp - a batch of a platform plugin (commit.h), as a C++ value. C++17.
#ifndef INTRAY_BATCH_HPP
#define INTRAY_BATCH_HPP

#include <intray/platform.h>

#include <deque>
#include <intray/plugin.hpp>
#include <string>
#include <vector>

namespace intray {

/// Operations that take effect together or not at all (commit.h says what each does).
class Batch {
 public:
  static constexpr std::uint64_t kMustNotExist = 0;
  static constexpr std::uint64_t kAnyRevision = INTRAY_OP_ANY_REVISION;

  Batch() = default;
  Batch(Batch&&) = default;  // a moved deque keeps its elements where they are
  Batch& operator=(Batch&&) = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void put(std::string_view key, std::string_view value, std::uint64_t expected) {
    auto& op = add(INTRAY_OP_PUT, key);
    op.store = INTRAY_STORE_OWN;
    op.value = keep_bytes(value);
    op.expected_revision = expected;
  }
  void erase(std::string_view key, std::uint64_t expected) {
    auto& op = add(INTRAY_OP_ERASE, key);
    op.store = INTRAY_STORE_OWN;
    op.expected_revision = expected;
  }
  void add_to_counter(std::string_view key, std::int64_t delta) {
    add(INTRAY_OP_ADD, key).number = delta;
  }
  void send(std::string_view device_id, std::string_view type, std::string_view reference,
            std::string_view json) {
    auto& op = add(INTRAY_OP_SEND, device_id);
    op.type = keep(type);
    op.reference = keep(reference);
    op.value = keep_bytes(json);
  }
  void take_off(std::string_view device_id, std::string_view reference) {
    add(INTRAY_OP_TAKE_OFF, device_id).reference = keep(reference);
  }
  void defer(std::string_view device_id, std::string_view reference, std::int64_t until_unix_ns) {
    auto& op = add(INTRAY_OP_DEFER, device_id);
    op.reference = keep(reference);
    op.number = until_unix_ns;
  }
  void event(std::string_view topic, std::string_view outcome, std::string_view object,
             std::string_view json) {
    auto& op = add(INTRAY_OP_EVENT, topic);
    op.type = keep(outcome);
    op.reference = keep(object);
    op.value = keep_bytes(json);
  }
  /// due = 0 cancels.
  void timer(std::string_view name, std::int64_t due_unix_ns) {
    add(INTRAY_OP_TIMER, name).number = due_unix_ns;
  }
  void entitle(std::string_view device_id, std::string_view service_id, std::string_view json) {
    auto& op = add(INTRAY_OP_ENTITLE, device_id);
    op.type = keep(service_id);
    op.value = keep_bytes(json);
  }
  void disentitle(std::string_view device_id, std::string_view service_id, std::uint32_t reason) {
    auto& op = add(INTRAY_OP_DISENTITLE, device_id);
    op.type = keep(service_id);
    op.number = reason;
  }
  void reply(std::uint32_t status, std::string_view location, std::string_view body) {
    auto& op = add(INTRAY_OP_REPLY, {});
    op.number = status;
    op.reference = keep(location);
    op.value = keep_bytes(body);
  }

  std::size_t size() const noexcept { return ops_.size(); }
  const std::deque<intray_op>& ops() const noexcept { return ops_; }

  /// INTRAY_HOST_COMMIT, commit: durable when it returns.
  Result<void> commit(const Host& host, const intray_call& call, std::string_view customer) const {
    const auto* table = host.find<intray_host_commit>(INTRAY_HOST_COMMIT);
    if (table == nullptr) return fail(INTRAY_E_UNSUPPORTED, "the host grants no commit");
    std::vector<const intray_op*> pointers;
    for (const auto& op : ops_) pointers.push_back(&op);
    intray_commit_result outcome{};
    outcome.struct_size = sizeof outcome;
    ErrorSlot error;
    return error.result(table->commit(host.raw(), &call, str(customer), pointers.data(),
                                      static_cast<std::uint32_t>(pointers.size()), &outcome,
                                      error));
  }
  /// Adds them all to the batch of a host's call.
  Result<void> into(const intray_batch_sink& sink) const {
    for (const auto& op : ops_) {
      const auto status = sink.add(&sink, &op);
      if (status != INTRAY_OK) return fail(status, "the host did not take an operation");
    }
    return {};
  }

 private:
  intray_str keep(std::string_view text) { return str(texts_.emplace_back(text)); }
  intray_bytes keep_bytes(std::string_view text) { return bytes(texts_.emplace_back(text)); }
  intray_op& add(std::uint32_t kind, std::string_view key) {
    intray_op op{};
    op.struct_size = sizeof op;
    op.kind = kind;
    op.key = keep(key);
    op.expected_revision = INTRAY_OP_ANY_REVISION;
    return ops_.emplace_back(op);
  }
  std::deque<std::string> texts_;
  std::deque<intray_op> ops_;
};

}  // namespace intray
#endif
