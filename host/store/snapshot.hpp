// Reading: a Snapshot is one LMDB read transaction; views of it return owning values.
//
// Keep it short (a page of kPageRowsMax rows, never across a socket write): an old snapshot makes
// the file grow. A Snapshot may move between threads but serves one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/store/records.hpp"
#include "intray/result.hpp"

namespace intray::store {

inline constexpr std::size_t kPageRowsMax = 500;

class Reader;  // the pooled LMDB transaction behind it

/// Everything of one customer; there is no way to reach another one's rows through it.
class CustomerView {
 public:
  /// The customer's settings, and whether it is known at all (holds or held a device, or has
  /// settings).
  bool known() const;

  std::optional<Device> device(std::string_view device_id) const;
  /// In order of device id, strictly after `after`; at most `limit` (<= kPageRowsMax).
  std::vector<Device> devices(std::string_view after, std::size_t limit) const;
  std::uint64_t device_count() const;
  /// (vendor, model) with the number of devices held.
  struct ModelCount {
    std::string vendor, model;
    std::uint64_t devices = 0;
  };
  std::vector<ModelCount> models() const;
  Presence presence(std::string_view device_id) const;

  /// Visible ones only when now > 0; oldest first; at most `limit`.
  std::vector<Mail> mailbox(std::string_view device_id, UnixNs now, std::size_t limit) const;
  std::optional<Mail> mail(std::string_view device_id, std::uint64_t sequence) const;
  /// All mailboxes, by (device, sequence), strictly after that position.
  std::vector<Mail> mailboxes(std::string_view after_device, std::uint64_t after_sequence,
                              std::size_t limit) const;
  std::vector<Acquired> acquired(std::string_view device_id, std::size_t limit) const;

  std::optional<Entitlement> entitlement(std::string_view service,
                                         std::string_view device_id) const;
  /// In order of (service, device), strictly after; an empty service = all services.
  std::vector<Entitlement> entitlements(std::string_view service, std::string_view after_service,
                                        std::string_view after_device, std::size_t limit) const;
  ServiceCounts counts(std::string_view service) const;

  /// Rows with sequence > since, oldest first.
  std::vector<LogRow> log(std::uint64_t since, std::size_t limit) const;
  /// Smallest sequence still there; 0 = the log is empty.
  std::uint64_t oldest_log_sequence() const;
  std::uint64_t newest_log_sequence() const;

  std::optional<OwnRow> own(std::string_view owner, std::string_view key) const;
  std::vector<OwnRow> own_walk(std::string_view owner, std::string_view prefix,
                               std::string_view after_key, std::size_t limit) const;

  Tries tries(std::string_view device_id, std::string_view service) const;
  std::optional<OwnRow> host_row(std::string_view key) const;
  std::vector<OwnRow> host_rows(std::string_view prefix, std::string_view after_key,
                                std::size_t limit) const;

 private:
  friend class Snapshot;
  CustomerView(const Reader& reader, std::string customer);
  const Reader* reader_;
  std::string customer_;
};

class Snapshot {
 public:
  Snapshot(Snapshot&&) noexcept;
  Snapshot& operator=(Snapshot&&) noexcept;
  ~Snapshot();

  /// The view must not outlive this snapshot. "" is the system: only log, own, host rows.
  CustomerView customer(std::string_view customer) const;

  std::optional<Token> token(const TokenHash& hash) const;
  std::vector<Token> tokens(std::string_view after_id, std::size_t limit) const;  // not of devices
  /// Which customer holds the device; nothing when none does.
  std::optional<std::string> customer_of(std::string_view device_id) const;
  std::vector<std::string> customers(std::string_view after, std::size_t limit) const;
  std::optional<ProvisioningCode> provisioning_code(const TokenHash& hash) const;
  std::vector<Timer> timers_due(UnixNs now, std::size_t limit) const;
  /// The earliest due time of all timers; 0 = none.
  UnixNs next_timer() const;
  std::vector<OutboxRow> outbox(std::uint64_t after, std::size_t limit) const;
  std::optional<Reply> reply(std::string_view principal, std::string_view key) const;

  /// Grows with every commit: part of ETags.
  std::uint64_t revision() const;
  /// Nothing was committed since it was taken.
  bool is_newest() const;

  /// What was wrong with the first row that did not verify while this snapshot was read: such rows
  /// are left out of every answer. Empty = all was sound.
  std::string corruption() const;

 private:
  friend class Store;
  friend Result<std::vector<std::string>> check(const Snapshot& snapshot, std::size_t limit);
  explicit Snapshot(std::unique_ptr<Reader> reader);
  std::unique_ptr<Reader> reader_;
};

}  // namespace intray::store
