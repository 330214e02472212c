// An application: one administrator's request to start using one service on some devices (patent
// step S311). Its devices are enrolments; it only counts them.
//
//   issuing -> running -> completed        (issuing: more than fits one batch, chunks.hpp)
//   issuing, running -> [canceling] -> canceled
//
//   key    "application" ' ' id            ids begin with the time, so the oldest sorts first
//   value  JSON: v 1, service, state, created, by, models [], named, reissue,
//          cursor, expected, skipped, why, finished
//   key    "count" ' ' id ' ' state        a counter of its devices in that state
//   key    "named" ' ' id ' ' number       names still to be issued: JSON, v 1, devices []
//   key    "canceled" ' ' id               is there once it is canceled. A registration expects it
//                                          not to be, which makes a cancel final at once without
//                                          that registrations of one application conflict
//
// The one timer of an unfinished application, "application" ' ' id, drives its chunks and repeats
// the check for completion, in case of a crash between the last registration and that check.
#pragma once

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plugins/registration/enrolment.hpp"

namespace intray::registration {

enum class Phase { kIssuing, kRunning, kCanceling, kCompleted, kCanceled };
std::string_view name_of(Phase phase);
inline bool is_canceled(Phase phase) {
  return phase == Phase::kCanceling || phase == Phase::kCanceled;
}
inline bool is_finished(Phase phase) {
  return phase == Phase::kCompleted || phase == Phase::kCanceled;
}

struct Application {
  std::string id, service;
  Phase phase = Phase::kRunning;
  std::int64_t created = 0;         // unix ns
  std::string by;                   // principal of the administrator
  std::vector<std::string> models;  // only these; empty = any
  bool named = false;               // only devices that the request named
  bool reissue = false;
  std::string cursor;         // last device that a chunk looked at
  std::int64_t expected = 0;  // devices, as far as known while issuing
  std::int64_t skipped = 0;   // devices that chunks left out
  std::string why;            // what holds it up; empty = nothing
  std::int64_t finished = 0;  // unix ns
  std::uint64_t revision = 0;
};

/// Devices by state.
struct Counts {
  std::array<std::int64_t, kStates> by_state{};
  std::int64_t of(State state) const { return by_state[static_cast<std::size_t>(state)]; }
  std::int64_t open() const { return of(State::kPosted) + of(State::kDeferred); }
  std::int64_t total() const;
};

/// A new id: "a", the time in milliseconds, and something random; a batch that creates it expects
/// it not to exist.
Result<std::string> new_application_id(const Scope& scope);

std::string application_key(std::string_view id);  // also the name of its timer
std::string count_key(std::string_view id, State state);
std::string canceled_key(std::string_view id);
std::string names_of(std::string_view id);
std::string name_key(std::string_view id, std::size_t number);

std::string encode(const Application& application);
Result<Application> decode_application(const StoredRow& row);
Result<std::optional<Application>> find_application(const Scope& scope, std::string_view id,
                                                    std::uint64_t snapshot = 0);
/// INTRAY_E_NOT_FOUND  no such application of this customer.
Result<Application> the_application(const Scope& scope, std::string_view id);
/// All states in one snapshot.
Result<Counts> counts_of(const Scope& scope, std::string_view id, std::uint64_t snapshot = 0);
Result<bool> was_canceled(const Scope& scope, std::string_view id);

/// Writes the row, expecting the revision that was read.
void put(Batch& batch, const Application& application);

/// When the timer of a running application looks again: soon after it was made, rarely later.
std::int64_t next_look(const Application& application, std::int64_t now);

/// The batch that completes a running application without open devices (patent step S209); it
/// expects the application's revision, so that two that see the last device end write one event.
void add_completion(Batch& batch, Application application, const Counts& counts, std::int64_t now);

/// After the commit that may have ended the last open device. A conflict means that another one
/// completed it.
Result<void> complete_if_done(const Scope& scope, const std::string& id);

/// For a batch of the host's, after which nothing of this plugin runs: lets the application's timer
/// look again soon when few devices are left open.
Result<void> look_soon(const Scope& scope, const std::string& id, Batch& batch);

/// As the administrator sees it (patent step S221).
Result<boost::json::object> shown(const Scope& scope, const Application& application);

}  // namespace intray::registration
