// The rows of the host's own tables, as values. Keys and bytes: host/store/codec.hpp and keys.hpp.
//
// All times are nanoseconds since 1970 UTC (0 = not set); ids are printable ASCII without spaces:
// customer 1..64, device 1..128, service 1..64, plugin 1..128 bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace intray::store {

using UnixNs = std::int64_t;
using TokenHash =
    std::array<unsigned char, 32>;  // SHA-256 of a secret; the secret itself is never stored

/// One device of the inventory (FIG. 2).
struct Device {
  std::string device_id;
  std::string customer;
  std::string model;
  std::string address;  // IP literal or host name on the customer's LAN
  std::string vendor;
  std::string serial;
  std::string firmware;
  std::string name;
  std::uint32_t performance = 0;  // relative, for choosing a relay root; 0 = not known
  bool operator==(const Device&) const = default;
};

/// When a device was last heard of. Volatile marks, flushed now and then; shown, never decided on.
struct Presence {
  UnixNs last_poll = 0;
  UnixNs next_poll = 0;                // as the host told it
  std::uint64_t fetched_sequence = 0;  // highest mailbox sequence handed out ...
  UnixNs fetched_at = 0;               // ... and when that was first handed out
};

/// One instruction that waits in a mailbox (FIG. 6).
struct Mail {
  std::uint64_t sequence = 0;
  std::string device_id;
  std::string type;       // "register-device", "stop-service"
  std::string reference;  // the sender's name for it, unique in this mailbox
  std::string owner;      // id of the plugin that sent it
  std::string service;    // the service it is about; empty = none
  std::string payload;    // JSON object as sent; never holds a registration code
  UnixNs sent = 0;
  UnixNs visible = 0;  // hidden from polls before this time
};

/// An instruction that was taken off, kept because its customer's retention says so (M9).
struct Acquired {
  Mail mail;
  UnixNs taken_off = 0;
};

/// The durable fact "this device may use this service" (FIG. 4).
struct Entitlement {
  std::string service;
  std::string device_id;
  UnixNs since = 0;
  std::string answer;  // what registration answered, JSON
};

/// One row of the hash-chained log, of a customer or ("") of the system.
struct LogRow {
  std::uint64_t sequence = 0;
  UnixNs time = 0;
  std::string principal;
  std::string topic;
  std::string outcome;
  std::string object;
  std::string payload;  // JSON object or empty
  std::array<unsigned char, 32> previous_hash{};
  std::array<unsigned char, 32> hash{};
};

/// A customer's settings; absent fields mean the host's defaults.
struct CustomerSettings {
  bool keep_acquired = false;              // retention (M9)
  std::string notice = "devices";          // notice form: none, devices, urls, relay
  std::uint32_t poll_interval_s = 86400;   // 1 .. 604800
  std::uint32_t code_life_s = 30 * 86400;  // 1 .. 7776000
  std::string wake_scheme = "https";
  std::uint32_t wake_port = 0;  // 0 = the scheme's own
  bool operator==(const CustomerSettings&) const = default;
};

/// What an API or device token stands for. Keyed by the token's hash.
struct Token {
  std::string id;        // public name, such as "t-4f2a..."; for a device: its device id
  std::string role;      // device, operator, administrator, viewer
  std::string customer;  // empty for an operator
  std::string name;      // what a person called it
  UnixNs created = 0;
};

/// A one-time code that binds a device to its first token. Keyed by the code's hash.
struct ProvisioningCode {
  std::string customer;
  std::string device_id;
  UnixNs created = 0;
  UnixNs expires = 0;
  bool used = false;
  TokenHash token{};  // the token it was used with
};

/// A durable timer.
struct Timer {
  UnixNs due = 0;
  std::string customer;  // empty for the host's own
  std::string owner;     // plugin id, or "host"
  std::string name;      // 1..256 bytes, unique per (customer, owner)
};

/// A hook call that waits to be made after its effect was committed, at least once.
struct OutboxRow {
  std::uint64_t sequence = 0;
  std::string customer;
  std::string kind;  // "registered", "stopped"
  std::string service;
  std::string device_id;
  std::uint32_t reason = 0;  // INTRAY_STOP_*
};

/// Wrong registration codes of one (device, service) pair.
struct Tries {
  std::uint32_t wrong = 0;  // or over, since the last success or lock
  std::uint32_t locks = 0;  // in a row; doubles the lock
  UnixNs locked_until = 0;
  std::uint32_t refused_while_locked = 0;
};

/// The answer that an Idempotency-Key got. Keyed by (principal, key).
struct Reply {
  std::array<unsigned char, 32> digest{};  // of the request
  UnixNs created = 0;
  std::uint32_t status = 0;
  std::string location;
  std::string body;
};

/// A value of a plugin's own keyspace.
struct OwnRow {
  std::string key;
  std::string value;
  std::uint64_t revision = 0;  // never 0; grows with every write
};

/// How many devices stand where with a service; kept by the store in the batches that change it.
struct ServiceCounts {
  std::uint64_t registered = 0;
  std::uint64_t waiting = 0;
};

}  // namespace intray::store
