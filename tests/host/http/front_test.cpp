#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <filesystem>

#include "tests/host/http/fixture.hpp"
#include "tests/support/process.hpp"

namespace intray::http {
namespace {

using std::chrono::milliseconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST_F(FrontTest, AnswersOnTheLoopAndOnAWorker) {
  start();
  const auto polled = ask(get("/v1/mailbox"));
  EXPECT_EQ(status_of(polled), 200);
  EXPECT_THAT(polled, EndsWith("on loop"));
  EXPECT_THAT(polled, HasSubstr("Cache-Control: no-store"));
  const auto echoed = ask(post("/echo/a%20b?q=1%262", "body"));
  EXPECT_EQ(status_of(echoed), 200);
  EXPECT_THAT(echoed, EndsWith("a b:1&2:body"));
}

TEST_F(FrontTest, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(address_);
  client.send(post("/echo/1", "") + get("/v1/mailbox") + post("/echo/3", "x"));
  EXPECT_THAT(client.receive(), EndsWith("1::"));
  EXPECT_THAT(client.receive(), EndsWith("on loop"));
  EXPECT_THAT(client.receive(), EndsWith("3::x"));
}

TEST_F(FrontTest, TakesARequestThatComesByteByByte) {
  start();
  RawClient client(address_);
  for (const char byte : post("/echo/a", "b")) client.send({&byte, 1});
  EXPECT_THAT(client.receive(), EndsWith("a::b"));
}

TEST_F(FrontTest, ClosesWhenTheClientSaysSo) {
  start();
  RawClient client(address_);
  client.send(get("/v1/mailbox", "Connection: close\r\n"));
  EXPECT_EQ(status_of(client.receive()), 200);
  EXPECT_TRUE(client.closes_within(milliseconds(1000)));
}

TEST_F(FrontTest, DeniesUnlessAllowed) {
  start();
  const auto anonymous = ask("GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(status_of(anonymous), 401);
  EXPECT_THAT(anonymous, HasSubstr("WWW-Authenticate: Bearer"));
  EXPECT_EQ(status_of(ask("GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\n"
                          "Authorization: Bearer nonsense\r\n\r\n")),
            401);
  EXPECT_EQ(status_of(ask("GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\n"
                          "Authorization: Bearer viewer\r\n\r\n")),
            403);
  EXPECT_EQ(status_of(ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")), 200);
  EXPECT_EQ(status_of(ask(get("/v1/nothing"))), 404);
  const auto wrong_method = ask(post("/v1/mailbox", ""));
  EXPECT_EQ(status_of(wrong_method), 405);
  EXPECT_THAT(wrong_method, HasSubstr("Allow: GET"));
  EXPECT_EQ(front_->stats().unauthenticated, 2U);
}

TEST_F(FrontTest, AnswersOnlyForItsOwnHosts) {
  options_.hosts = {"Intray.Example"};
  start();
  const auto status = [&](const std::string& host) {
    return status_of(ask("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
  };
  EXPECT_EQ(status("intray.example:443"), 200);
  EXPECT_EQ(status("127.0.0.1"), 200);
  EXPECT_EQ(status("evil.example"), 421);
  router_.alias("service-x.a.com", "/regist", "/v1/services/service-x/register");
  EXPECT_EQ(status("service-x.a.com"), 200);
}

TEST_F(FrontTest, RefusesABodyAboveTheRoutesLimitBeforeReadingIt) {
  start();
  RawClient client(address_);
  client.send(
      "POST /echo/a HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer device\r\n"
      "Content-Length: 1025\r\n\r\n");
  EXPECT_EQ(status_of(client.receive()), 413);
  EXPECT_TRUE(client.closes_within(milliseconds(3000)));
}

TEST_F(FrontTest, ErrorsAreProblemDocuments) {
  start();
  const auto answer = ask(get("/nothing"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: application/problem+json"));
  const auto json = boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  EXPECT_EQ(json.at("code"), "INT-1104");
  EXPECT_THAT(std::string(json.at("detail").as_string()), HasSubstr("/nothing"));
}

TEST_F(FrontTest, SaysBusyAndNotUnknownWhenNobodyCanLookATokenUp) {
  start();
  const auto busy =
      ask("GET /v1/mailbox HTTP/1.1\r\nHost: localhost\r\n"
          "Authorization: Bearer busy\r\n\r\n");
  EXPECT_EQ(status_of(busy), 503);
  EXPECT_THAT(busy, HasSubstr("Retry-After: "));
  EXPECT_THAT(busy, HasSubstr("the store is being opened anew"));
}

TEST_F(FrontTest, AHandlerThatThrowsBecomesA500WhoseTextIsForTheLogAlone) {
  std::mutex mutex;
  std::vector<std::string> faults;
  options_.access = [&](const Access& access) {
    const std::lock_guard lock(mutex);
    if (access.status == 500) faults.emplace_back(access.fault);
  };
  const std::pair<const char*, Way> ways[] = {
      {"/loop", Way::kLoop}, {"/worker", Way::kWorker}, {"/library", Way::kLibrary}};
  for (const auto& [path, way] : ways) {
    route({"GET", path, "any.open", 0, way,
           [](const Request&) -> Response { throw std::runtime_error("inside"); }});
  }
  start();
  for (const auto& [path, way] : ways) {
    const auto thrown = ask(get(path));
    EXPECT_EQ(status_of(thrown), 500);
    EXPECT_THAT(thrown, ::testing::Not(HasSubstr("inside")));
  }
  const std::lock_guard lock(mutex);
  EXPECT_THAT(faults, ::testing::ElementsAre("inside", "inside", "inside"));
}

TEST_F(FrontTest, ServesTheOperatorOnAPrivateUnixSocket) {
  route({"GET", "/v1/operator/x", "operator.view", 0, Way::kLibrary,
         [](const Request& request) { return text(request.remote); }});
  start();
  struct stat socket {};
  ASSERT_EQ(stat((directory_.path() / "operator.sock").c_str(), &socket), 0);
  EXPECT_EQ(socket.st_mode & 0777U, 0600U);
  RawClient client(front_->addresses()[1]);
  client.send("GET /v1/operator/x HTTP/1.1\r\nHost: anything\r\n\r\n");
  EXPECT_EQ(status_of(client.receive()), 200);
  EXPECT_EQ(status_of(ask(get("/v1/operator/x"))), 404) << "not on the devices' listener";
}

// Even where the file's mode would let them in. Root may talk on every socket, so it becomes nobody
// first; anybody else is a stranger on a socket of somebody else's.
TEST_F(FrontTest, LetsNoOtherUserTalkOnTheOperatorsSocket) {
  constexpr uid_t kNobody = 65534;
  const bool is_root = geteuid() == 0;
  if (!is_root) options_.owner = geteuid() + 1;
  start();
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(directory_.path() / "operator.sock", std::filesystem::perms(0777));
  const auto child = fork();
  if (child == 0) {
    // From where it stands: nobody may look into the folders above.
    if (chdir(directory_.path().c_str()) != 0 || (is_root && setuid(kNobody) != 0)) _exit(2);
    RawClient client("unix:operator.sock");
    client.send("GET /healthz HTTP/1.1\r\nHost: anything\r\n\r\n");
    _exit(client.connected() && client.receive_all().empty() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(front_->stats().connections_shed, 1U);
}

TEST_F(FrontTest, RefusesASocketOrPortThatIsTaken) {
  start();
  Router router;
  auto options = options_;
  Front second(options, router);
  EXPECT_EQ(second.start().error().status, INTRAY_E_BAD_STATE);
  options.listeners = {{Listener::kDevice, address_, {}, {}}};
  Front third(options, router);
  EXPECT_EQ(third.start().error().status, INTRAY_E_BAD_STATE);
}

TEST_F(FrontTest, AnswersBusyWhenTheQueueIsFull) {
  options_.workers = 1;
  options_.queue_max = 1;
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::atomic<int> entered = 0;
  route({"GET", "/slow", "any.open", 0, Way::kLibrary, [&](const Request&) {
           ++entered;
           gone.wait();
           return text("done");
         }});
  start();
  RawClient first(address_);
  first.send(get("/slow"));
  ASSERT_TRUE(testing_support::eventually([&] { return entered == 1; }));
  RawClient second(address_);
  second.send(get("/slow"));
  ASSERT_TRUE(testing_support::eventually([&] { return front_->queued() == 1; }));
  const auto third = ask(get("/slow"));
  EXPECT_EQ(status_of(third), 503);
  EXPECT_THAT(third, HasSubstr("Retry-After:"));
  EXPECT_TRUE(answers()) << "polls go on";
  go.set_value();
  EXPECT_EQ(status_of(first.receive()), 200);
  EXPECT_EQ(status_of(second.receive()), 200);
}

TEST_F(FrontTest, DrainsWhatItHandlesWhenItStops) {
  std::promise<void> entered;
  route({"GET", "/slow", "any.open", 0, Way::kLibrary, [&](const Request&) {
           entered.set_value();
           std::this_thread::sleep_for(milliseconds(100));
           return text("done");
         }});
  start();
  RawClient client(address_);
  client.send(get("/slow"));
  entered.get_future().wait();
  front_->stop();
  EXPECT_THAT(client.receive(), EndsWith("done"));
  EXPECT_FALSE(RawClient(address_).connected());
}

TEST_F(FrontTest, SendsALargeAnswerWhole) {
  const std::string large(3 << 20, 'x');
  route({"GET", "/large", "any.open", 0, Way::kLoop, [&](const Request&) { return text(large); }});
  start();
  RawClient client(address_);
  client.send(get("/large"));
  std::this_thread::sleep_for(milliseconds(50));
  const auto answer = client.receive();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, large.size());
}

TEST_F(FrontTest, SpeaksTls) {
  const auto certificate = (directory_.path() / "c.pem").string();
  const auto key = (directory_.path() / "k.pem").string();
  const auto made = testing_support::run(
      {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
       "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  options_.listeners[0].tls_certificate = certificate;
  options_.listeners[0].tls_key = key;
  start();
  const auto request = (directory_.path() / "request").string();
  const auto old = testing_support::run({"openssl", "s_client", "-connect", address_, "-tls1_1"});
  EXPECT_NE(old.exit_code, 0);
  const auto asked = testing_support::run(
      {"sh", "-c",
       "printf 'GET /v1/mailbox HTTP/1.1\\r\\nHost: localhost\\r\\nAuthorization: Bearer "
       "device\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet -verify_quiet "
       "-no_ign_eof -ign_eof -connect " +
           address_ + " 2>/dev/null"});
  EXPECT_THAT(asked.output, HasSubstr("on loop"));
  EXPECT_TRUE(RawClient(address_).send("GET / HTTP/1.1\r\n\r\n"));
}

TEST_F(FrontTest, RefusesAKeyThatIsNotTheCertificates) {
  options_.listeners[0].tls_certificate = "/nonexistent.pem";
  Front front(options_, router_);
  const auto started = front.start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("/nonexistent.pem"));
}

}  // namespace
}  // namespace intray::http
