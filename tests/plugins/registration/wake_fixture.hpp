// Waking the devices of FIG. 9 and of a fleet.
#pragma once

#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {

class WakeTest : public RegistrationTest {
 protected:
  WakeTest() {
    address("D10010101", "111.222.111.1");
    address("D10020102", "111.222.111.2");
    address("D10020103", "111.222.111.3");
  }
  void address(const std::string& device, const std::string& address,
               std::uint32_t performance = 0) {
    auto& row = host_.store.devices.at({"C001", device});
    row.address = address;
    row.performance = performance;
  }
  /// F000000 to F00...: each at an address of its own, for service-y.
  std::string apply_for_fleet(int size) {
    hold_fleet(size);
    for (int i = 0; i < size; ++i) {
      address(fleet_id(i), "10.1." + std::to_string(i / 256) + "." + std::to_string(i % 256));
    }
    const auto id = applied(R"({"service":"service-y","models":["M1003"]})");
    host_.run_timers();
    return id;
  }
  static std::string fleet_id(int number) {
    auto digits = std::to_string(number);
    return "F" + digits.insert(0, 6 - digits.size(), '0');
  }
  FakeResponse wake(const std::string& id, const std::string& query) {
    return get("/v1/applications/" + id + "/wake?" + query);
  }
  /// Repeats it while it is answered 202.
  FakeResponse awaited_wake(const std::string& id, const std::string& query) {
    auto reply = wake(id, query);
    for (int tries = 0; reply.status == 202 && tries < 100; ++tries) reply = wake(id, query);
    EXPECT_EQ(reply.status, 200U) << reply.body;
    return reply;
  }
  std::vector<std::string> urls(const FakeResponse& reply) {
    return column(json(reply), "url", "urls");
  }
  /// Payloads of the relay-wakes that wait for the device, by sequence.
  std::map<std::uint64_t, boost::json::object> relay_wakes_of(const std::string& device) {
    std::map<std::uint64_t, boost::json::object> found;
    for (const auto sequence : host_.mailbox("C001", device)) {
      const auto& mail = host_.store.mail.at({{"C001", device}, sequence});
      if (mail.type != "relay-wake") continue;
      found[sequence] = boost::json::parse(mail.payload).as_object();
    }
    return found;
  }
  std::size_t relay_wakes() {
    std::size_t count = 0;
    for (const auto& [key, mail] : host_.store.mail) count += mail.type == "relay-wake" ? 1 : 0;
    return count;
  }
  std::size_t wake_rows() {
    std::size_t count = 0;
    for (const auto& [key, row] : host_.store.own) count += key.second.rfind("wake", 0) == 0;
    return count;
  }
  static std::vector<std::string> targets(const boost::json::object& payload) {
    std::vector<std::string> ids;
    for (const auto& id : payload.at("wake").at("targets").as_array()) {
      ids.emplace_back(id.as_string());
    }
    return ids;
  }
  static std::size_t own(const boost::json::object& payload) {
    return payload.at("wake").at("children").at(0).to_number<std::size_t>();
  }
};

}  // namespace intray::registration
