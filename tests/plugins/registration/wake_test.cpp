// GET /v1/applications/{id}/wake: what it plans and answers.
#include "tests/plugins/registration/wake_fixture.hpp"

namespace intray::registration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const char* const kServiceX = R"({"service":"service-x"})";

TEST_F(WakeTest, EachGivesOneUrlAndOneCommandForEveryDeviceThatWaits) {
  const auto id = applied(kServiceX);

  const auto reply = wake(id, "mode=each");

  ASSERT_EQ(reply.status, 200U) << reply.body;
  EXPECT_THAT(urls(reply), ElementsAre("https://111.222.111.1/doPolling?t=D10010101:0:0",
                                       "https://111.222.111.2/doPolling?t=D10020102:0:0",
                                       "https://111.222.111.3/doPolling?t=D10020103:0:0"));
  EXPECT_EQ(text(json(reply), "devices"), "3");
  EXPECT_EQ(text(json(reply), "relays"), "0");
  EXPECT_EQ(text(json(reply), "depth"), "0");
  EXPECT_EQ(relay_wakes(), 0U);
}

TEST_F(WakeTest, RelayGivesThePatentsOneUrlWithTheFirstDeviceAsItsRoot) {
  const auto id = applied(kServiceX);

  const auto reply = wake(id, "mode=relay");

  EXPECT_THAT(urls(reply),
              ElementsAre("https://111.222.111.1/doPolling/?pollreq=111.222.111.2,111.222.111.3"
                          "&t=D10010101:2:0,D10020102:0:0,D10020103:0:0"));
  EXPECT_EQ(text(json(reply), "depth"), "1");
  EXPECT_EQ(column(json(reply), "expires", "urls").front().size(), 20U);
}

TEST_F(WakeTest, TheRootMayBeTheDeviceOfTheHighestPerformance) {
  const auto id = applied(kServiceX);
  address("D10020103", "111.222.111.3", 40);

  const auto reply = wake(id, "mode=relay&root_by=performance");

  EXPECT_THAT(urls(reply).front(),
              HasSubstr("https://111.222.111.3/doPolling/?pollreq=111.222.111.1,111.222.111.2&t="));
}

TEST_F(WakeTest, SchemeAndPortAreTheCustomersAndTheIntervalSpacesTheTerminal) {
  host_.settings[INTRAY_SETTING_WAKE_SCHEME] = "http";
  host_.settings[INTRAY_SETTING_WAKE_PORT] = "8631";
  const auto id = applied(kServiceX);

  const auto reply = wake(id, "mode=each&interval_ms=200");

  EXPECT_THAT(urls(reply).front(), HasSubstr("http://111.222.111.1:8631/doPolling?t="));
  EXPECT_THAT(column(json(reply), "wait_ms", "urls"), ElementsAre("0", "200", "400"));
}

TEST_F(WakeTest, WhoHasRegisteredIsNotWokenAndWhoHasNoAddressIsCounted) {
  const auto id = applied(kServiceX);
  register_device("D10010101");
  address("D10020103", "");

  const auto reply = wake(id, "mode=each");

  EXPECT_THAT(column(json(reply), "device_id", "urls"), ElementsAre("D10020102"));
  EXPECT_EQ(text(json(reply), "left_out"), "1");
}

TEST_F(WakeTest, ASecondWakePlansAnewForThoseThatStillWait) {
  const auto id = applied(kServiceX);
  ASSERT_THAT(urls(wake(id, "mode=each")), SizeIs(3));
  register_device("D10020102");

  EXPECT_THAT(column(json(wake(id, "mode=each")), "device_id", "urls"),
              ElementsAre("D10010101", "D10020103"));
}

TEST_F(WakeTest, PagesAreOfOnePlanThoughDevicesRegisterMeanwhile) {
  const auto id = applied(kServiceX);
  const auto first = wake(id, "mode=each&limit=2");
  register_device("D10010101");

  const auto second = wake(id, "mode=each&limit=2&after=" + text(json(first), "next"));

  EXPECT_THAT(column(json(first), "device_id", "urls"), ElementsAre("D10010101", "D10020102"));
  EXPECT_THAT(column(json(second), "device_id", "urls"), ElementsAre("D10020103"));
  EXPECT_EQ(text(json(second), "next"), "");
}

TEST_F(WakeTest, NothingIsWokenOfAnApplicationThatIsOverOrUnknownOrAnothers) {
  const auto id = applied(kServiceX);
  EXPECT_EQ(wake("a-unknown", "mode=each").status, 404U);
  EXPECT_EQ(
      host_.request({"GET", "/v1/applications/" + id + "/wake", "", "token:other", "C002"}).status,
      404U);

  post("/v1/applications/" + id + "/cancel", "");

  EXPECT_EQ(wake(id, "mode=each").status, 409U);
}

TEST_F(WakeTest, ValuesOutOfRangeAreRefused) {
  const auto id = applied(kServiceX);
  for (const auto* query : {"mode=all", "roots=0", "roots=65", "fanout=1", "fanout=9", "root_by=x",
                            "interval_ms=-1", "interval_ms=600001", "after=nobody", "limit=0"}) {
    EXPECT_EQ(wake(id, query).status, 400U) << query;
  }
}

TEST_F(WakeTest, ADeviceThatLostItsAddressMakesTheNextRequestPlanAnew) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=relay").status, 200U);
  address("D10020102", "");

  EXPECT_EQ(wake(id, "mode=relay").status, 503U);
  EXPECT_THAT(urls(wake(id, "mode=relay")), ElementsAre(Not(HasSubstr("111.222.111.2"))));
}

TEST_F(WakeTest, NoCommandEverLiesInARowOrInTheLog) {
  const auto id = applied(kServiceX);
  ASSERT_EQ(wake(id, "mode=relay").status, 200U);

  EXPECT_EQ(events("wake.planned"), 1U);
  for (const auto& row : host_.store.log) EXPECT_THAT(row.payload, Not(HasSubstr("D10010101:2")));
  for (const auto& [key, row] : host_.store.own) {
    EXPECT_THAT(row.value, Not(HasSubstr("D10010101:2"))) << key.second;
  }
}

// ---- the notice (Embodiments 1 to 4) ----

TEST_F(WakeTest, TheNoticeOfFormUrlsCarriesOneForEachDeviceWithoutACommand) {
  host_.settings[INTRAY_SETTING_NOTICE] = "urls";
  const auto id = applied(kServiceX);

  const auto notice = boost::json::parse(host_.log("application.waiting").at(0).payload);
  EXPECT_THAT(column(notice, "url", "wake_urls"),
              ElementsAre("https://111.222.111.1/doPolling", "https://111.222.111.2/doPolling",
                          "https://111.222.111.3/doPolling"));
  EXPECT_EQ(text(notice, "wake"), "/v1/applications/" + id + "/wake?mode=each");
}

TEST_F(WakeTest, TheNoticeOfFormRelayCarriesTheOneUrlWithoutACommand) {
  host_.settings[INTRAY_SETTING_NOTICE] = "relay";
  const auto id = applied(kServiceX);

  const auto notice = boost::json::parse(host_.log("application.waiting").at(0).payload);
  EXPECT_EQ(text(notice, "wake_url"),
            "https://111.222.111.1/doPolling/?pollreq=111.222.111.2,111.222.111.3");
  EXPECT_EQ(text(notice, "wake"), "/v1/applications/" + id + "/wake?mode=relay");
  EXPECT_FALSE(notice.as_object().contains("device_ids"));
}

TEST_F(WakeTest, TheNoticeNamesAsManyUrlsAsALogRowTakesAndCountsTheOthers) {
  host_.settings[INTRAY_SETTING_NOTICE] = "urls";
  apply_for_fleet(1200);

  const auto notice = boost::json::parse(host_.log("application.waiting").at(0).payload);
  EXPECT_THAT(column(notice, "url", "wake_urls"), SizeIs(400));
  EXPECT_EQ(text(notice, "left_out"), "800");
}

TEST_F(WakeTest, TheNoticeIsGivenThoughNoDeviceHasAnAddress) {
  host_.settings[INTRAY_SETTING_NOTICE] = "relay";
  for (const auto* device : {"D10010101", "D10020102", "D10020103"}) address(device, "");
  applied(kServiceX);

  EXPECT_THAT(host_.log("application.waiting").at(0).payload, Not(HasSubstr("wake_url")));
}

TEST_F(WakeTest, TheListOfDevicesShowsTheUrlOfThoseThatWait) {
  const auto id = applied(kServiceX);
  register_device("D10010101");
  address("D10020103", "");

  EXPECT_THAT(column(json(get("/v1/applications/" + id + "/devices")), "wake_url"),
              ElementsAre("", "https://111.222.111.2/doPolling", ""));
}

}  // namespace
}  // namespace intray::registration
