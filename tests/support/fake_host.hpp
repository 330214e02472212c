// A host for tests of platform plugins: a real, in-memory implementation of the tables of
// intray/platform.h, and of what the host does with a plugin's own tables. One thread.
#pragma once

#include <intray/platform.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/fake_store.hpp"

namespace intray::testing_support {

using FakePairs = std::vector<std::pair<std::string, std::string>>;

struct FakeService {
  std::string service_id;
  std::vector<std::string> models;  // exact
  std::string registration_url = "https://host.example/register";
  bool up = true;  // false: its plugin is down
  std::function<std::string(const intray_application&)> objection = {};  // "" = none
  FakePairs params = {};
};

struct FakeRequest {
  std::string method, path, body;
  std::string principal = "token:admin";
  std::string customer = "C001";
  std::string idempotency_key = {};
};
struct FakeResponse {
  std::uint32_t status = 0;
  std::string body;
  FakePairs headers;
  std::string header(const std::string& name) const;
};

class FakeHost {
 public:
  FakeHost();
  ~FakeHost();
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  /// Creates, initialises and starts the first plugin of the library.
  Result<void> load(const intray_entry& library);
  /// stop and destroy.
  void unload();
  /// The process dies: the plugin is gone without stop, the rows stay.
  void crash();

  FakeResponse request(const FakeRequest& request);
  /// Calls due() of every timer that is due, as often as one is; at most limit times. How often.
  int run_timers(int limit = 10'000);
  /// 404 when the sequence is not there and the plugin was not asked; 503 when it failed.
  int acknowledge(const std::string& customer, const std::string& device_id, std::uint64_t sequence,
                  std::uint32_t result, const std::string& reason = {},
                  std::int64_t retry_after_s = 0);
  /// The device leaves the inventory.
  Result<void> remove_device(const std::string& customer, const std::string& device_id);
  /// What intray.check/1 says is broken.
  FakePairs check(const std::string& customer);

  /// The code that a poll would show; "" when no register-device instruction is visible.
  std::string code(const std::string& customer, const std::string& device_id,
                   const std::string& service) const;
  /// Sequences in the mailbox, the oldest first, hidden ones included.
  std::vector<std::uint64_t> mailbox(const std::string& customer,
                                     const std::string& device_id) const;
  std::vector<FakeLogRow> log(const std::string& topic) const;

  FakeStore store;
  std::vector<FakeService> services;
  std::map<std::string, std::string> settings;
  /// Called before each commit of the plugin; anything but INTRAY_OK is what it is answered.
  std::function<intray_status(const std::vector<const intray_op*>&)> before_commit;
  /// Called after a commit took effect; anything but INTRAY_OK is what the plugin hears of it.
  std::function<intray_status()> after_commit;
  int commits = 0;  // that took effect

  struct Lock {
    int wrong = 0;
    std::int64_t until = 0;
  };
  std::map<std::pair<std::string, std::string>, Lock> locks;  // device, service

  /// Shares of polls that were reserved, by customer and key; some may have lapsed.
  struct Share {
    std::uint32_t polls = 0;
    std::int64_t until = 0;
  };
  std::map<FakeStore::Pair, Share> shares;
  /// Of those that live, but for this key.
  std::uint32_t polls_held(const FakeStore::Pair& but_for = {}) const;

  struct Route {
    std::string method, path, permission;
    std::uint64_t max_body = 0;
    intray_http_handler handler;
  };
  std::map<std::uint64_t, Route> routes;
  std::uint64_t last_route = 0;
  std::uint64_t last_nonce = 0;

 private:
  using Ask = std::function<intray_status(const intray_call&, const intray_batch_sink&)>;
  intray_status ask_and_commit(const FakeCaller& as, const std::string& customer, const Ask& ask);
  void fire(const FakeStore::Pair& timer);

  intray_host host_{};
  const intray_plugin* plugin_ = nullptr;
};

/// Deterministic codes: different for each customer, device, service, generation and nonce.
std::string fake_code(const std::string& customer, const std::string& device_id,
                      const std::string& service, std::uint64_t generation,
                      const std::string& nonce);

/// The tables that the plugin reaches by get_extension.
const void* fake_table(const std::string& id);
/// The fake behind a host pointer.
FakeHost& fake_of(const intray_host* host);
/// An intray_call of this caller, which must outlive it.
intray_call fake_call(const FakeCaller& caller);

}  // namespace intray::testing_support
