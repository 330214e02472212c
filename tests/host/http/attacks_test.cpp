// The attacks that were seen to work against a bare cpp-httplib, and what the front does with them.
#include <sys/resource.h>
#include <unistd.h>

#include "tests/host/http/fixture.hpp"
#include "tests/support/process.hpp"

namespace intray::http {
namespace {

using std::chrono::milliseconds;

struct Attack {
  const char* name;
  std::string bytes;
  int status;
};

std::string with(const std::string& line, const std::string& headers) {
  return line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer device\r\n" + headers +
         "\r\n";
}

const std::string kSmuggled = "GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\n\r\n";

class Attacks : public FrontTest, public ::testing::WithParamInterface<Attack> {};

TEST_P(Attacks, AreRefusedOnceAndTheConnectionIsClosed) {
  start();
  RawClient client(address_);
  client.send(GetParam().bytes);
  EXPECT_EQ(status_of(client.receive()), GetParam().status);
  EXPECT_EQ(client.receive_all(milliseconds(500)), "")
      << "nothing behind it is taken for a request";
  EXPECT_TRUE(answers());
}

INSTANTIATE_TEST_SUITE_P(
    All, Attacks,
    ::testing::Values(
        Attack{"EndlessRequestLine", "GET /" + std::string(20'000, 'a'), 431},
        Attack{"EndlessHeader", "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'a'), 431},
        Attack{"EndlessHeaders",
               [] {
                 std::string bytes = "GET / HTTP/1.1\r\nHost: localhost\r\n";
                 while (bytes.size() < 20'000) bytes += "X: y\r\n";
                 return bytes;
               }(),
               431},
        Attack{"ChunkedSmuggling",
               with("POST /echo/a", "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n" + kSmuggled,
               501},
        Attack{"ChunkSizeMinusTwo",
               with("POST /echo/a", "Transfer-Encoding: chunked\r\n") + "-2\r\n" + kSmuggled, 501},
        Attack{"GzipBomb",
               with("POST /echo/a", "Content-Encoding: gzip\r\nContent-Length: 4\r\n") + "xxxx",
               415},
        Attack{"NoLength", with("POST /echo/a", "") + std::string(1000, 'x'), 411},
        Attack{"BodyOfAGet", with("GET /v1/mailbox", "Content-Length: 5\r\n") + "hello", 400},
        Attack{"TwoLengths",
               with("POST /echo/a", "Content-Length: 0\r\nContent-Length: 50\r\n") + kSmuggled,
               400},
        Attack{"LengthAbc", with("POST /echo/a", "Content-Length: abc\r\n") + kSmuggled, 400},
        Attack{"NoHost", "GET /healthz HTTP/1.1\r\n\r\n" + kSmuggled, 400},
        Attack{"TwoHosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + kSmuggled, 400},
        Attack{"RemoteAddr", with("GET /healthz", "REMOTE_ADDR: 10.0.0.1\r\n"), 400},
        Attack{"HeaderSplitting", with("GET /healthz", "Accept: a%0d%0aX-Evil: b\r\n"), 400},
        Attack{"Expect", with("POST /echo/a", "Expect: 100-continue\r\nContent-Length: 1\r\n"),
               417},
        Attack{"Multipart",
               with("POST /echo/a",
                    "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1\r\n"),
               415},
        Attack{"HugeLength", with("POST /echo/a", "Content-Length: 9999999999\r\n"), 413},
        Attack{"TlsHello", std::string("\x16\x03\x01\x02\x00\r\n\r\n", 9), 400}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(FrontTest, ARangeIsIgnored) {
  start();
  std::string ranges = "Range: bytes=0-0";
  for (int i = 0; i < 1000; ++i) ranges += ",0-0";
  const auto answer = ask(get("/v1/mailbox", ranges + "\r\n"));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_LT(answer.size(), 500U);
}

TEST_F(FrontTest, SilentAndDrippingConnectionsAreLetGoAndHoldUpNobody) {
  options_.head_time = milliseconds(300);
  options_.idle_time = milliseconds(300);
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<RawClient>(address_));
    if (i % 2 == 0) clients.back()->send("GET /v1/mailbox HTTP/1.1\r\nHost: ");
  }
  EXPECT_TRUE(answers());
  for (int i = 0; i < 8; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    for (std::size_t c = 0; c < clients.size(); c += 2) clients[c]->send("a");
  }
  EXPECT_TRUE(testing_support::eventually([&] { return front_->stats().connections_shed >= 200; }));
  EXPECT_TRUE(answers());
}

TEST_F(FrontTest, ASlowBodyIsLetGo) {
  options_.request_time = milliseconds(300);
  start();
  RawClient client(address_);
  client.send(
      "POST /echo/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer device\r\n"
      "Content-Length: 100\r\n\r\nx");
  EXPECT_TRUE(client.closes_within(milliseconds(3000)));
}

TEST_F(FrontTest, TheOldestConnectionWithoutARequestMakesRoom) {
  options_.loops = 1;  // each loop lets go of the oldest of its own
  options_.connections_max = 20;
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 40; ++i) clients.push_back(std::make_unique<RawClient>(address_));
  EXPECT_TRUE(answers());
  EXPECT_LE(front_->stats().connections_open, 20U);
  EXPECT_TRUE(clients.front()->closes_within(milliseconds(2000)));
}

TEST_F(FrontTest, ABurstOfConnectionsIsAcceptedAtOnce) {
  start();
  std::vector<std::unique_ptr<RawClient>> clients;
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 300; ++i) clients.push_back(std::make_unique<RawClient>(address_));
  // A short backlog drops handshakes, and those are repeated after a second.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(900));
  for (auto& client : clients) client->send(get("/v1/mailbox"));
  for (auto& client : clients) EXPECT_EQ(status_of(client->receive()), 200);
}

TEST_F(FrontTest, WithoutFileDescriptorsConnectionsAreClosedAndTheOthersGoOn) {
  start();
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = dup(STDERR_FILENO);
  close(lowest_free);
  auto short_of_files = before;
  short_of_files.rlim_cur =
      static_cast<rlim_t>(lowest_free) + 1;  // one for the client, none to accept
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &short_of_files), 0);
  {
    RawClient refused(address_);
    EXPECT_TRUE(refused.closes_within(milliseconds(2000))) << "not left waiting in the backlog";
  }
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(answers());
}

TEST_F(FrontTest, AReaderThatStopsReadingIsLetGo) {
  options_.write_time = milliseconds(300);
  options_.idle_time = milliseconds(300);
  const std::string large(8 << 20, 'x');
  route({"GET", "/large", "any.open", 0, Way::kLoop, [&](const Request&) { return text(large); }});
  start();
  RawClient client(address_);
  client.send(get("/large"));
  EXPECT_TRUE(testing_support::eventually([&] { return front_->stats().connections_shed == 1; }));
}

}  // namespace
}  // namespace intray::http
