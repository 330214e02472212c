// The registration plugin on the fake host, with the devices and services of FIG. 2 and FIG. 3.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "plugins/registration/registration.hpp"
#include "tests/support/fake_host.hpp"

namespace intray::registration {

using testing_support::FakeHost;
using testing_support::FakePairs;
using testing_support::FakeRequest;
using testing_support::FakeResponse;

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kHour = 3600 * kSecond;
inline constexpr std::int64_t kDay = 24 * kHour;

inline boost::json::value json(const FakeResponse& response) {
  boost::json::error_code error;
  auto value = boost::json::parse(response.body, error);
  return error ? boost::json::value() : value;
}
inline std::string text(const boost::json::value& object, std::string_view member) {
  const auto* value = object.as_object().if_contains(member);
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
}
inline std::vector<std::string> column(const boost::json::value& list, std::string_view member,
                                       std::string_view items = "items") {
  std::vector<std::string> texts;
  for (const auto& item : list.at(items).as_array()) texts.push_back(text(item, member));
  return texts;
}

class RegistrationTest : public testing::Test {
 protected:
  RegistrationTest() {
    host_.services = {{"service-x", {"M1001", "M1002", "M1003"}},
                      {"service-y", {"M1002", "M1003"}},
                      {"service-z", {"M1001"}}};
    hold("C001", "D10010101", "M1001");
    hold("C001", "D10020102", "M1002");
    hold("C001", "D10020103", "M1002");
    hold("C002", "D10010201", "M1001");
    start();
  }
  // Whatever a test did, the plugin's rows are sound afterwards.
  void TearDown() override {
    if (!expect_sound_) return;
    EXPECT_THAT(host_.check("C001"), testing::IsEmpty());
  }

  void start() {
    const auto loaded = host_.load(*PluginLibrary<Registration>::entry());
    ASSERT_TRUE(loaded) << loaded.error().message;
  }
  void hold(const std::string& customer, const std::string& device_id, const std::string& model) {
    DeviceRow device;
    device.device_id = device_id;
    device.model = model;
    device.customer_id = customer;
    host_.store.devices[{customer, device_id}] = device;
  }
  void hold_fleet(int size) {
    for (int i = 0; i < size; ++i) {
      auto number = std::to_string(i);
      hold("C001", "F" + number.insert(0, 6 - number.size(), '0'), "M1003");
    }
  }

  FakeResponse get(const std::string& path) { return host_.request({"GET", path, ""}); }
  FakeResponse post(const std::string& path, const std::string& body) {
    return host_.request({"POST", path, body});
  }
  FakeResponse apply(const std::string& body) { return post("/v1/applications", body); }
  /// Applies and gives the id of the first application.
  std::string applied(const std::string& body) {
    const auto reply = apply(body);
    EXPECT_LT(reply.status, 300U) << reply.body;
    return reply.status < 300 ? text(json(reply).at("applications").at(0), "id") : "";
  }
  FakeResponse stop(const std::string& service, const std::string& device) {
    return host_.request({"DELETE", "/v1/entitlements/" + service + "/" + device, ""});
  }
  FakeResponse send_code(const std::string& device, const std::string& service,
                         const std::string& code) {
    return host_.request({"POST", "/v1/services/" + service + "/register",
                          R"({"code":")" + code + "\"}", "device:" + device, "C001"});
  }
  std::string code(const std::string& device, const std::string& service = "service-x") {
    return host_.code("C001", device, service);
  }
  std::uint32_t register_device(const std::string& device,
                                const std::string& service = "service-x") {
    return send_code(device, service, code(device, service)).status;
  }
  boost::json::value application(const std::string& id) {
    return json(get("/v1/applications/" + id));
  }
  std::string state(const std::string& id) { return text(application(id), "state"); }
  std::string count(const std::string& id, const std::string& state) {
    return text(application(id).at("counts"), state);
  }
  bool entitled(const std::string& device, const std::string& service = "service-x") {
    return host_.store.entitlements.count({"C001", service, device}) > 0;
  }
  std::size_t events(const std::string& topic) { return host_.log(topic).size(); }
  void pass(std::int64_t ns) {
    host_.store.now += ns;
    host_.run_timers();
  }
  /// The next commit is refused so, once.
  void refuse_once(intray_status status) {
    host_.before_commit = [this, status](const auto&) {
      host_.before_commit = nullptr;
      return status;
    };
  }

  FakeHost host_;
  bool expect_sound_ = true;
};

}  // namespace intray::registration
