#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ViewsTest : public RegistrationTest {
 protected:
  std::string why(const std::string& device, const std::string& service = "service-x") {
    return text(json(get("/v1/devices/" + device + "/why?service=" + service)), "text");
  }
  DeviceRow& device(const std::string& id) { return host_.store.devices.at({"C001", id}); }
};

TEST_F(ViewsTest, ApplicationsAreListedTheOldestFirstInPages) {
  std::vector<std::string> made;
  for (const auto* service : {"service-z", "service-y", "service-x"}) {
    made.push_back(applied(std::string(R"({"service":")") + service + "\"}"));
    host_.store.now += kSecond;
  }

  const auto first = json(get("/v1/applications?limit=2"));
  const auto second = json(get("/v1/applications?limit=2&after=" + text(first, "next")));

  EXPECT_THAT(column(first, "id"), ElementsAre(made[0], made[1]));
  EXPECT_THAT(column(second, "id"), ElementsAre(made[2]));
  EXPECT_EQ(text(second, "next"), "");
  EXPECT_THAT(column(second, "created")[0], testing::EndsWith("Z"));
  EXPECT_EQ(get("/v1/applications?limit=0").status, 400U);
  EXPECT_EQ(get("/v1/applications?limit=501").status, 400U);
  EXPECT_EQ(get("/v1/applications?after=" + std::string(300, 'a')).status, 400U);
}

TEST_F(ViewsTest, AnApplicationSaysWhenItShouldBeFinished) {
  const auto id = applied(R"({"service":"service-x"})");
  const auto soon = text(application(id), "expected_finish");
  host_.store.now += 2 * kDay;

  EXPECT_GT(text(application(id), "expected_finish"), soon);
  EXPECT_EQ(get("/v1/applications/nothing").status, 404U);
  EXPECT_EQ(get("/v1/applications/" + std::string(5000, 'x')).status, 404U);
}

TEST_F(ViewsTest, AnotherCustomersApplicationIsNotFound) {
  const auto id = applied(R"({"service":"service-x"})");

  const auto foreign = host_.request({"GET", "/v1/applications/" + id, "", "token:other", "C002"});
  const auto unknown = host_.request({"GET", "/v1/applications/a0", "", "token:other", "C002"});

  EXPECT_EQ(foreign.status, 404U);
  EXPECT_EQ(unknown.status, 404U);
}

TEST_F(ViewsTest, EachDeviceOfAnApplicationSaysWhereItStands) {
  const auto id = applied(R"({"service":"service-x"})");
  ASSERT_EQ(register_device("D10010101"), 200U);
  host_.store.mail.begin()->second.fetched = host_.store.now;
  device("D10020102").last_poll_unix_ns = host_.store.now;
  device("D10020102").next_poll_unix_ns = host_.store.now + kDay;

  const auto list = json(get("/v1/applications/" + id + "/devices"));

  EXPECT_THAT(column(list, "device_id"), ElementsAre("D10010101", "D10020102", "D10020103"));
  EXPECT_THAT(column(list, "state"), ElementsAre("registered", "posted", "posted"));
  EXPECT_NE(column(list, "fetched")[1], "");
  EXPECT_NE(column(list, "next_poll")[1], "");
  EXPECT_THAT(column(list, "why")[1], HasSubstr("has not registered yet"));
  EXPECT_THAT(column(list, "why")[2], HasSubstr("never polled"));
  EXPECT_THAT(
      column(json(get("/v1/applications/" + id + "/devices?limit=1&after=D10010101")), "device_id"),
      ElementsAre("D10020102"));
}

TEST_F(ViewsTest, AnEarlierApplicationKeepsSayingHowItsDevicesEnded) {
  const auto first = applied(R"({"service":"service-x","devices":["D10010101"]})");
  for (int i = 0; i < 12; ++i) {
    applied(R"({"service":"service-x","devices":["D10010101"],"reissue":true})");
  }

  const auto list = json(get("/v1/applications/" + first + "/devices"));

  EXPECT_THAT(column(list, "state"), ElementsAre("superseded"));
}

TEST_F(ViewsTest, EntitlementsAreListedByServiceByDeviceAndInPages) {
  applied(R"({"services":["service-x","service-z"],"devices":["D10010101"]})");
  applied(R"({"service":"service-x"})");
  for (const auto* id : {"D10010101", "D10020102", "D10020103"}) register_device(id);
  register_device("D10010101", "service-z");

  const auto x = json(get("/v1/entitlements?service=service-x"));
  EXPECT_THAT(column(x, "device_id"), ElementsAre("D10010101", "D10020102", "D10020103"));
  EXPECT_THAT(column(x, "since")[0], testing::EndsWith("Z"));
  EXPECT_THAT(column(json(get("/v1/entitlements?device=D10010101")), "service"),
              ElementsAre("service-x", "service-z"));
  EXPECT_THAT(column(json(get("/v1/entitlements?device=D10010101&service=service-z")), "service"),
              ElementsAre("service-z"));

  std::vector<std::string> all;
  std::string after;
  do {
    const auto page = json(get("/v1/entitlements?limit=3&after=" + after));
    for (const auto& id : column(page, "device_id")) all.push_back(id);
    after = text(page, "next");
  } while (!after.empty());
  EXPECT_THAT(all, ElementsAre("D10010101", "D10020102", "D10020103", "D10010101"));
}

TEST_F(ViewsTest, WhyTellsTheStepTheTimeAndWhatComesNext) {
  EXPECT_THAT(why("D10010101"), HasSubstr("not applied for yet"));
  EXPECT_THAT(why("D10010101", "service-y"), HasSubstr("does not apply to model M1001"));
  const auto id = applied(R"({"service":"service-x"})");
  EXPECT_THAT(why("D10010101"), HasSubstr("waits in the mailbox since"));
  device("D10010101").last_poll_unix_ns = host_.store.now - 2 * kDay;
  device("D10010101").next_poll_unix_ns = host_.store.now - kDay;
  EXPECT_THAT(why("D10010101"), HasSubstr("did not: check that it is on"));

  host_.acknowledge("C001", "D10010101", host_.mailbox("C001", "D10010101").front(),
                    INTRAY_ACK_LATER, "printing", 60);
  EXPECT_THAT(why("D10010101"), HasSubstr("it says: printing"));
  EXPECT_EQ(register_device("D10020102"), 200U);
  EXPECT_THAT(why("D10020102"), HasSubstr("it may use the service"));
  post("/v1/applications/" + id + "/cancel", "");
  EXPECT_THAT(why("D10010101"), HasSubstr("canceled at"));
}

TEST_F(ViewsTest, WhyTellsOfALockUntilItIsOver) {
  applied(R"({"service":"service-x"})");
  for (int i = 0; i < 10; ++i) send_code("D10010101", "service-x", "wrong");
  EXPECT_THAT(why("D10010101"), HasSubstr("too many wrong codes and is locked until"));
  EXPECT_THAT(why("D10020102"), Not(HasSubstr("locked")));
  host_.store.now += kDay;
  EXPECT_THAT(why("D10010101"), Not(HasSubstr("locked")));
}

TEST_F(ViewsTest, WhyWithoutAServiceTellsOfAllAndForeignDevicesAreUnknown) {
  const auto reply = json(get("/v1/devices/D10010101/why"));

  EXPECT_THAT(column(reply, "service", "services"),
              ElementsAre("service-x", "service-y", "service-z"));
  EXPECT_EQ(get("/v1/devices/D10010201/why").status, 404U);
  EXPECT_EQ(get("/v1/devices/nowhere/why").status, 404U);
  EXPECT_EQ(get("/v1/devices/D10010101/why?service=nothing").status, 404U);
}

TEST_F(ViewsTest, EveryRouteNamesItsPermission) {
  std::vector<std::string> named;
  for (const auto& [number, route] : host_.routes) {
    named.push_back(route.method + " " + route.path + " " + route.permission);
  }

  EXPECT_THAT(named, ElementsAre("POST /v1/applications customer.apply",
                                 "GET /v1/applications customer.view",
                                 "GET /v1/applications/{id} customer.view",
                                 "GET /v1/applications/{id}/devices customer.view",
                                 "GET /v1/applications/{id}/wake customer.apply",
                                 "POST /v1/applications/{id}/cancel customer.apply",
                                 "GET /v1/entitlements customer.view",
                                 "DELETE /v1/entitlements/{service}/{device} customer.stop",
                                 "GET /v1/devices/{id}/why customer.view",
                                 "POST /v1/services/{service}/register device.register"));
  host_.unload();
  EXPECT_THAT(host_.routes, IsEmpty());
  expect_sound_ = false;  // nobody is left to ask
}

}  // namespace
}  // namespace intray::registration
