#include "host/plugin/poll_ledger.hpp"

#include <algorithm>
#include <ctime>
#include <set>

#include "host/store/codec.hpp"

namespace intray::plugin {
namespace {

constexpr store::UnixNs kMinuteNs = 60 * store::kSecondNs;
constexpr std::size_t kLapsedAtOnce = 200;  // rows erased along with a change
constexpr std::size_t kNamedMax = 3;        // keys in a refusal

std::string prefix_of(const PollKey& key) {
  return std::string(kPollSharePrefix) + key.plugin_id + '/' + key.customer + '/';
}
std::string row_of(const PollKey& key) { return prefix_of(key) + key.key; }

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// So that a plan whose pages are read one after another is written once a minute.
store::UnixNs whole_minute(store::UnixNs time) {
  return (time + kMinuteNs - 1) / kMinuteNs * kMinuteNs;
}

std::string rfc3339(store::UnixNs time) {
  const auto seconds = static_cast<std::time_t>((time + store::kSecondNs - 1) / store::kSecondNs);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

}  // namespace

// ---- the claims of one key ----------------------------------------------------------------------

void PollClaims::add(PollClaim claim, store::UnixNs now) {
  claims_.erase(std::remove_if(claims_.begin(), claims_.end(),
                               [now](const PollClaim& held) { return held.until <= now; }),
                claims_.end());
  const auto covers = [](const PollClaim& one, const PollClaim& other) {
    return one.polls >= other.polls && one.until >= other.until;
  };
  for (const auto& held : claims_) {
    if (covers(held, claim)) return;
  }
  if (claims_.size() == kClaimsMax) {
    claim = {std::max(claim.polls, claims_.back().polls),
             std::max(claim.until, claims_.back().until)};
  }
  claims_.erase(std::remove_if(claims_.begin(), claims_.end(),
                               [&](const PollClaim& held) { return covers(claim, held); }),
                claims_.end());
  claims_.push_back(claim);
}

std::uint32_t PollClaims::held(store::UnixNs now) const {
  std::uint32_t polls = 0;
  for (const auto& claim : claims_) {
    if (claim.until > now) polls = std::max(polls, claim.polls);
  }
  return polls;
}

store::UnixNs PollClaims::until() const {
  store::UnixNs until = 0;
  for (const auto& claim : claims_) until = std::max(until, claim.until);
  return until;
}

// ---- the ledger ---------------------------------------------------------------------------------

Result<void> PollLedger::load(const std::function<void(const std::string&)>& complain) {
  const std::lock_guard change(changing_);
  Shares shares;
  std::string after;
  for (;;) {
    const auto snapshot = store_.snapshot();
    if (!snapshot) return fail(snapshot.error());
    const auto rows =
        snapshot->customer("").host_rows(kPollSharePrefix, after, store::kPageRowsMax);
    for (const auto& row : rows) {
      auto claims = store::decode<PollClaims>(row.value);
      if (!claims)
        complain("the share of polls " + row.key + " is lost: " + claims.error().message);
      shares.emplace(row.key, claims ? std::move(*claims) : PollClaims());
    }
    if (!snapshot->corruption().empty()) {
      complain("a share of polls is lost, wakes may exceed polls.concurrent_max for an hour: " +
               snapshot->corruption());
    }
    if (rows.size() < store::kPageRowsMax) break;
    after = rows.back().key;
  }
  const std::lock_guard lock(reading_);
  shares_ = std::move(shares);
  return {};
}

std::uint64_t PollLedger::held_by_others(const std::string& row, store::UnixNs now) const {
  std::uint64_t held = 0;
  for (const auto& [key, claims] : shares_) {
    if (key != row) held += claims.held(now);
  }
  return held;
}

// Claims only lapse by themselves: the first of these times at which enough have.
store::UnixNs PollLedger::room_at(const std::string& row, std::uint32_t least,
                                  store::UnixNs now) const {
  std::set<store::UnixNs> times;
  for (const auto& [key, claims] : shares_) {
    for (const auto& claim : claims.all()) {
      if (claim.until > now) times.insert(claim.until);
    }
  }
  for (const auto time : times) {
    if (held_by_others(row, time) + least <= limit_) return time;
  }
  return now;
}

// Names the customer's own keys; of others it says how much, not who.
std::string PollLedger::why_busy(const PollKey& key, std::uint32_t least, store::UnixNs now,
                                 store::UnixNs room_at) const {
  const auto own_prefix = prefix_of(key);
  std::uint64_t own = 0;
  std::size_t own_keys = 0;
  std::string names;
  for (const auto& [row, claims] : shares_) {
    const auto polls = row == row_of(key) ? 0 : claims.held(now);
    if (polls == 0 || !starts_with(row, own_prefix)) continue;
    own += polls;
    if (++own_keys > kNamedMax) continue;
    names += (names.empty() ? " (" : ", ") + row.substr(own_prefix.size());
  }
  if (own_keys > kNamedMax) names += ", ...";
  if (!names.empty()) names += ')';
  const auto held = held_by_others(row_of(key), now);
  return "wakes may make " + std::to_string(limit_) + " polls due at this host within a second; " +
         std::to_string(own) + " of them are held by your other wakes" + names + ", " +
         std::to_string(held - own) + " by those of others, and this one needs " +
         std::to_string(least) + ": at the latest at " + rfc3339(room_at) +
         " there is room; sooner when one of them completes or is canceled; or let the devices "
         "poll on their schedule";
}

Result<PollClaim> PollLedger::reserve(const PollKey& key, const PollWish& wish,
                                      store::UnixNs* room_at) {
  const std::lock_guard change(changing_);
  *room_at = 0;
  const auto now = store_.now();
  if (wish.least == 0 || wish.least > wish.most || wish.most > limit_ || wish.until <= now ||
      wish.until > now + kPollShareLifeMax) {
    return fail(INTRAY_E_INVALID, "a share of polls is of 1 to " + std::to_string(limit_) +
                                      ", for a time to come within an hour");
  }
  const auto row = row_of(key);
  const auto others = held_by_others(row, now);
  const auto free = static_cast<std::uint32_t>(others < limit_ ? limit_ - others : 0);
  if (wish.least > free) {
    ++refused_;
    *room_at = this->room_at(row, wish.least, now);
    return fail(INTRAY_E_BUSY, why_busy(key, wish.least, now, *room_at));
  }
  const auto found = shares_.find(row);
  auto claims = found == shares_.end() ? PollClaims() : found->second;
  const auto held = std::min(claims.held(now), free);
  const auto fair = std::max({held, (free + 1) / 2, std::min(free, kPollsOfSmallPlan)});
  const PollClaim claim{std::max(std::min(wish.most, fair), wish.least), whole_minute(wish.until)};
  claims.add(claim, now);
  const bool is_kept = found != shares_.end() && claims == found->second && unsure_.count(row) == 0;
  if (is_kept) return claim;
  if (auto written = write(row, std::move(claims), now); !written) return fail(written.error());
  return claim;
}

// With it go the rows of shares that have lapsed.
Result<void> PollLedger::write(const std::string& row, PollClaims claims, store::UnixNs now) {
  store::Batch batch{"", "host", {store::PutHostRow{row, store::encode(claims)}}};
  std::vector<std::string> lapsed;
  for (const auto& [key, held] : shares_) {
    if (key == row || held.until() > now || lapsed.size() == kLapsedAtOnce) continue;
    lapsed.push_back(key);
    batch.operations.emplace_back(store::EraseHostRow{key});
  }
  const auto committed = store_.commit(std::move(batch));
  const bool unknown = !committed && committed.error().status == INTRAY_E_UNAVAILABLE;
  const std::lock_guard lock(reading_);
  if (committed || unknown) shares_[row] = std::move(claims);
  if (unknown) unsure_.insert(row);
  if (!committed) return fail(committed.error());
  unsure_.erase(row);
  for (const auto& key : lapsed) shares_.erase(key);
  return {};
}

Result<void> PollLedger::release(const PollKey& key) {
  const std::lock_guard change(changing_);
  const auto row = row_of(key);
  if (shares_.find(row) == shares_.end()) return {};
  const auto committed = store_.commit({"", "host", {store::EraseHostRow{row}}});
  if (!committed && committed.error().status == INTRAY_E_UNAVAILABLE) unsure_.insert(row);
  if (!committed) return fail(committed.error());
  const std::lock_guard lock(reading_);
  shares_.erase(row);
  unsure_.erase(row);
  return {};
}

PollStats PollLedger::stats() const {
  const auto now = store_.now();
  PollStats stats;
  stats.limit = limit_;
  stats.refused = refused_;
  const std::lock_guard lock(reading_);
  for (const auto& [row, claims] : shares_) {
    const auto held = claims.held(now);
    stats.reserved += held;
    stats.shares += held > 0 ? 1 : 0;
  }
  return stats;
}

}  // namespace intray::plugin
