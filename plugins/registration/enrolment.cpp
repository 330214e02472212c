#include "plugins/registration/enrolment.hpp"

#include <array>

#include "plugins/registration/format.hpp"
#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

constexpr std::array<std::string_view, kStates> kNames = {"posted",   "deferred",   "registered",
                                                          "declined", "failed",     "expired",
                                                          "canceled", "superseded", "stopped"};

// THE table: no other code decides who may change what.
constexpr Edge kEdges[] = {
    {State::kPosted, State::kRegistered, kDevice, "S208"},
    {State::kPosted, State::kDeferred, kDevice, "S322"},
    {State::kPosted, State::kDeclined, kDevice, "S322"},
    {State::kPosted, State::kFailed, kDevice, "S322"},
    {State::kPosted, State::kExpired, kTimer, "S206"},
    {State::kPosted, State::kCanceled, kAdministrator | kInventory, "S206"},
    {State::kPosted, State::kSuperseded, kAdministrator, "S311"},
    // A device that fetched its code before it asked for time may still use it.
    {State::kDeferred, State::kRegistered, kDevice, "S208"},
    {State::kDeferred, State::kDeferred, kDevice, "S322"},
    {State::kDeferred, State::kPosted, kTimer, "S103"},
    {State::kDeferred, State::kDeclined, kDevice, "S322"},
    {State::kDeferred, State::kFailed, kDevice, "S322"},
    {State::kDeferred, State::kExpired, kTimer, "S206"},
    {State::kDeferred, State::kCanceled, kAdministrator | kInventory, "S206"},
    {State::kDeferred, State::kSuperseded, kAdministrator, "S311"},
    {State::kRegistered, State::kStopped, kAdministrator | kInventory, ""},
};

std::string joined(std::string_view first, std::string_view second, std::string_view third) {
  std::string key(first);
  key.append(" ").append(second).append(" ").append(third);
  return key;
}

std::string reference(std::string_view kind, const Enrolment& enrolment) {
  return std::string(kind) + '/' + enrolment.service + '/' + std::to_string(enrolment.generation);
}

// Not a nonce's size: it was no hexadecimal of one.
bool is_nonce(const std::string& bytes) { return bytes.size() == kNonceBytes; }

}  // namespace

std::string_view name_of(State state) { return kNames[static_cast<std::size_t>(state)]; }

std::optional<State> state_named(std::string_view name) {
  for (std::size_t i = 0; i < kStates; ++i) {
    if (kNames[i] == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

Result<Edge> edge(State from, State to, Actor actor) {
  for (const auto& each : kEdges) {
    if (each.from == from && each.to == to && (each.actors & actor) != 0) return each;
  }
  return fail(INTRAY_E_BAD_STATE, "an enrolment that is " + std::string(name_of(from)) +
                                      " cannot become " + std::string(name_of(to)) + " this way");
}

std::string enrolment_key(std::string_view device_id, std::string_view service) {
  return joined("enrolment", device_id, service);
}
std::string enrolments_of(std::string_view device_id) { return joined("enrolment", device_id, ""); }
std::string member_key(std::string_view application, std::string_view device_id) {
  return joined("member", application, device_id);
}
std::string members_of(std::string_view application) { return joined("member", application, ""); }

std::string register_reference(const Enrolment& enrolment) {
  return reference("register", enrolment);
}
std::string stop_reference(const Enrolment& enrolment) { return reference("stop", enrolment); }
std::string enrolment_timer(const Enrolment& enrolment) {
  return enrolment_key(enrolment.device_id, enrolment.service);
}
std::string stop_timer(const Enrolment& enrolment) {
  return joined("stop", enrolment.device_id, enrolment.service);
}

std::string encode(const Enrolment& enrolment) {
  Scratch scratch;
  return boost::json::serialize(boost::json::object({{"v", 1},
                                                     {"generation", enrolment.generation},
                                                     {"state", name_of(enrolment.state)},
                                                     {"application", enrolment.application},
                                                     {"since", enrolment.since},
                                                     {"nonce", hex(enrolment.nonce)},
                                                     {"expires", enrolment.expires},
                                                     {"until", enrolment.until},
                                                     {"reason", enrolment.reason},
                                                     {"ended", enrolment.ended.text()}},
                                                    scratch.storage()));
}

std::string encode(const Member& member) {
  Scratch scratch;
  return boost::json::serialize(boost::json::object({{"v", 1},
                                                     {"generation", member.generation},
                                                     {"state", name_of(member.state)},
                                                     {"since", member.since},
                                                     {"reason", member.reason}},
                                                    scratch.storage()));
}

Result<Enrolment> decode_enrolment(const StoredRow& row) {
  Row fields(row);
  Enrolment enrolment;
  enrolment.device_id = fields.key_part(1);
  enrolment.service = fields.key_part(2);
  fields.expect_key(enrolment_key(enrolment.device_id, enrolment.service));
  enrolment.generation = fields.number("generation");
  enrolment.application = fields.text("application");
  enrolment.since = fields.time("since");
  enrolment.nonce = unhex(fields.text("nonce"));
  enrolment.expires = fields.time("expires");
  enrolment.until = fields.time("until");
  enrolment.reason = fields.text("reason");
  auto ended = EndedList::read(fields.text("ended"));
  const auto state = state_named(fields.text("state"));
  if (!fields.readable() || !state || !ended || !is_nonce(enrolment.nonce) ||
      enrolment.service.empty()) {
    return fields.unreadable();
  }
  enrolment.ended = std::move(*ended);
  enrolment.state = *state;
  enrolment.revision = row.revision;
  return enrolment;
}

Result<Member> decode_member(const StoredRow& row) {
  Row fields(row);
  Member member;
  member.device_id = fields.key_part(2);
  fields.expect_key(member_key(fields.key_part(1), member.device_id));
  member.generation = fields.number("generation");
  member.since = fields.time("since");
  member.reason = fields.text("reason");
  const auto state = state_named(fields.text("state"));
  if (!fields.readable() || !state) return fields.unreadable();
  member.state = *state;
  return member;
}

Result<Enrolment> find_enrolment(const Scope& scope, std::string_view device_id,
                                 std::string_view service, std::uint64_t snapshot) {
  const auto row = scope.get(enrolment_key(device_id, service), snapshot);
  if (!row) return fail(row.error());
  if (*row) return decode_enrolment(**row);
  Enrolment none;
  none.device_id = device_id;
  none.service = service;
  return none;
}

Result<std::vector<Enrolment>> find_enrolments(const Scope& scope, std::string_view device_id) {
  std::vector<Enrolment> found;
  std::string after;
  for (;;) {
    const auto rows = scope.walk(enrolments_of(device_id), after, INTRAY_PAGE_ROWS_MAX);
    if (!rows) return fail(rows.error());
    for (const auto& row : *rows) {
      auto enrolment = decode_enrolment(row);
      if (!enrolment) return fail(enrolment.error());
      found.push_back(std::move(*enrolment));
    }
    if (rows->size() < INTRAY_PAGE_ROWS_MAX) return found;
    after = rows->back().key;
  }
}

}  // namespace intray::registration
