// The command line as people and scripts use it: what it prints, and its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <sstream>
#include <thread>

#include "host/cli/links.hpp"
#include "host/cli/output.hpp"
#include "tests/e2e/daemon.hpp"

namespace intray::e2e {
namespace {

using testing::HasSubstr;
using testing_support::Outcome;

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    daemon_.import(fig9_inventory());
    token_ = daemon_.administrator_token("C001");
  }
  Outcome intray(std::vector<std::string> words) const {
    words.insert(words.begin(), program("intray"));
    return testing_support::run(words, {{"INTRAY_URL", daemon_.administrator_url()},
                                        {"INTRAY_SOCKET", daemon_.socket_path()},
                                        {"INTRAY_TOKEN", token_}});
  }
  std::string applied(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"apply", "--service", "service-x", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto outcome = intray(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    return text(cli::items_of(boost::json::parse(outcome.output), "applications").at(0), "id");
  }

  Daemon daemon_;
  std::string token_;
};

TEST_F(CommandLineTest, ExitCodesTellScriptsWhatHappened) {
  EXPECT_EQ(intray({"services"}).exit_code, cli::kOk);
  EXPECT_EQ(intray({"store", "check"}).exit_code, cli::kOk);
  EXPECT_EQ(intray({"apply", "--service", "service-q", "--all"}).exit_code, cli::kNotFound);
  EXPECT_EQ(intray({"nonsense"}).exit_code, cli::kUsage);
  EXPECT_EQ(intray({"watch", "a-that-is-not-there"}).exit_code, cli::kNotFound);
  applied({"--all"});
  EXPECT_EQ(intray({"apply", "--service", "service-x", "--all"}).exit_code, cli::kConflict);
  token_ = "int_" + std::string(43, 'A');
  EXPECT_EQ(intray({"services"}).exit_code, cli::kDenied);
  EXPECT_EQ(daemon_.stop(), 0);
  EXPECT_EQ(intray({"services"}).exit_code, cli::kUnreachable);
}

TEST_F(CommandLineTest, ADryRunSaysOfEachDeviceWillOrWillNotBecauseAndWritesNothing) {
  const auto shown = intray({"apply", "--service", "service-y", "--dry-run"});

  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.output, HasSubstr("D10010101  M1001  service-y  no"));
  EXPECT_THAT(shown.output, HasSubstr("D10020102  M1002  service-y  yes"));
  EXPECT_THAT(intray({"applications"}).output, HasSubstr("no application yet"));
}

TEST_F(CommandLineTest, WatchEndsPartialWhenTheTimeIsOver) {
  const auto id = applied({"--all"});

  const auto watched = intray({"watch", id, "--timeout", "1"});

  EXPECT_EQ(watched.exit_code, cli::kPartial);
  EXPECT_THAT(watched.output, HasSubstr("0/3 registered, 3 waiting"));
}

TEST_F(CommandLineTest, WakeQrPrintsTheCodeOfEachUrlBelowIt) {
  const auto id = applied({"--all"});

  const auto printed = intray({"wake", id, "--each", "--qr", "--quiet"});

  EXPECT_EQ(printed.exit_code, 0);
  std::istringstream lines(printed.output);
  std::string url, code;
  int codes = 0;
  const auto check = [&] {
    if (url.empty()) return;
    ++codes;
    EXPECT_EQ(code, *cli::qr_of(url));
  };
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find("  https://");
    if (at == std::string::npos) {
      code += line + '\n';
      continue;
    }
    check();
    url = line.substr(at + 2);
    code.clear();
  }
  check();
  EXPECT_EQ(codes, 3);
}

TEST_F(CommandLineTest, WhyIsOneParagraphAboutADevice) {
  EXPECT_THAT(intray({"why", "D10010101", "service-x"}).output, HasSubstr("D10010101"));
  applied({"--device", "D10010101"});

  const auto why = intray({"why", "D10010101", "service-x"});

  EXPECT_EQ(why.exit_code, 0);
  EXPECT_THAT(why.output, HasSubstr("service-x"));
  EXPECT_EQ(intray({"why", "D10010201"}).exit_code, cli::kNotFound) << "another customer's";
}

TEST_F(CommandLineTest, OnATerminalServiceAndDevicesAreChosenByNumber) {
  const auto on_terminal = [&](const std::string& keys) {
    return testing_support::run(
        {"/bin/sh", "-c",
         "printf '" + keys + "' | script -qec '" + program("intray") + " apply' /dev/null"},
        {{"INTRAY_URL", daemon_.administrator_url()}, {"INTRAY_TOKEN", token_}});
  };
  const auto first = on_terminal("1\\n9\\n1,3\\n");
  EXPECT_THAT(first.output, HasSubstr("'9' is no number from 1 to 3"));
  EXPECT_THAT(first.output, HasSubstr("running  2"));

  // What is in use on some devices may be chosen for the others.
  EXPECT_THAT(on_terminal("1\\nall\\n").output, HasSubstr("running  1"));
}

TEST_F(CommandLineTest, CodesThatWereMadeBeforeOneFailedAreShown) {
  const auto made = intray({"provision", "D10010101", "nowhere", "--json"});
  EXPECT_EQ(made.exit_code, cli::kPartial);
  EXPECT_THAT(made.output, HasSubstr("\"device\":\"D10010101\""));
  EXPECT_EQ(intray({"provision", "nowhere"}).exit_code, cli::kNotFound);
}

TEST_F(CommandLineTest, AMisspeltCustomerIsNotFoundAndNotEmpty) {
  EXPECT_EQ(intray({"log", "--customer", "C0O1"}).exit_code, cli::kNotFound);
  EXPECT_EQ(intray({"mailbox", "list", "--customer", "C0O1"}).exit_code, cli::kNotFound);
}

TEST_F(CommandLineTest, AnApplicationIsWatchedToItsEndAlsoForScripts) {
  const auto id = applied({"--device", "D10010101"});
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (const auto& row :
         cli::items_of(boost::json::parse(intray({"applications", "--json"}).output))) {
      if (text(row, "id") != id) intray({"cancel", text(row, "id")});
    }
  });
  const auto watched =
      intray({"apply", "--service", "service-z", "--device", "D10010101", "--watch", "--json"});
  other.join();
  EXPECT_EQ(watched.exit_code, cli::kPartial);
  EXPECT_THAT(text(boost::json::parse(watched.output), "state"), "canceled");
}

TEST_F(CommandLineTest, CancelStopAndRevokeSayWhatTheyDid) {
  const auto id = applied({"--device", "D10010101"});
  EXPECT_THAT(intray({"cancel", id}).output, HasSubstr(id + " is cancel"));
  EXPECT_EQ(intray({"stop", "service-x", "D10010101"}).exit_code, cli::kNotFound);

  const auto made = intray({"token", "create", "--role", "viewer", "--customer", "C001", "--json"});
  const auto token = text(boost::json::parse(made.output), "id");
  EXPECT_THAT(intray({"token", "list"}).output, HasSubstr(token));
  EXPECT_THAT(intray({"token", "revoke", token}).output, HasSubstr("is revoked"));
  EXPECT_EQ(intray({"token", "revoke", token}).exit_code, cli::kNotFound);
}

TEST_F(CommandLineTest, SettingsArePrintedAndChanged) {
  EXPECT_EQ(intray({"customer", "set", "C001", "retention=keep", "poll_interval_s=60"}).exit_code,
            0);
  const auto shown = intray({"customer", "show", "C001"});
  EXPECT_THAT(shown.output, HasSubstr("retention = keep"));
  EXPECT_THAT(shown.output, HasSubstr("poll_interval_s = 60"));
  EXPECT_EQ(intray({"customer", "set", "C001", "retention=maybe"}).exit_code, cli::kFailed);
}

TEST_F(CommandLineTest, TheLogAndThePluginsAreListed) {
  EXPECT_THAT(intray({"plugin", "list"}).output, HasSubstr("intray.registration"));
  EXPECT_THAT(intray({"log", "--customer", "C001"}).output, HasSubstr("inventory.imported"));
  EXPECT_THAT(intray({"log"}).output, HasSubstr("token.created"));
  EXPECT_THAT(intray({"mailbox", "list", "--customer", "C001"}).output,
              HasSubstr("every mailbox is empty"));
}

}  // namespace
}  // namespace intray::e2e
