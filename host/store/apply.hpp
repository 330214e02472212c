// Carries out one batch in a write transaction. All operations of batch.hpp, and nothing else,
// write rows.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "host/store/batch.hpp"
#include "host/store/describe.hpp"
#include "host/store/rows.hpp"

namespace intray::store {

/// One batch being applied. An error may leave the transaction half-written: its owner must abort
/// it then.
class Application {
 public:
  Application(WriteRows rows, const Batch& batch, std::uint64_t epoch, UnixNs now);

  /// All operations in order, then the customer's state. `failed_operation()` names the one that
  /// failed.
  Result<Committed> run();
  std::size_t failed_operation() const { return index_; }
  /// After an error: false = the transaction is as it was before.
  bool has_written() const { return rows_.has_written(); }

 private:
  Result<void> apply(const PutOwn& operation);
  Result<void> apply(const EraseOwn& operation);
  Result<void> apply(const AddOwn& operation);
  Result<void> apply(const Send& operation);
  Result<void> apply(const TakeOff& operation);
  Result<void> apply(const Defer& operation);
  Result<void> apply(const Entitle& operation);
  Result<void> apply(const Disentitle& operation);
  Result<void> apply(const Event& operation);
  Result<void> apply(const SetTimer& operation);
  Result<void> apply(const ConsumeTimer& operation);
  Result<void> apply(const PutReply& operation);
  Result<void> apply(const PutDevice& operation);
  Result<void> apply(const EraseDevice& operation);
  Result<void> apply(const PutSettings& operation);
  Result<void> apply(const PutToken& operation);
  Result<void> apply(const EraseToken& operation);
  Result<void> apply(const PutProvisioningCode& operation);
  Result<void> apply(const UseProvisioningCode& operation);
  Result<void> apply(const PutTries& operation);
  Result<void> apply(const EraseOutbox& operation);
  Result<void> apply(const PutPresence& operation);
  Result<void> apply(const PutHostRow& operation);
  Result<void> apply(const EraseHostRow& operation);
  Result<void> apply(const Purge& operation);

  // ---- shared steps ----
  Result<void> expect(const std::string& key, std::uint64_t revision) const;
  Result<void> count(const std::string& service, std::int64_t registered, std::int64_t waiting);
  Result<void> count_model(const Device& device, std::int64_t delta);
  Result<void> add_outbox(const std::string& kind, const std::string& service,
                          const std::string& device_id, std::uint32_t reason);
  Result<std::optional<Mail>> find_mail(const std::string& device_id,
                                        const std::string& reference) const;
  Result<void> remove_mail(const Mail& mail, bool keep);
  Result<void> bind_token(const TokenHash& hash, const Token& token);
  Result<void> erase_prefix(const std::string& prefix);
  Result<std::uint64_t> purge_before(const std::string& prefix, std::size_t limit,
                                     const std::function<bool(const Row&)>& old);
  std::uint64_t next_sequence(std::uint64_t last) const;
  std::string mail_key(const std::string& device_id, std::uint64_t sequence) const;

  WriteRows rows_;
  const Batch& batch_;
  std::uint64_t epoch_;
  UnixNs now_;
  CustomerState state_;
  bool state_changed_ = false;
  std::size_t index_ = 0;
};

}  // namespace intray::store
