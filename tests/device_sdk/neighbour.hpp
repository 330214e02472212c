// A relay with real neighbours: its host is in memory, its calls go over libcurl and sockets.
#pragma once

#include <gtest/gtest.h>
#include <intray/device_curl.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/device_sdk/wake_world.hpp"

namespace intray::testing_support {

/// A device whose host is in memory and whose neighbours are real.
class DeviceNeighbour : public testing::Test {
 protected:
  using Clock = std::chrono::steady_clock;

  ~DeviceNeighbour() override {
    intray_curl_transport_destroy(transport_);
    intray_curl_destroy(curl_);
  }
  /// `lan_ca_file`: whose certificates neighbours must show; null = any will do.
  void be_ready(bool allow_loopback, const char* lan_ca_file = nullptr) {
    intray_curl_options options{};
    options.lan_ca_file = lan_ca_file;
    curl_ = intray_curl_create(&options);
    transport_ = intray_curl_transport_create(curl_);
    world_.options.transport = {this, start, poll, cancel};
    world_.options.allow_loopback = allow_loopback;
    world_.settle();
  }
  /// Runs until the command's children are woken or dead; the device's clock runs `speed` times as
  /// fast as the real one.
  void relay(const security::WakeOrder& order, std::uint64_t speed = 1) {
    const auto begin = Clock::now();
    const auto start_ms = world_.now_ms;
    EXPECT_NE(world_.wake(world_.mint(order)), 403);
    while (world_.device.busy() && Clock::now() - begin < std::chrono::seconds(20)) {
      intray_curl_wait(curl_, 10);
      const auto passed = Clock::now() - begin;
      world_.now_ms =
          start_ms +
          speed * static_cast<std::uint64_t>(
                      std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
      world_.run_for(0);
    }
    EXPECT_FALSE(world_.device.busy());
    world_.run_for(20'000);
  }
  security::WakeOrder order_for(int port, const std::vector<std::string>& addresses) {
    security::WakeOrder order{.plain_http = true,
                              .port = static_cast<std::uint16_t>(port),
                              .targets = {the_device(static_cast<int>(addresses.size()))}};
    for (const auto& address : addresses) order.targets.push_back(testing_support::at(address));
    return order;
  }
  std::vector<std::string> relayed() const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < world_.panel.kinds.size(); ++i) {
      if (world_.panel.kinds[i] == INTRAY_DEVICE_RELAYED) all.push_back(world_.panel.details[i]);
    }
    return all;
  }

  WakeWorld world_;

 private:
  static intray_device_transport real(void* context) {
    return intray_curl_transport_table(static_cast<DeviceNeighbour*>(context)->transport_);
  }
  static bool start(void* context, unsigned slot, const intray_device_request* request) {
    auto& test = *static_cast<DeviceNeighbour*>(context);
    if (slot == 0) return test.world_.lan.start(slot, *request);
    const auto curl = real(context);
    return curl.start(curl.context, slot, request);
  }
  static bool poll(void* context, unsigned slot, intray_device_reply* reply) {
    auto& test = *static_cast<DeviceNeighbour*>(context);
    if (slot == 0) return test.world_.lan.poll(slot, *reply);
    const auto curl = real(context);
    return curl.poll(curl.context, slot, reply);
  }
  static void cancel(void* context, unsigned slot) {
    auto& test = *static_cast<DeviceNeighbour*>(context);
    if (slot == 0) return test.world_.lan.cancel(slot);
    const auto curl = real(context);
    curl.cancel(curl.context, slot);
  }

  intray_curl* curl_ = nullptr;
  intray_curl_transport* transport_ = nullptr;
};

}  // namespace intray::testing_support
