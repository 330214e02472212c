#include "plugins/registration/wake_polls.hpp"

#include <intray/wake.h>

#include <algorithm>

#include "plugins/registration/application.hpp"
#include "plugins/registration/wake_pace.hpp"

namespace intray::registration {
namespace {

// For so long after a share was reserved may what is minted then still cause polls: a command's
// life, a device's clock that is late (wake_command.md), and the time from here to the last command
// of a page. Turns lie within a command's life, and a relay passes on nothing that has expired.
constexpr std::int64_t kClockNs = 60 * kSecondNs;
constexpr std::int64_t kMintingNs = 60 * kSecondNs;
constexpr std::int64_t kCausesPollsNs = INTRAY_WAKE_TTL_S_MAX * kSecondNs + kClockNs + kMintingNs;

Result<std::uint32_t> reserve(const Scope& scope, const Platform::PollsWish& wish,
                              NoRoom& no_room) {
  const auto share = scope.platform.reserve_polls(scope.call, wish, &no_room.room_at);
  return share ? Result<std::uint32_t>(share->polls) : fail(share.error());
}

}  // namespace

Result<std::uint32_t> reserve_polls(const Scope& scope, const std::string& application,
                                    std::size_t devices, const WakeRequest& request,
                                    NoRoom& no_room) {
  const auto needed = polls_needed(devices, request);
  if (!needed) return fail(needed.error());
  return reserve(scope, {application, needed->least, needed->most, scope.now() + kCausesPollsNs},
                 no_room);
}

// Commands of relay-wakes are minted by the host when their relays poll, until the plan ends.
Result<void> hold_polls(const Scope& scope, const Wake& wake, NoRoom& no_room) {
  const auto minted = wake.relays > 0 ? std::max(wake.ends(), scope.now()) : scope.now();
  const auto polls = static_cast<std::uint32_t>(wake.polls);
  const auto held =
      reserve(scope, {wake.application, polls, polls, minted + kCausesPollsNs}, no_room);
  return held ? Result<void>() : fail(held.error());
}

Result<void> release_polls_if_over(const Scope& scope, const std::string& application) {
  const auto owner = find_application(scope, application);
  if (!owner) return fail(owner.error());
  const bool over = !*owner || is_finished((*owner)->phase) || is_canceled((*owner)->phase);
  return over ? scope.platform.release_polls(scope.call, application) : Result<void>();
}

// Mostly sooner than the latest: applications complete.
HttpAnswer no_room_answer(const Scope& scope, const Error& error, const NoRoom& no_room) {
  constexpr std::int64_t kLongestS = 60;
  const auto wait_s = (no_room.room_at - scope.now()) / kSecondNs + 1;
  Problem document{503, "INT-2006", "Too many devices are being woken", error.message};
  document.retry_after_s =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(wait_s, 1, kLongestS));
  return problem(document);
}

}  // namespace intray::registration
