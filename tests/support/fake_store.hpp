// The rows behind the fake host: in memory, but with the rules of intray/commit.h - a batch is all
// or nothing, revisions are expected, references are unique.
#pragma once

#include <intray/platform.h>

#include <cstdint>
#include <functional>
#include <intray/platform.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace intray::testing_support {

struct FakeRow {
  std::string value;
  std::uint64_t revision = 0;
};
struct FakeMail {
  std::string reference, type, payload;
  std::int64_t sent = 0, fetched = 0, visible = 0;
};
struct FakeLogRow {
  std::string customer, principal, topic, outcome, object, payload;
};
struct FakeReply {
  std::uint32_t status = 0;
  std::string location, body;
};

/// Who commits: the customer of the call (empty = the host's own), principal, Idempotency-Key.
struct FakeCaller {
  std::string customer, principal, idempotency_key;
};

class FakeStore {
 public:
  using Pair = std::pair<std::string, std::string>;
  using Triple = std::tuple<std::string, std::string, std::string>;

  /// All or nothing. `as` may write only its own customer's rows, unless it has none.
  intray_status commit(const FakeCaller& as, const std::string& customer,
                       const std::vector<const intray_op*>& ops);

  /// Rows of INTRAY_STORE_* as a plugin sees them, in the order of their keys.
  std::vector<StoredRow> rows(const std::string& customer, std::uint32_t store,
                              const std::string& prefix, const std::string& after,
                              std::size_t limit) const;

  std::int64_t now = 1'800'000'000'000'000'000;
  std::set<std::string> instruction_types;  // that the plugin owns
  bool full = false;                        // a batch with a SEND gets INTRAY_E_FULL

  std::map<Pair, DeviceRow> devices;                        // customer, device
  std::map<Pair, FakeRow> own;                              // customer, key
  std::map<std::pair<Pair, std::uint64_t>, FakeMail> mail;  // customer, device; sequence
  std::map<Triple, std::string> entitlements;               // customer, service, device
  std::map<Pair, std::int64_t> timers;                      // customer, name -> due
  std::map<Pair, FakeReply> replies;                        // principal, Idempotency-Key
  std::vector<FakeLogRow> log;

 private:
  intray_status apply(const FakeCaller& as, const std::string& customer, const intray_op& op);
  intray_status write_own(const std::string& customer, const intray_op& op);
  intray_status send(const std::string& customer, const intray_op& op);
  void touch_mail(const std::string& customer, const intray_op& op);

  // Changes one element and remembers how to take it back.
  template <class Map>
  void set(Map& map, typename Map::key_type key, std::optional<typename Map::mapped_type> value);

  std::vector<std::function<void()>> undo_;
  std::uint64_t revision_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace intray::testing_support
