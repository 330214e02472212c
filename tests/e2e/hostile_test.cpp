// Floods against the real daemon: refused, in little memory, while a device's polls go on. What
// each single attack is answered: tests/host/http/attacks_test.cpp.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <thread>

#include "tests/e2e/daemon.hpp"
#include "tests/e2e/memory.hpp"
#include "tests/support/raw_client.hpp"

namespace intray::e2e {
namespace {

using testing_support::RawClient;
using testing_support::status_of;

constexpr long kGrowthKibMax = 16 * 1024;
constexpr int kConnections = 2000;

class HostileTest : public testing::Test {
 protected:
  HostileTest() {
    daemon_.import(fig9_inventory());
    token_ = daemon_.provision("D10010101");
    address_ = daemon_.device_url().substr(std::string("http://").size());
    for (int i = 0; i < 200; ++i) EXPECT_EQ(daemon_.poll(token_).status, 204);
    before_ = rss_anon_kib(daemon_.pid());
  }
  void expect_unharmed(const char* attack) {
    EXPECT_EQ(daemon_.poll(token_).status, 204) << attack;
    const auto growth = rss_anon_kib(daemon_.pid()) - before_;
    std::printf("%-22s RssAnon %+ld KiB\n", attack, growth);
    EXPECT_LE(growth, kGrowthKibMax) << attack;
  }

  Daemon daemon_{Settings{{"log.level", "error"}}};
  std::string token_, address_;
  long before_ = 0;
};

TEST_F(HostileTest, FloodsCostLittleMemoryAndHoldUpNoPoll) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<RawClient>(address_));
    clients.back()->send("GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\nX: ");
  }
  for (auto& client : clients) client->send("a");
  expect_unharmed("2,000 dripping heads");

  for (auto& client : clients) client->send(std::string(1000, 'a'));
  expect_unharmed("with 1 KB each");
  clients.clear();

  for (int i = 0; i < 200; ++i) {
    RawClient client(address_);
    client.send("GET /" + std::string(100'000, 'a'));
    EXPECT_EQ(status_of(client.receive()), 431);
  }
  expect_unharmed("endless request lines");

  for (int i = 0; i < 50; ++i) {
    RawClient client(address_);
    client.send(
        "POST /v1/provision HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(status_of(client.receive()), 501);
    for (int chunk = 0; chunk < 20; ++chunk) {
      if (!client.send("10000\r\n" + std::string(65'536, 'x') + "\r\n")) break;
    }
  }
  expect_unharmed("chunked bodies");

  for (int i = 0; i < 300; ++i) {
    clients.push_back(std::make_unique<RawClient>(address_));
    clients.back()->send(
        "POST /v1/provision HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n" +
        std::string(20'000, ' '));
  }
  expect_unharmed("bodies that stall");
  clients.clear();

  std::string pipelined;
  for (int i = 0; i < 1000; ++i) {
    pipelined += "GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token_ +
                 "\r\n\r\n";
  }
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(address_));
    clients.back()->send(pipelined);  // and never reads
  }
  expect_unharmed("pipelines unread");
  clients.clear();

  for (int i = 0; i < 2000; ++i) {
    RawClient client(address_);
    client.send("\x16\x03\x01");
  }
  expect_unharmed("broken TLS hellos");
}

}  // namespace
}  // namespace intray::e2e
