// More than 64 devices: relay-wakes, what becomes of them, and of the plan.
#include <set>

#include "tests/plugins/registration/wake_fixture.hpp"

namespace intray::registration {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(WakeTest, BeyondOneUrlTheRootIsNamedAloneAndEachRelayGetsItsOwnChildren) {
  const auto id = apply_for_fleet(100);

  const auto reply = awaited_wake(id, "mode=tree");

  EXPECT_THAT(urls(reply), ElementsAre("https://10.1.0.0/doPolling?t=F000000:0:0"));
  EXPECT_EQ(text(json(reply), "devices"), "100");
  EXPECT_EQ(text(json(reply), "relays"), std::to_string(relay_wakes()));
  std::set<std::string> woken;
  for (int i = 0; i < 100; ++i) {
    for (const auto& [sequence, payload] : relay_wakes_of(fleet_id(i))) {
      EXPECT_LE(own(payload), 8U);
      const auto all = targets(payload);
      for (std::size_t child = 0; child < own(payload); ++child) {
        EXPECT_TRUE(woken.insert(all[child]).second) << all[child] << " has two parents";
      }
    }
  }
  EXPECT_EQ(woken.size(), 99U);
}

TEST_F(WakeTest, ALargePlanIsAnswered202UntilItsRelayWakesAreSent) {
  const auto id = apply_for_fleet(300);
  int commits = 0;
  host_.before_commit = [&](const auto&) -> intray_status {
    return ++commits == 2 ? INTRAY_E_FULL : INTRAY_OK;
  };
  EXPECT_EQ(wake(id, "mode=tree").status, 507U);  // planned; the store took no instruction
  host_.before_commit = nullptr;
  EXPECT_EQ(relay_wakes(), 0U);

  const auto reply = awaited_wake(id, "mode=tree");

  EXPECT_EQ(text(json(reply), "relays"), std::to_string(relay_wakes()));
  EXPECT_EQ(events("wake.planned"), 1U);
}

TEST_F(WakeTest, ItsTimerGoesOnSendingWhenTheProcessDied) {
  const auto id = apply_for_fleet(300);
  int commits = 0;
  host_.before_commit = [&](const auto&) -> intray_status {
    return ++commits >= 2 ? INTRAY_E_UNAVAILABLE : INTRAY_OK;
  };
  wake(id, "mode=tree");
  host_.before_commit = nullptr;
  host_.crash();
  start();

  pass(11 * kSecond);

  const auto sent = relay_wakes();
  EXPECT_GT(sent, 30U);
  EXPECT_EQ(text(json(awaited_wake(id, "mode=tree")), "relays"), std::to_string(sent));
  EXPECT_EQ(relay_wakes(), sent);
}

TEST_F(WakeTest, APlanOfManyRowsIsWrittenInSeveralBatches) {
  const auto id = apply_for_fleet(5200);

  const auto reply = awaited_wake(id, "mode=tree");

  EXPECT_EQ(text(json(reply), "devices"), "5200");
  EXPECT_EQ(wake_rows(), 53U);
  EXPECT_EQ(text(json(reply), "relays"), std::to_string(relay_wakes()));
}

TEST_F(WakeTest, APlanThatWasNotWrittenWholeIsEndedByItsTimer) {
  const auto id = apply_for_fleet(5200);
  int commits = 0;
  host_.before_commit = [&](const auto&) -> intray_status {
    return ++commits >= 2 ? INTRAY_E_UNAVAILABLE : INTRAY_OK;
  };
  wake(id, "mode=tree");
  host_.before_commit = nullptr;
  EXPECT_EQ(wake(id, "mode=tree").status, 202U);  // for all that it knows, it is being written

  pass(11 * kSecond);
  pass(61 * kSecond);

  EXPECT_EQ(wake_rows(), 0U);
  EXPECT_EQ(text(json(awaited_wake(id, "mode=tree")), "devices"), "5200");
}

TEST_F(WakeTest, AReplacedPlansRelayWakesAreTakenOff) {
  const auto id = apply_for_fleet(100);
  awaited_wake(id, "mode=tree");
  const auto before = relay_wakes_of(fleet_id(0));

  const auto reply = awaited_wake(id, "mode=tree&fanout=2");

  EXPECT_EQ(text(json(reply), "relays"), std::to_string(relay_wakes()));
  EXPECT_THAT(relay_wakes_of(fleet_id(0)), SizeIs(1));
  EXPECT_NE(relay_wakes_of(fleet_id(0)), before);
  EXPECT_EQ(own(relay_wakes_of(fleet_id(0)).begin()->second), 2U);
}

TEST_F(WakeTest, ACanceledApplicationsRelayWakesAreTakenOff) {
  const auto id = apply_for_fleet(100);
  awaited_wake(id, "mode=tree");

  post("/v1/applications/" + id + "/cancel", "");
  host_.run_timers();

  EXPECT_EQ(relay_wakes(), 0U);
  EXPECT_EQ(wake_rows(), 0U);
  EXPECT_THAT(host_.store.timers, IsEmpty());
}

TEST_F(WakeTest, ACompletedApplicationsRelayWakesAreTakenOff) {
  const auto id = apply_for_fleet(70);
  awaited_wake(id, "mode=tree");

  for (int i = 0; i < 70; ++i) register_device(fleet_id(i), "service-y");
  host_.run_timers();

  EXPECT_EQ(state(id), "completed");
  EXPECT_EQ(relay_wakes(), 0U);
  EXPECT_EQ(wake_rows(), 0U);
}

TEST_F(WakeTest, WhenItsCommandsAreOverTheRelayWakesAreTakenOff) {
  const auto id = apply_for_fleet(100);
  awaited_wake(id, "mode=tree");
  pass(11 * kSecond);
  EXPECT_GT(relay_wakes(), 0U);

  pass(1201 * kSecond);

  EXPECT_EQ(relay_wakes(), 0U);
  EXPECT_EQ(wake_rows(), 0U);
}

// ---- what relays report ----

TEST_F(WakeTest, TheChildrenOfADeadDeviceThatWereNotToldAreTheRelaysNextInstruction) {
  const auto id = apply_for_fleet(1000);
  awaited_wake(id, "mode=tree");
  const auto [sequence, payload] = *relay_wakes_of(fleet_id(0)).begin();
  const auto told = targets(payload);
  const auto grandchild = told.back();  // it has children of its own, which the root was not told
  const auto its_own = relay_wakes_of(grandchild).begin()->second;

  EXPECT_EQ(host_.acknowledge("C001", fleet_id(0), sequence, INTRAY_ACK_DONE,
                              "dead " + std::to_string(told.size())),
            204);

  const auto next = relay_wakes_of(fleet_id(0));
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_NE(next.begin()->first, sequence);
  const auto inherited = targets(next.begin()->second);
  ASSERT_GE(inherited.size(), own(its_own));
  const auto heirs = targets(its_own);
  EXPECT_TRUE(std::equal(heirs.begin(), heirs.begin() + static_cast<std::ptrdiff_t>(own(its_own)),
                         inherited.begin()));
  EXPECT_EQ(own(next.begin()->second), own(its_own));
  ASSERT_EQ(events("wake.unanswered"), 1U);
  EXPECT_THAT(host_.log("wake.unanswered")[0].payload, testing::HasSubstr(grandchild));

  // What was sent afterwards goes with the plan, too.
  post("/v1/applications/" + id + "/cancel", "");
  host_.run_timers();
  EXPECT_EQ(relay_wakes(), 0U);
}

TEST_F(WakeTest, ARelayWithNothingToReportIsDone) {
  const auto id = apply_for_fleet(100);
  awaited_wake(id, "mode=tree");
  const auto sequence = relay_wakes_of(fleet_id(0)).begin()->first;

  EXPECT_EQ(host_.acknowledge("C001", fleet_id(0), sequence, INTRAY_ACK_DONE), 204);

  EXPECT_THAT(relay_wakes_of(fleet_id(0)), IsEmpty());
}

TEST_F(WakeTest, NonsenseInAReportIsNoReport) {
  const auto id = apply_for_fleet(1000);
  awaited_wake(id, "mode=tree");
  int relay = 0;
  for (const auto* reason : {"dead", "dead 0", "dead 64 999 18446744073709551616", "dead 1,2",
                             "dead 1 x", "dead -1", "deadly 1", "DEAD 1", " dead 1", "dead  1"}) {
    const auto sequence = relay_wakes_of(fleet_id(relay)).begin()->first;
    EXPECT_EQ(host_.acknowledge("C001", fleet_id(relay), sequence, INTRAY_ACK_DONE, reason), 204);
    EXPECT_THAT(relay_wakes_of(fleet_id(relay)), IsEmpty()) << reason;
    ++relay;
  }
  EXPECT_EQ(events("wake.unanswered"), 0U);
}

TEST_F(WakeTest, ARelayMayAskForTimeOrRefuse) {
  const auto id = apply_for_fleet(100);
  awaited_wake(id, "mode=tree");
  const auto sequence = relay_wakes_of(fleet_id(0)).begin()->first;

  host_.acknowledge("C001", fleet_id(0), sequence, INTRAY_ACK_LATER, "printing", 60);
  EXPECT_EQ(host_.store.mail.at({{"C001", fleet_id(0)}, sequence}).visible,
            host_.store.now + 60 * kSecond);

  host_.acknowledge("C001", fleet_id(0), sequence, INTRAY_ACK_UNSUPPORTED, "old firmware");
  EXPECT_THAT(relay_wakes_of(fleet_id(0)), IsEmpty());
  EXPECT_EQ(events("wake.refused"), 1U);
}

TEST_F(WakeTest, WhomARelayRefusesToWakeIsShownWithItsReasonAndSoIsAllBelow) {
  const auto id = apply_for_fleet(300);
  awaited_wake(id, "mode=tree");
  const auto relay = targets(relay_wakes_of(fleet_id(0)).begin()->second)[0];
  const auto [sequence, payload] = *relay_wakes_of(relay).begin();
  const auto children = targets(payload);
  const auto grandchild = targets(relay_wakes_of(children[0]).begin()->second)[0];
  const auto shown = [&] {
    std::map<std::string, boost::json::object> rows;
    const auto list = json(get("/v1/applications/" + id + "/devices?limit=500"));
    for (const auto& row : list.at("items").as_array()) {
      rows[text(row, "device_id")] = row.as_object();
    }
    return rows;
  };
  EXPECT_TRUE(shown().at(children[0]).at("refused_by").is_null());

  host_.acknowledge("C001", relay, sequence, INTRAY_ACK_REFUSED, "no clock");

  const auto rows = shown();
  for (const auto& device : {children[0], children[own(payload) - 1], grandchild}) {
    EXPECT_EQ(text(rows.at(device), "refused_by"), relay) << device;
    EXPECT_THAT(text(rows.at(device), "why"), testing::HasSubstr("refused (it says: no clock)"));
  }
  EXPECT_TRUE(rows.at(relay).at("refused_by").is_null());
  EXPECT_TRUE(rows.at(fleet_id(0)).at("refused_by").is_null());
  register_device(children[0], "service-y");
  EXPECT_TRUE(shown().at(children[0]).at("refused_by").is_null()) << "it came by itself";

  awaited_wake(id, "mode=each&limit=500");  // a new wake, with relays no more
  EXPECT_TRUE(shown().at(grandchild).at("refused_by").is_null());
  post("/v1/applications/" + id + "/cancel", "");
  host_.run_timers();
  EXPECT_EQ(wake_rows(), 0U);
}

TEST_F(WakeTest, AReportAboutAPlanThatIsGoneIsOnlyTakenOff) {
  const auto id = apply_for_fleet(1000);
  awaited_wake(id, "mode=tree");
  const auto sequence = relay_wakes_of(fleet_id(0)).begin()->first;
  host_.store.now += 1300 * kSecond;  // its timer has not come yet

  host_.acknowledge("C001", fleet_id(0), sequence, INTRAY_ACK_DONE, "dead 1 2 3");

  EXPECT_THAT(relay_wakes_of(fleet_id(0)), IsEmpty());
}

TEST_F(WakeTest, ADeviceThatLeftBeforeItsRelayWakeWasSentIsPassedOver) {
  const auto id = apply_for_fleet(300);
  host_.before_commit = [this](const std::vector<const intray_op*>& ops) -> intray_status {
    if (view(ops[0]->type) != "relay-wake") return INTRAY_OK;
    host_.before_commit = nullptr;
    EXPECT_TRUE(host_.remove_device("C001", fleet_id(5)));
    return INTRAY_E_NOT_FOUND;
  };

  awaited_wake(id, "mode=tree");

  EXPECT_GT(relay_wakes(), 30U);
}

TEST_F(WakeTest, TheSlotsOfAPlanRespectTheHostsLimitOfPolls) {
  host_.settings[INTRAY_SETTING_POLLS_CONCURRENT_MAX] = "10";
  const auto id = apply_for_fleet(100);

  const auto reply = awaited_wake(id, "mode=each&limit=500");

  std::map<int, int> in_a_second;
  for (const auto& wait : column(json(reply), "wait_ms", "urls")) {
    ++in_a_second[std::stoi(wait) / 1000];
  }
  for (const auto& [second, polls] : in_a_second) EXPECT_LE(polls, 10) << second;
}

}  // namespace
}  // namespace intray::registration
