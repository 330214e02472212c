// Calling devices: a tiny server plays each way a device, or something else, may answer.
#include "host/cli/lan.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <thread>

namespace intray::cli {
namespace {

using std::chrono::milliseconds;

// Answers every connection with the same bytes and closes.
class Answering {
 public:
  explicit Answering(std::string bytes) : bytes_(std::move(bytes)) {
    socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
    listen(socket_, 16);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Answering() {
    shutdown(socket_, SHUT_RDWR);
    thread_.join();
    close(socket_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/doPolling?t=x"; }
  int calls() const { return calls_; }

 private:
  void serve() {
    for (;;) {
      const int peer = accept(socket_, nullptr, nullptr);
      if (peer < 0) return;
      ++calls_;
      char request[1024];
      if (recv(peer, request, sizeof request, 0) > 0) {
        send(peer, bytes_.data(), bytes_.size(), MSG_NOSIGNAL);
      }
      close(peer);
    }
  }
  std::string bytes_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> calls_{0};
  std::thread thread_;
};

std::string status(const std::string& line) {
  return "HTTP/1.1 " + line + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

std::map<std::string, Reached> wake(const std::vector<WakeCall>& calls) {
  std::map<std::string, Reached> reached;
  EXPECT_TRUE(wake_all(calls, [&](const WakeCall& call, Reached how) {
    EXPECT_TRUE(reached.emplace(call.device_id, how).second) << "told once";
  }));
  return reached;
}

TEST(LanTest, EachAnswerOfADeviceHasItsMeaning) {
  const Answering polled(status("200 OK")), will(status("202 Accepted")),
      refused(status("403 Forbidden")), busy(status("429 Too Many Requests")),
      elsewhere(status("302 Found")), noise("SSH-2.0-OpenSSH\r\n");

  const auto reached = wake({{"polled", polled.url(), {}},
                             {"will", will.url(), {}},
                             {"refused", refused.url(), {}},
                             {"busy", busy.url(), {}},
                             {"elsewhere", elsewhere.url(), {}},
                             {"noise", noise.url(), {}}});

  EXPECT_EQ(reached.at("polled"), Reached::kPolled);
  EXPECT_EQ(reached.at("will"), Reached::kWill);
  EXPECT_EQ(reached.at("refused"), Reached::kRefused);
  EXPECT_EQ(reached.at("busy"), Reached::kBusy);
  EXPECT_EQ(reached.at("elsewhere"), Reached::kStrange) << "no redirect is followed";
  EXPECT_EQ(reached.at("noise"), Reached::kUnreachable);
}

TEST(LanTest, ADeviceThatDoesNotAnswerIsTriedTwice) {
  const Answering silent("");

  const auto reached = wake({{"D1", silent.url(), {}}});

  EXPECT_EQ(reached.at("D1"), Reached::kUnreachable);
  EXPECT_EQ(silent.calls(), 2);
}

TEST(LanTest, EachIsCalledAtItsTimeOrLater) {
  const Answering device(status("200 OK"));
  const auto begin = std::chrono::steady_clock::now();

  wake({{"D1", device.url(), milliseconds(0)}, {"D2", device.url(), milliseconds(200)}});

  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(200));
  EXPECT_EQ(device.calls(), 2);
}

TEST(LanTest, AnEndlessAnswerIsCutOff) {
  const Answering endless("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" +
                          std::string(1 << 20, 'x'));

  EXPECT_EQ(wake({{"D1", endless.url(), {}}}).at("D1"), Reached::kPolled);
}

}  // namespace
}  // namespace intray::cli
