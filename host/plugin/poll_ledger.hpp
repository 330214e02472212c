// Who may make how many polls due at the host within a second: the shares of all wakes of all
// customers, whose sum stays within polls.concurrent_max.
//
// A share belongs to a key of one customer, such as an application. It lives for as long as
// commands minted on its strength may cause polls, and therefore lies in the store before the first
// of them is minted:
//
//   host row of the system  "polls/" plugin '/' customer '/' key
//   value                   how many claims follow (4 bytes), then each one's polls (4) and
//                           until (8, unix ns), all little-endian (host/store/codec.hpp)
//
// Claims: when a smaller plan follows a larger one of the same key, the larger claim stays until
// the larger plan's commands have expired. What a key holds is the largest of its claims that live.
//
// THE PROCESS DIES
//   before the row is committed      nothing was promised and nothing is minted.
//   after it, before the answer      the share lives, unused, until it lapses; the same key takes
//                                    it over when it asks again.
//   before a release is committed    the same; whoever releases does so again (it is idempotent).
//   at any time                      load() reads every share back. Rows of those that have lapsed
//                                    go along with the next change, at most 200 at once.
// A commit whose outcome is unknown counts as done here and as failed to the caller: too much is
// held for a while, never too little. Who asks again is granted nothing before it is written for
// sure.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "host/store/store.hpp"

namespace intray::plugin {

inline constexpr std::string_view kPollSharePrefix = "polls/";
/// What a plan may have as long as that many are free, however many others wait for half of them.
inline constexpr std::uint32_t kPollsOfSmallPlan = 8;

inline constexpr store::UnixNs kPollShareLifeMax = 3600 * store::kSecondNs;

struct PollClaim {
  std::uint32_t polls = 0;
  store::UnixNs until = 0;
  friend bool operator==(const PollClaim&, const PollClaim&) = default;
};

/// The claims of one key, none of which another one covers.
class PollClaims {
 public:
  static constexpr std::size_t kClaimsMax = 8;  // beyond, two become one that covers both

  /// Claims that have lapsed go.
  void add(PollClaim claim, store::UnixNs now);
  /// The most that a claim which lives at that time holds; 0 = none lives.
  std::uint32_t held(store::UnixNs now) const;
  /// When the last one lapses.
  store::UnixNs until() const;
  const std::vector<PollClaim>& all() const { return claims_; }
  friend bool operator==(const PollClaims&, const PollClaims&) = default;

  template <class Archive>
  friend void describe(Archive& a, PollClaims& c) {
    auto count = static_cast<std::uint32_t>(c.claims_.size());
    a(count);
    if (count > kClaimsMax) return;  // what follows does not decode
    c.claims_.resize(count);
    for (auto& claim : c.claims_) a(claim.polls), a(claim.until);
  }

 private:
  std::vector<PollClaim> claims_;
};

/// Whose share it is. Ids and keys as host/plugin/values.hpp checks them: none holds a '/'.
struct PollKey {
  std::string plugin_id, customer, key;
};

struct PollWish {
  std::uint32_t least = 1;  // 1..most: with fewer the plan is of no use
  std::uint32_t most = 1;   // least..limit: more it has no use for
  store::UnixNs until = 0;  // within kPollShareLifeMax: when its commands will have expired
};

struct PollStats {
  std::uint64_t reserved = 0;  // by shares that live now
  std::uint64_t limit = 0;     // polls.concurrent_max
  std::uint64_t shares = 0;    // that live now
  std::uint64_t refused = 0;   // wishes, since the start
};

/// Any thread; changes are made one at a time, each with a commit.
class PollLedger {
 public:
  /// The store must outlive it. limit >= 1.
  PollLedger(store::Store& store, std::uint32_t limit) : store_(store), limit_(limit) {}

  /// Reads what the last process wrote; once, before anything is reserved. `complain` hears of a
  /// row that cannot be read: such a share is lost. Errors of the store.
  Result<void> load(const std::function<void(const std::string&)>& complain);

  /// A share of least..most, durable when it returns. A key that holds one keeps at least that,
  /// within its wish, and longer. Otherwise: all it wishes for, up to half of what is free, or
  /// kPollsOfSmallPlan when that is more; and at least `least`. `until` is rounded up to a whole
  /// minute.
  /// INTRAY_E_INVALID  the wish is out of its ranges.
  /// INTRAY_E_BUSY     less than least is free; the message says who holds it, and *room_at, when
  ///                   at the latest that ends. Errors of the store: *room_at is 0.
  Result<PollClaim> reserve(const PollKey& key, const PollWish& wish, store::UnixNs* room_at);

  /// Ends its share. Not there: no effect. Errors of the store: it is still held.
  Result<void> release(const PollKey& key);

  PollStats stats() const;
  std::uint32_t limit() const { return limit_; }

 private:
  using Shares = std::map<std::string, PollClaims>;  // by row key

  std::uint64_t held_by_others(const std::string& row, store::UnixNs now) const;
  store::UnixNs room_at(const std::string& row, std::uint32_t least, store::UnixNs now) const;
  std::string why_busy(const PollKey& key, std::uint32_t least, store::UnixNs now,
                       store::UnixNs room_at) const;
  Result<void> write(const std::string& row, PollClaims claims, store::UnixNs now);

  store::Store& store_;
  const std::uint32_t limit_;
  std::mutex changing_;         // one change at a time, its commit included
  mutable std::mutex reading_;  // of shares_; a change takes it only to put its result in
  Shares shares_;
  std::set<std::string> unsure_;  // rows of which nobody knows what the last commit did
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace intray::plugin
