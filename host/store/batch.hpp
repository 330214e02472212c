// A batch: operations on one customer's rows that take effect together or not at all.
//
// At most kBatchOperationsMax operations. The store checks every precondition first, in an LMDB
// child transaction, so a failing batch leaves no trace and harms no other batch of the same
// commit. A batch that is sent twice must be harmless: senders use expected revisions and
// references for that.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "host/store/records.hpp"
#include "intray/result.hpp"

namespace intray::store {

inline constexpr std::size_t kBatchOperationsMax = 2000;
inline constexpr std::size_t kMailboxRowsMax = 256;  // instructions that may wait in one mailbox
inline constexpr UnixNs kSecondNs = 1'000'000'000;
inline constexpr UnixNs kDayNs = 86'400 * kSecondNs;
inline constexpr UnixNs kReplyKeptNs = kDayNs;
inline constexpr UnixNs kAcquiredKeptNs = 90 * kDayNs;
inline constexpr UnixNs kLogKeptNs = 400 * kDayNs;
inline constexpr std::uint64_t kAnyRevision = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t kMustNotExist = 0;

// ---- a plugin's own keyspace (customer-scoped; owner = plugin id) -------------------------------
struct PutOwn {
  std::string owner, key, value;
  std::uint64_t expected_revision = kAnyRevision;  // CONFLICT when it is another
};
struct EraseOwn {
  std::string owner, key;
  std::uint64_t expected_revision = kAnyRevision;
};
/// Counter: an 8-byte little-endian int64 in OWN; missing counts as 0.
struct AddOwn {
  std::string owner, key;
  std::int64_t delta = 0;
};

// ---- mailboxes --------------------------------------------------------------------------------
/// Writes an instruction (S103). CONFLICT when the reference already waits in that mailbox;
/// NOT_FOUND when the customer holds no such device. Growth: refused with FULL near the end of the
/// map.
struct Send {
  std::string device_id, type, reference, owner, service, payload;
  UnixNs visible = 0;
};
/// Gone, or kept with its time. Not there: no effect.
struct TakeOff {
  std::string device_id, reference;
};
/// Hides an instruction until then. Not there: no effect.
struct Defer {
  std::string device_id, reference;
  UnixNs visible = 0;
};

// ---- entitlements: also write the outbox row that calls the service's hook
// --------------------------
/// Repeating it replaces the answer and calls no hook.
struct Entitle {
  std::string device_id, service, answer;
};
/// Not there: no effect, no hook.
struct Disentitle {
  std::string device_id, service;
  std::uint32_t reason = 0;
};

// ---- the log, timers, replies -----------------------------------------------------------------
/// A row of the batch's customer's log; the store adds sequence, time, principal and hash.
struct Event {
  std::string topic, outcome, object, payload;
};
/// due = 0 cancels. Re-arming a name moves it.
struct SetTimer {
  std::string owner, name;
  UnixNs due = 0;
};
/// The timer is still armed for exactly this time, and now is not: CONFLICT otherwise.
struct ConsumeTimer {
  std::string owner, name;
  UnixNs due = 0;
};
/// CONFLICT when (principal, key) has a live reply already; rows live 24 h.
struct PutReply {
  std::string principal, key;
  Reply reply;
};

// ---- inventory --------------------------------------------------------------------------------
/// Adds or replaces. CONFLICT when another customer holds the device id. Growth.
struct PutDevice {
  Device device;
};
/// With its presence, mailbox, token and provisioning codes. Not there: no effect.
struct EraseDevice {
  std::string device_id;
};
struct PutSettings {
  CustomerSettings settings;
};

// ---- credentials (system tables, written only in host batches)
// ------------------------------------
struct PutToken {
  TokenHash hash{};
  Token token;  // a device token replaces the device's earlier one
};
/// NOT_FOUND when no token has this id.
struct EraseToken {
  std::string id;
};
/// Replaces the device's earlier unused codes.
struct PutProvisioningCode {
  TokenHash hash{};
  ProvisioningCode code;
};
/// Marks the code used with this token and binds the token to the device, revoking its earlier one.
/// CONFLICT when the code is gone or was used with another token; repeating it is harmless.
struct UseProvisioningCode {
  TokenHash code{};
  TokenHash token{};
};
struct PutTries {
  std::string device_id, service;
  Tries tries;
};
/// Deletes an outbox row after its hook was called.
struct EraseOutbox {
  std::uint64_t sequence = 0;
};
/// Flushes a volatile mark. Unknown device: no effect.
struct PutPresence {
  std::string device_id;
  Presence presence;
};
/// A row of the host's own durable jobs, keyed by name within the customer ("" = system).
struct PutHostRow {
  std::string key, value;
  std::uint64_t expected_revision = kAnyRevision;
};
struct EraseHostRow {
  std::string key;
  std::uint64_t expected_revision = kAnyRevision;
};

/// Deletes at most `limit` rows that outlived their keep: acquired instructions (90 days), log rows
/// (400 days) of the batch's customer; of the system (""), replies (24 h). A log keeps its newest
/// row.
struct Purge {
  std::size_t limit = 500;
};

using Operation =
    std::variant<PutOwn, EraseOwn, AddOwn, Send, TakeOff, Defer, Entitle, Disentitle, Event,
                 SetTimer, ConsumeTimer, PutReply, PutDevice, EraseDevice, PutSettings, PutToken,
                 EraseToken, PutProvisioningCode, UseProvisioningCode, PutTries, EraseOutbox,
                 PutPresence, PutHostRow, EraseHostRow, Purge>;

struct Batch {
  std::string customer;  // whose rows these are; empty = the system's
  std::string
      principal;  // who caused it, for the log: "device:ID", "token:ID", "plugin:ID", "host"
  std::vector<Operation> operations;
  bool growth = false;  // an import: refused with FULL like a Send
};

struct Committed {
  std::uint64_t revision = 0;  // of every row this batch wrote
  UnixNs time = 0;             // the time its log rows carry
};

/// What came of a batch; of one that was refused for one operation also which.
struct Outcome : Result<Committed> {
  static constexpr std::size_t kNoOperation = SIZE_MAX;
  using Result<Committed>::Result;
  Outcome(Result<Committed> result, std::size_t failed)  // NOLINT(google-explicit-constructor)
      : Result(std::move(result)), failed_operation(failed) {}
  std::size_t failed_operation = kNoOperation;
};

}  // namespace intray::store
