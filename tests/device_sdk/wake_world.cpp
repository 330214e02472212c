#include "tests/device_sdk/wake_world.hpp"

#include <gtest/gtest.h>
#include <intray/device_openssl.h>

#include <algorithm>

#include "host/security/keys.hpp"

namespace intray::testing_support {

bool LanTransport::start(unsigned slot, const intray_device_request& request) noexcept {
  if (slot == 0) return MemoryTransport::start(slot, request);
  EXPECT_EQ(request.token, nullptr);
  EXPECT_NE(request.address_allowed, nullptr);
  EXPECT_EQ(open_.count(slot), 0U);
  const std::string url = request.url;
  calls.push_back(url.substr(0, url.find("/doPolling?t=")));
  commands.emplace_back(request.url_rest);
  open_[slot] = neighbour(calls.back());
  most_at_once = std::max(most_at_once, open_.size());
  return true;
}

bool LanTransport::poll(unsigned slot, intray_device_reply& reply) noexcept {
  if (slot == 0) return MemoryTransport::poll(slot, reply);
  const auto found = open_.find(slot);
  if (found == open_.end() || found->second == kSilent) return false;
  reply.status = found->second;
  open_.erase(found);
  return true;
}

void LanTransport::cancel(unsigned slot) noexcept {
  if (slot == 0) return MemoryTransport::cancel(slot);
  open_.erase(slot);
}

WakeWorld::WakeWorld() {
  lan.answer = [this](const HttpRequest& request) {
    auto reply = host.answer(request);
    const auto key = reply.body.find("key-1");
    if (key != std::string::npos) {
      reply.body.replace(key, 5, "unfit\",\"" + security::wake_public_key(wake_key, "C001"));
    }
    if (reply.next_poll == "60") reply.next_poll = "86400";
    return reply;
  };
  options.transport = table_of(lan);
  options.verifier = intray_openssl_verifier();
}

bool WakeWorld::start() {
  for (unsigned slot = 0; slot < INTRAY_DEVICE_SLOTS; ++slot) lan.cancel(slot);
  return World::start();
}

std::vector<std::string> WakeWorld::paths() const {
  std::vector<std::string> paths;
  for (const auto& request : lan.requests) paths.push_back(request.url.substr(host.origin.size()));
  return paths;
}

int WakeWorld::polls() const {
  const auto sent = paths();
  return static_cast<int>(std::count(sent.begin(), sent.end(), "/v1/mailbox"));
}

void WakeWorld::settle() {
  ASSERT_TRUE(start());
  run_for(20'000);
  ASSERT_EQ(polls(), 1);
}

int WakeWorld::hear(const std::string& target, std::int64_t unix_s) {
  const auto status =
      device.wake(target.c_str(), Device::Milliseconds(now_ms), std::chrono::seconds(unix_s));
  EXPECT_TRUE(status) << target.substr(0, 40);
  run_for(0);
  return status.value_or(0);
}

std::string WakeWorld::mint(const security::WakeOrder& order, const std::string& customer,
                            std::int64_t unix_s) const {
  const auto command = security::mint_wake(wake_key, customer, order, unix_s);
  EXPECT_TRUE(command) << command.error().message;
  return command ? command->reveal() : "";
}

security::WakeTarget at(const std::string& address, int children, int step) {
  return {"at " + address, address, static_cast<std::uint8_t>(children),
          static_cast<std::uint16_t>(step)};
}

security::WakeTarget the_device(int children, int step) {
  return {"D10010101", "10.0.0.1", static_cast<std::uint8_t>(children),
          static_cast<std::uint16_t>(step)};
}

security::WakeOrder order_with_children(int children) {
  security::WakeOrder order{.plain_http = true, .targets = {the_device(children)}};
  for (int i = 0; i < children; ++i) order.targets.push_back(at("10.0.0." + std::to_string(i + 2)));
  return order;
}

}  // namespace intray::testing_support
