// virtual_mfp and fleet as processes, against a host that keeps the contract behind a real socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <map>
#include <mutex>

#include "tests/device_sdk/loopback_server.hpp"
#include "tests/device_sdk/world.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::testing_support {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

std::string between(const std::string& text, const std::string& start, const std::string& end) {
  const auto at = text.find(start);
  if (at == std::string::npos) return "";
  const auto from = at + start.size();
  return text.substr(from, text.find(end, from) - from);
}

/// One MemoryHost for each token, behind one port.
class ContractServer {
 public:
  /// A host with one instruction for who bears the token.
  void add(const std::string& token, std::uint64_t sequence, const std::string& code) {
    const std::lock_guard lock(mutex_);
    auto& host = hosts_[token];
    host.origin = server_.url();
    host.token = token;
    host.post_registration(sequence, "service-x", code);
  }
  std::string url() const { return server_.url(); }
  int effects() {
    const std::lock_guard lock(mutex_);
    int sum = 0;
    for (const auto& [token, host] : hosts_) {
      for (const auto& [service, count] : host.effects) sum += count;
    }
    return sum;
  }

 private:
  std::string answer(const std::string& raw) {
    const std::lock_guard lock(mutex_);
    HttpRequest request;
    request.method = raw.substr(0, raw.find(' '));
    request.url = server_.url() + between(raw, " ", " ");
    request.token = between(raw, "\r\nAuthorization: Bearer ", "\r\n");
    request.if_none_match = between(raw, "\r\nIf-None-Match: ", "\r\n");
    request.body = raw.substr(raw.find("\r\n\r\n") + 4);
    // Who provisions is not known yet; those tests have one device, registered under "".
    const auto found =
        hosts_.count(request.token) != 0 ? hosts_.find(request.token) : hosts_.find("");
    const auto reply = found == hosts_.end() ? HttpReply{401} : found->second.answer(request);
    auto text = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\nConnection: close\r\n";
    if (!reply.etag.empty()) text += "ETag: " + reply.etag + "\r\n";
    if (!reply.next_poll.empty()) text += "Intray-Next-Poll: " + reply.next_poll + "\r\n";
    if (reply.status != 204 && reply.status != 304) {
      text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    }
    return text + "\r\n" + reply.body;
  }

  std::mutex mutex_;
  std::map<std::string, MemoryHost> hosts_;
  LoopbackServer server_{[this](const std::string& raw) { return answer(raw); }};
};

std::string program(const std::string& name) {
  return std::string(INTRAY_BUILD_DIR) + "/bin/" + name;
}

class DeviceProgramsTest : public testing::Test {
 protected:
  std::vector<std::string> mfp(const std::vector<std::string>& more) const {
    std::vector<std::string> words{
        program("virtual_mfp"), "--device",    "D10010101",          "--server",
        server_.url(),          "--directory", dir_.path() / "state"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  TempDir dir_;
  ContractServer server_;
};

TEST_F(DeviceProgramsTest, AVirtualMfpProvisionsItselfAndRegisters) {
  server_.add("", 7, "CODE");

  const auto outcome = run(mfp({"--code", "PROVISION-1", "--once", "--json"}));

  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr(R"({"device":"D10010101","event":"provisioned")"));
  EXPECT_THAT(outcome.output, HasSubstr(R"("event":"registered","sequence":7,)"
                                        R"("type":"register-device","service":"service-x",)"
                                        R"("parameters":{"folder":"/scans"})"));
  EXPECT_EQ(server_.effects(), 1);
}

TEST_F(DeviceProgramsTest, AVirtualMfpShowsItsPanelAndEndsCleanly) {
  const std::string token(43, 'T');
  server_.add(token, 7, "CODE");
  Process process(mfp({"--token", token, "--poll-seconds", "1"}), dir_.path() / "output");

  EXPECT_TRUE(eventually([&] {
    return process.output().find("D10010101  Registered with service-x: ") != std::string::npos;
  })) << process.output();
  process.signal(SIGTERM);

  EXPECT_EQ(process.wait(seconds(5)), 0);
}

TEST_F(DeviceProgramsTest, AKilledVirtualMfpGoesOnWhereItWas) {
  server_.add("", 7, "CODE");
  Process process(mfp({"--code", "PROVISION-1", "--poll-seconds", "1"}), dir_.path() / "output");
  EXPECT_TRUE(eventually([&] { return process.output().find("Ready") != std::string::npos; }));
  process.kill9();

  const auto outcome = run(mfp({"--once"}));

  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_EQ(server_.effects(), 1);
}

TEST_F(DeviceProgramsTest, AVirtualMfpThatCannotReachItsHostSaysSo) {
  const auto outcome =
      run({program("virtual_mfp"), "--device", "D1", "--server", "http://127.0.0.1:1",
           "--directory", dir_.path() / "state", "--token", std::string(43, 'T'), "--once"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("cannot poll the mailbox"));
}

TEST_F(DeviceProgramsTest, AFleetEndsOnceAllAreRegistered) {
  std::ofstream tokens(dir_.path() / "tokens");
  for (int i = 0; i < 20; ++i) {
    auto token = "T" + std::to_string(i);
    token.resize(43, 'x');
    server_.add(token, 1, "CODE" + std::to_string(i));
    tokens << "D" << i << " " << token << "\n";
  }
  tokens.close();

  const auto outcome =
      run({program("fleet"), "--server", server_.url(), "--tokens", dir_.path() / "tokens",
           "--poll-seconds", "1", "--until-registered", "--json"});

  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr(R"("devices":20,"provisioned":20,"registered":20)"));
  EXPECT_EQ(server_.effects(), 20);
}

TEST_F(DeviceProgramsTest, AFleetNamesTheLineThatItCannotRead) {
  std::ofstream(dir_.path() / "tokens") << "# a comment\n\nD1\n";
  const auto outcome =
      run({program("fleet"), "--server", server_.url(), "--tokens", dir_.path() / "tokens"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.output, HasSubstr("tokens:3: not \"DEVICE TOKEN"));
}

}  // namespace
}  // namespace intray::testing_support
