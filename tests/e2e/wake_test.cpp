// The host's part of a wake (W2 to W6; Embodiments 2, 3, 4), on the real daemon.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <set>

#include "host/cli/output.hpp"
#include "host/security/wake.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/process.hpp"

namespace intray::e2e {
namespace {

using security::wake_tag;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class WakeTest : public testing::Test {
 protected:
  std::string applied(const std::string& customer, const std::string& body) {
    const auto reply = daemon_.as_administrator(customer, "POST", "/v1/applications", body);
    EXPECT_TRUE(reply.ok()) << reply.body;
    const auto& list = cli::items_of(reply.json, "applications");
    return list.empty() ? "" : text(list[0], "id");
  }
  // Asks until it is no 202.
  Reply wake(const std::string& customer, const std::string& id, const std::string& query) {
    Reply reply;
    const bool answered = testing_support::eventually(
        [&] {
          reply = daemon_.as_administrator(customer, "GET",
                                           "/v1/applications/" + id + "/wake?" + query);
          return reply.status != 202;
        },
        std::chrono::seconds(20));
    EXPECT_TRUE(answered && reply.status == 200) << reply.body;
    return reply;
  }
  static std::vector<std::string> urls(const Reply& reply) {
    std::vector<std::string> found;
    for (const auto& url : cli::items_of(reply.json, "urls")) found.push_back(text(url, "url"));
    return found;
  }

  struct Provisioned {
    std::string token, wake_key;
  };
  Provisioned provision(const std::string& device) {
    const auto made =
        daemon_.as_operator("POST", "/v1/operator/devices/" + device + "/provisioning-code");
    auto token = device;
    token.resize(43, 'x');
    const boost::json::object body{
        {"device", device}, {"code", text(made.json, "code")}, {"token", token}};
    const auto reply = daemon_.as_device("", "POST", "/v1/provision", boost::json::serialize(body));
    EXPECT_EQ(reply.status, 200) << reply.body;
    const auto& keys = cli::items_of(reply.json, "wake_keys");
    return {token, keys.empty() ? "" : std::string(keys[0].as_string())};
  }

  // The relay-wakes that a poll shows: sequence and command.
  std::map<std::uint64_t, std::string> relay_wakes(const std::string& token) {
    std::map<std::uint64_t, std::string> found;
    const auto polled = daemon_.poll(token);
    for (const auto& item : cli::items_of(polled.json, "instructions")) {
      if (text(item, "type") != "relay-wake") continue;
      found[static_cast<std::uint64_t>(number(item, "sequence"))] = text(item, "wake");
    }
    return found;
  }
  std::string notice_of(const std::string& form) {
    EXPECT_TRUE(
        daemon_.as_operator("PATCH", "/v1/operator/customers/C001", R"({"notice":")" + form + "\"}")
            .ok());
    applied("C001", R"({"service":"service-x"})");
    const auto events = daemon_.as_administrator("C001", "GET", "/v1/events");
    for (const auto& event : cli::items_of(events.json)) {
      if (text(event, "topic") == "application.waiting") {
        return boost::json::serialize(event.at("payload"));
      }
    }
    return {};
  }

  Daemon daemon_;
};

std::string command_in(const std::string& url) { return url.substr(url.find("t=") + 2); }

std::string fleet_of(int size, const std::string& network = "10.1.") {
  std::string csv = "customer,model,device,address\n";
  for (int i = 0; i < size; ++i) {
    const auto number = std::to_string(1000 + i);
    csv += "C009,M1005,F" + number + "," + network + std::to_string(i / 256) + "." +
           std::to_string(i % 256) + "\n";
  }
  return csv;
}

TEST_F(WakeTest, Figure8TheTerminalGetsTheUrlOfEachDeviceAsThePatentSpellsIt) {
  daemon_.import(fig9_inventory());
  const auto device = provision("D10020102");
  const auto id = applied("C001", R"({"service":"service-x"})");

  const auto found = urls(wake("C001", id, "mode=each"));

  ASSERT_THAT(found, SizeIs(3));
  EXPECT_THAT(found[0], StartsWith("https://111.222.111.1/doPolling?t="));
  EXPECT_THAT(found[1], StartsWith("https://111.222.111.2/doPolling?t="));
  EXPECT_THAT(found[2], StartsWith("https://111.222.111.3/doPolling?t="));
  const auto command = security::read_wake(command_in(found[1]), device.wake_key);
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_THAT(command->tags, ElementsAre(wake_tag("D10020102")));
}

TEST_F(WakeTest, Figure10TheSelectedDevicesAreWokenWithTheTimeOfEachTheOthersAreNot) {
  daemon_.import(fig9_inventory());
  const auto id = applied("C001", R"({"service":"service-x","devices":["D10010101","D10020103"]})");

  const auto reply = wake("C001", id, "mode=each&interval_ms=200");

  EXPECT_THAT(urls(reply), SizeIs(2));
  std::vector<std::string> waits;
  for (const auto& url : cli::items_of(reply.json, "urls")) waits.push_back(text(url, "wait_ms"));
  EXPECT_THAT(waits, ElementsAre("0", "200"));
}

TEST_F(WakeTest, Figure11AOneUrlWakesTheFirstDeviceWhichWakesTheOthers) {
  daemon_.import(fig9_inventory());
  const auto root = provision("D10010101");
  const auto id = applied("C001", R"({"service":"service-x"})");

  const auto found = urls(wake("C001", id, "mode=relay"));

  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(
      found[0],
      StartsWith("https://111.222.111.1/doPolling/?pollreq=111.222.111.2,111.222.111.3&t="));
  const auto command = security::read_wake(command_in(found[0]), root.wake_key);
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(command->order.targets[0].children, 2);
  EXPECT_EQ(command->order.targets[2].address, "111.222.111.3");
  EXPECT_FALSE(command->order.plain_http);
  const auto foreign = provision("D10010201");
  EXPECT_FALSE(security::read_wake(command_in(found[0]), foreign.wake_key));
}

TEST_F(WakeTest, Figure11BFourteenDevicesAreOneTreeOfThreeLayersInOneUrl) {
  daemon_.import(fleet_of(14));
  const auto root = provision("F1000");
  const auto id = applied("C009", R"({"service":"service-x"})");

  const auto reply = wake("C009", id, "mode=tree");

  ASSERT_THAT(urls(reply), SizeIs(1));
  const auto command = security::read_wake(command_in(urls(reply)[0]), root.wake_key);
  ASSERT_TRUE(command) << command.error().message;
  std::vector<int> children;
  for (const auto& target : command->order.targets) children.push_back(target.children);
  EXPECT_THAT(children, ElementsAre(3, 4, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(text(reply.json, "depth"), "2");
}

TEST_F(WakeTest, HostNamesSchemeAndPortComeOutAsTheCustomerHasSetThem) {
  daemon_.import(
      "customer,model,device,address\n"
      "C003,M1005,D10040301,dev1.aaa.bbb.com\nC003,M1005,D10040302,dev2.aaa.bbb.com\n");
  ASSERT_TRUE(daemon_
                  .as_operator("PATCH", "/v1/operator/customers/C003",
                               R"({"wake_scheme":"http","wake_port":8631})")
                  .ok());
  const auto id = applied("C003", R"({"service":"service-x"})");

  EXPECT_THAT(urls(wake("C003", id, "mode=relay"))[0],
              StartsWith("http://dev1.aaa.bbb.com:8631/doPolling/?pollreq=dev2.aaa.bbb.com&t="));
}

TEST_F(WakeTest, Beyond64DevicesEachRelayPollsACommandOfItsOwnChildren) {
  daemon_.import(fleet_of(300));
  const auto root = provision("F1000");
  const auto relay = provision("F1001");
  const auto id = applied("C009", R"({"service":"service-x"})");
  testing_support::eventually(
      [&] {
        const auto shown = daemon_.as_administrator("C009", "GET", "/v1/applications/" + id);
        return text(shown.json, "state") == "running";
      },
      std::chrono::seconds(20));

  const auto reply = wake("C009", id, "mode=tree");

  ASSERT_THAT(urls(reply), SizeIs(1));
  EXPECT_THAT(urls(reply)[0], StartsWith("https://10.1.0.0/doPolling?t="));
  const auto of_root = relay_wakes(root.token);
  const auto of_relay = relay_wakes(relay.token);
  ASSERT_THAT(of_root, SizeIs(1));
  ASSERT_THAT(of_relay, SizeIs(1));
  const auto first = security::read_wake(of_root.begin()->second, root.wake_key);
  const auto second = security::read_wake(of_relay.begin()->second, relay.wake_key);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->tags[0], wake_tag("F1000"));
  EXPECT_EQ(second->tags[0], wake_tag("F1001"));
  EXPECT_TRUE(second->order.first_relays_only);
  EXPECT_LE(second->order.targets[0].children, 8);
  EXPECT_GT(second->order.targets[0].children, 0);
  // Its own children are no children of the root, and the root's are not its.
  for (int child = 1; child <= second->order.targets[0].children; ++child) {
    for (int other = 1; other <= first->order.targets[0].children; ++other) {
      EXPECT_NE(second->tags[static_cast<std::size_t>(child)],
                first->tags[static_cast<std::size_t>(other)]);
    }
  }
  EXPECT_TRUE(daemon_.check().empty());
}

TEST_F(WakeTest, ACommandIsMintedAtEachPollAndLiesNowhereOnTheHost) {
  daemon_.import(fleet_of(80));
  const auto root = provision("F1000");
  const auto id = applied("C009", R"({"service":"service-x"})");
  wake("C009", id, "mode=tree");

  const auto once = relay_wakes(root.token);
  const auto again = relay_wakes(root.token);

  ASSERT_THAT(once, SizeIs(1));
  EXPECT_EQ(once.begin()->first, again.begin()->first);
  EXPECT_NE(once.begin()->second, again.begin()->second);
  const auto rows = daemon_.as_operator("GET", "/v1/operator/mailboxes?customer=C009");
  EXPECT_THAT(rows.body, Not(HasSubstr(once.begin()->second)));
  const auto events = daemon_.as_administrator("C009", "GET", "/v1/events");
  EXPECT_THAT(events.body, HasSubstr("wake.planned"));
}

TEST_F(WakeTest, ADeadRelaysChildrenAreGivenToTheOneThatFoundItDeadAndGoWithTheApplication) {
  daemon_.import(fleet_of(300));
  const auto root = provision("F1000");
  const auto id = applied("C009", R"({"service":"service-x"})");
  testing_support::eventually(
      [&] {
        const auto shown = daemon_.as_administrator("C009", "GET", "/v1/applications/" + id);
        return text(shown.json, "state") == "running";
      },
      std::chrono::seconds(20));
  wake("C009", id, "mode=tree");
  const auto first = relay_wakes(root.token);
  ASSERT_THAT(first, SizeIs(1));
  const auto told = security::read_wake(first.begin()->second, root.wake_key);
  ASSERT_TRUE(told);
  std::string reason = "dead";  // whoever is no child of its own
  for (auto place = told->order.targets[0].children + 1U; place < told->tags.size(); ++place) {
    reason += ' ' + std::to_string(place);
  }

  const auto said = daemon_.as_device(
      root.token, "POST", "/v1/mailbox/" + std::to_string(first.begin()->first) + "/acknowledge",
      boost::json::serialize(boost::json::object{{"result", "done"}, {"reason", reason}}));

  EXPECT_EQ(said.status, 204) << said.body;
  const auto next = relay_wakes(root.token);
  ASSERT_FALSE(next.empty());
  EXPECT_EQ(next.count(first.begin()->first), 0U);
  EXPECT_LE(next.size(), 3U);
  const auto heirs = security::read_wake(next.begin()->second, root.wake_key);
  ASSERT_TRUE(heirs) << heirs.error().message;
  for (std::size_t place = 1; place < heirs->tags.size(); ++place) {
    EXPECT_THAT(told->tags, Not(testing::Contains(heirs->tags[place])));
  }

  daemon_.as_administrator("C009", "POST", "/v1/applications/" + id + "/cancel");
  EXPECT_TRUE(testing_support::eventually([&] { return relay_wakes(root.token).empty(); },
                                          std::chrono::seconds(20)));
}

TEST_F(WakeTest, TheTerminalSaysWhomARelayRefusedToWakeAndHowToCallThem) {
  daemon_.import(fleet_of(80, "127.3."));
  const auto relay = provision("F1001");
  const auto id = applied("C009", R"({"service":"service-x"})");
  wake("C009", id, "mode=tree");
  const auto mail = relay_wakes(relay.token);
  ASSERT_THAT(mail, SizeIs(1));
  const auto path = "/v1/mailbox/" + std::to_string(mail.begin()->first) + "/acknowledge";
  ASSERT_EQ(
      daemon_.as_device(relay.token, "POST", path, R"({"result":"refused","reason":"no clock"})")
          .status,
      204);

  const auto said =
      testing_support::run({program("intray"), "wake", id, "--tree", "--timeout", "0"},
                           {{"INTRAY_URL", daemon_.administrator_url()},
                            {"INTRAY_TOKEN", daemon_.administrator_token("C009")}});

  EXPECT_EQ(said.exit_code, cli::kPartial) << said.output;
  EXPECT_THAT(said.output, HasSubstr("no: F1001 refused"));
  EXPECT_THAT(said.output, HasSubstr("intray wake " + id + " --each"));
  const auto listed =
      daemon_.as_administrator("C009", "GET", "/v1/applications/" + id + "/devices?limit=100");
  EXPECT_THAT(column(listed, "refused_by"), testing::Contains("F1001"));
  EXPECT_THAT(listed.body, HasSubstr("(it says: no clock)"));
}

TEST_F(WakeTest, Embodiment2TheNoticeCarriesTheUrlOfEachDeviceButNoCommand) {
  daemon_.import(fig9_inventory());

  const auto notice = notice_of("urls");

  EXPECT_THAT(notice, HasSubstr(R"("url":"https://111.222.111.2/doPolling")"));
  EXPECT_THAT(notice, HasSubstr("/wake?mode=each"));
  EXPECT_THAT(notice, Not(HasSubstr("t=")));
}

TEST_F(WakeTest, Embodiment3TheNoticeCarriesTheRelayUrlButNoCommand) {
  daemon_.import(fig9_inventory());

  const auto notice = notice_of("relay");

  EXPECT_THAT(notice,
              HasSubstr("https://111.222.111.1/doPolling/?pollreq=111.222.111.2,111.222.111.3\""));
  EXPECT_THAT(notice, HasSubstr("/wake?mode=relay"));
  EXPECT_THAT(notice, Not(HasSubstr("t=")));
}

TEST_F(WakeTest, TheListOfDevicesShowsTheWakeUrlOfEachThatWaits) {
  daemon_.import(fig9_inventory());
  const auto id = applied("C001", R"({"service":"service-x"})");

  const auto listed =
      daemon_.as_administrator("C001", "GET", "/v1/applications/" + id + "/devices");

  EXPECT_THAT(column(listed, "wake_url"),
              ElementsAre("https://111.222.111.1/doPolling", "https://111.222.111.2/doPolling",
                          "https://111.222.111.3/doPolling"));
}

TEST_F(WakeTest, APlanOutlivesKillNine) {
  daemon_.import(fleet_of(80));
  const auto root = provision("F1000");
  const auto id = applied("C009", R"({"service":"service-x"})");
  const auto before = wake("C009", id, "mode=tree");

  daemon_.kill9();
  daemon_.start();

  EXPECT_THAT(relay_wakes(root.token), SizeIs(1));
  const auto after = wake("C009", id, "mode=tree");
  EXPECT_EQ(text(after.json, "relays"), text(before.json, "relays"));
  EXPECT_TRUE(daemon_.check().empty());
}

}  // namespace
}  // namespace intray::e2e
