// The fields of each record in the order in which they are stored; see codec.hpp for the bytes.
// Appending a field to a record needs a new envelope version and a reader for the old one.
#pragma once

#include "host/store/codec.hpp"
#include "host/store/records.hpp"

namespace intray::store {

/// A customer's own counters and the end of its log chain; "" is the system.
struct CustomerState {
  std::uint64_t last_mail_sequence = 0;
  std::uint64_t last_log_sequence = 0;
  std::uint64_t devices = 0;
  std::array<unsigned char, 32> last_hash{};
};

/// A bare number: counters, indexes from a name to a sequence or a due time.
struct Number {
  std::uint64_t value = 0;
};

/// An index entry that leads to a key's variable part.
struct Pointer {
  std::string to;
};

template <class Archive>
void describe(Archive& a, CustomerState& s) {
  a(s.last_mail_sequence), a(s.last_log_sequence), a(s.devices), a(s.last_hash);
}
template <class Archive>
void describe(Archive& a, Number& n) {
  a(n.value);
}
template <class Archive>
void describe(Archive& a, Pointer& p) {
  a(p.to);
}
template <class Archive>
void describe(Archive& a, Device& d) {
  a(d.device_id), a(d.customer), a(d.model), a(d.address), a(d.vendor), a(d.serial), a(d.firmware);
  a(d.name), a(d.performance);
}
template <class Archive>
void describe(Archive& a, Presence& p) {
  a(p.last_poll), a(p.next_poll), a(p.fetched_sequence), a(p.fetched_at);
}
template <class Archive>
void describe(Archive& a, Mail& m) {
  a(m.sequence), a(m.device_id), a(m.type), a(m.reference), a(m.owner), a(m.service), a(m.payload);
  a(m.sent), a(m.visible);
}
template <class Archive>
void describe(Archive& a, Acquired& q) {
  describe(a, q.mail), a(q.taken_off);
}
template <class Archive>
void describe(Archive& a, Entitlement& e) {
  a(e.service), a(e.device_id), a(e.since), a(e.answer);
}
template <class Archive>
void describe(Archive& a, LogRow& r) {
  a(r.sequence), a(r.time), a(r.principal), a(r.topic), a(r.outcome), a(r.object), a(r.payload);
  a(r.previous_hash), a(r.hash);  // hash stays last: hash_of() blanks it there
}
template <class Archive>
void describe(Archive& a, CustomerSettings& s) {
  a(s.keep_acquired), a(s.notice), a(s.poll_interval_s), a(s.code_life_s), a(s.wake_scheme);
  a(s.wake_port);
}
template <class Archive>
void describe(Archive& a, Token& t) {
  a(t.id), a(t.role), a(t.customer), a(t.name), a(t.created);
}
template <class Archive>
void describe(Archive& a, ProvisioningCode& c) {
  a(c.customer), a(c.device_id), a(c.created), a(c.expires), a(c.used), a(c.token);
}
template <class Archive>
void describe(Archive& a, Timer& t) {
  a(t.due), a(t.customer), a(t.owner), a(t.name);
}
template <class Archive>
void describe(Archive& a, OutboxRow& o) {
  a(o.sequence), a(o.customer), a(o.kind), a(o.service), a(o.device_id), a(o.reason);
}
template <class Archive>
void describe(Archive& a, Tries& t) {
  a(t.wrong), a(t.locks), a(t.locked_until), a(t.refused_while_locked);
}
template <class Archive>
void describe(Archive& a, Reply& r) {
  a(r.digest), a(r.created), a(r.status), a(r.location), a(r.body);
}
template <class Archive>
void describe(Archive& a, ServiceCounts& c) {
  a(c.registered), a(c.waiting);
}

}  // namespace intray::store
