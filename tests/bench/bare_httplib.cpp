// The yardstick: cpp-httplib alone, at its best settings, answering 204 to everybody.
#include <httplib.h>

#include <cstdio>

int main() {
  constexpr std::size_t kThreads = 16;  // it keeps one for each connection
  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_tcp_nodelay(true);
  server.Get("/v1/mailbox",
             [](const httplib::Request&, httplib::Response& response) { response.status = 204; });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::printf("%d\n", port);
  std::fflush(stdout);
  return server.listen_after_bind() ? 0 : 1;
}
