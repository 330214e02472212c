// An enrolment: one device's way into one service, the truth of the whole plugin.
//
// There is one row for each (device, service); it holds the newest generation and enough of the
// ones before it to tell an old code from a wrong one. Generations grow and are never reused, also
// when the device leaves the inventory: the row stays.
//
//   key    "enrolment" ' ' device ' ' service         (ids hold no space, and every character of
//                                                      an id sorts after it)
//   value  JSON: v 1, generation, state, application, since, nonce, expires, until, reason,
//          ended (ended.hpp); times in unix ns, nonces in hex
//
// Each generation is also a member of its application, for the application's list:
//
//   key    "member" ' ' application ' ' device
//   value  JSON: v 1, generation, state, since, reason
#pragma once

#include <cstdint>
#include <intray/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/registration/ended.hpp"
#include "plugins/registration/scope.hpp"

namespace intray::registration {

inline constexpr std::string_view kRegisterDevice = "register-device";
inline constexpr std::string_view kStopService = "stop-service";

enum class State {
  kPosted,      // its instruction waits in the mailbox
  kDeferred,    // the same, hidden until a time that the device asked for
  kRegistered,  // the device may use the service
  kDeclined,    // the device, or the person at it, refused
  kFailed,      // the device does not know the instruction
  kExpired,     // its time was over
  kCanceled,    // by the administrator, or because the device left
  kSuperseded,  // a newer application took its place while it was open
  kStopped,     // was registered, is no longer
};
inline constexpr std::size_t kStates = 9;

std::string_view name_of(State state);
std::optional<State> state_named(std::string_view name);
/// Does it still wait for the device?
inline bool is_open(State state) { return state == State::kPosted || state == State::kDeferred; }

/// Who may fire an edge; a set of them is their sum.
enum Actor : unsigned { kAdministrator = 1, kDevice = 2, kTimer = 4, kInventory = 8 };

/// One way from state to state, and who may fire it. Source: research of the patent's FIG. 5, 7.
struct Edge {
  State from, to;
  unsigned actors;
  std::string_view step;  // the patent's step, for the log; empty = the patent numbers none
};

/// The edge, or INTRAY_E_BAD_STATE when there is none or `actor` may not fire it.
Result<Edge> edge(State from, State to, Actor actor);

struct Enrolment {
  std::string device_id, service;
  std::uint64_t generation = 0;  // 0 = there was none yet
  State state = State::kStopped;
  std::string application;
  std::int64_t since = 0;    // unix ns, of the state
  std::string nonce;         // 16 bytes
  std::int64_t expires = 0;  // unix ns
  std::int64_t until = 0;    // unix ns, while deferred
  std::string reason;        // why it is in this state, if there is more to say
  EndedList ended;
  std::uint64_t revision = 0;

  /// Also says no when its time is over but its timer has not come yet.
  bool waits(std::int64_t now) const { return generation > 0 && is_open(state) && now < expires; }
};

/// What an application's list shows of one device.
struct Member {
  std::string device_id;
  std::uint64_t generation = 0;
  State state = State::kPosted;
  std::int64_t since = 0;
  std::string reason;
};

std::string enrolment_key(std::string_view device_id, std::string_view service);
/// Of all enrolments of a device.
std::string enrolments_of(std::string_view device_id);
std::string member_key(std::string_view application, std::string_view device_id);
std::string members_of(std::string_view application);

/// The mailbox references of its instructions: unique, as generations are.
std::string register_reference(const Enrolment& enrolment);
std::string stop_reference(const Enrolment& enrolment);
/// The timer of an open enrolment; of a stop that the device was not told yet.
std::string enrolment_timer(const Enrolment& enrolment);
std::string stop_timer(const Enrolment& enrolment);

std::string encode(const Enrolment& enrolment);
std::string encode(const Member& member);
/// INTRAY_E_INTERNAL names the row that cannot be read.
Result<Enrolment> decode_enrolment(const StoredRow& row);
Result<Member> decode_member(const StoredRow& row);

/// The newest generation; generation 0 when there is none yet.
Result<Enrolment> find_enrolment(const Scope& scope, std::string_view device_id,
                                 std::string_view service, std::uint64_t snapshot = 0);
/// Every service that the device ever had an enrolment of.
Result<std::vector<Enrolment>> find_enrolments(const Scope& scope, std::string_view device_id);

}  // namespace intray::registration
