// A device on its customer's LAN: commands minted by the host's own code, and neighbours that
// answer as a test says.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/security/wake.hpp"
#include "tests/device_sdk/world.hpp"

namespace intray::testing_support {

/// Slot 0 goes to the host; the others go to neighbours.
class LanTransport : public MemoryTransport {
 public:
  static constexpr int kSilent = -1;
  static constexpr int kGone = 0;

  explicit LanTransport(Power& power) : MemoryTransport(power) {}
  bool start(unsigned slot, const intray_device_request& request) noexcept override;
  bool poll(unsigned slot, intray_device_reply& reply) noexcept override;
  void cancel(unsigned slot) noexcept override;

  /// What a neighbour answers: its status, kGone at once, or kSilent.
  std::function<int(const std::string& url)> neighbour = [](const std::string&) { return 200; };
  std::vector<std::string> calls;     ///< "http://10.0.0.2", in order
  std::vector<std::string> commands;  ///< what each was sent
  std::size_t most_at_once = 0;

 private:
  std::map<unsigned, int> open_;
};

struct WakeWorld : World {
  static constexpr std::int64_t kNow = 1'800'000'000;

  WakeWorld();
  /// A device that the host knows and that has polled once, its next poll being far away.
  void settle();
  /// As a firmware would: hears the target, then steps.
  int hear(const std::string& target, std::int64_t unix_s = kNow);
  int wake(const std::string& command, std::int64_t unix_s = kNow) {
    return hear("/doPolling?t=" + command, unix_s);
  }
  std::string mint(const security::WakeOrder& order, const std::string& customer = "C001",
                   std::int64_t unix_s = kNow) const;
  bool start();
  int polls() const;
  /// What the host was asked, in order: "/v1/mailbox".
  std::vector<std::string> paths() const;

  security::Secret wake_key{std::string(32, 'w')};
  LanTransport lan{power};
};

/// The device of every World, reached at 10.0.0.1, and `children` that it wakes at 10.0.0.2 and on.
security::WakeOrder order_with_children(int children);
/// One target of an order; its device id says its address.
security::WakeTarget at(const std::string& address, int children = 0, int step = 0);
security::WakeTarget the_device(int children = 0, int step = 0);

}  // namespace intray::testing_support
