#include "tests/bench/wave.hpp"

#include <boost/json/parse.hpp>
#include <cstdio>
#include <cstdlib>

#include "host/cli/output.hpp"

namespace intray::bench {
namespace {

constexpr std::size_t kConnections = 16;  // of what is not timed

void expect(int wanted, int status, std::string_view body) {
  if (status == wanted) return;
  std::fprintf(stderr, "%d instead of %d: %.*s\n", status, wanted, static_cast<int>(body.size()),
               body.data());
  std::exit(1);
}

}  // namespace

Wave::Wave(Setting& setting, std::size_t devices) : setting_(setting), waiting_(devices) {
  std::string list;
  for (std::size_t i = 0; i < devices; ++i) {
    list += (i == 0 ? "\"" : ",\"") + setting.fleet().devices[i] + "\"";
  }
  const auto applied = setting.daemon().as_administrator(
      "C001", "POST", "/v1/applications",
      R"({"service":"service-x","reissue":true,"devices":[)" + list + "]}");
  expect(202, applied.status, applied.body);
  poll_for("register-device");
}

// A large application posts in chunks: who finds nothing yet asks again.
void Wave::poll_for(std::string_view type) {
  std::vector<std::size_t> asking(waiting_.size());
  for (std::size_t i = 0; i < asking.size(); ++i) asking[i] = i;
  while (!asking.empty()) {
    std::vector<std::size_t> again;
    load_each(
        setting_.device_address(), kConnections, asking.size(),
        [&](std::size_t i) {
          return request("GET", "/v1/mailbox", setting_.fleet().tokens[asking[i]]);
        },
        [&](std::size_t i, int status, std::string_view body) {
          if (status == 204) return again.push_back(asking[i]);
          expect(200, status, body);
          const auto poll = boost::json::parse(body);
          const auto instruction = cli::items_of(poll, "instructions").back();
          if (cli::text_of(instruction, "type") != type) return again.push_back(asking[i]);
          waiting_[asking[i]] = {static_cast<std::uint64_t>(e2e::number(instruction, "sequence")),
                                 cli::text_of(instruction, "code")};
        });
    asking = std::move(again);
  }
}

double Wave::register_all(std::size_t clients) {
  return load_each(
             setting_.device_address(), clients, waiting_.size(),
             [&](std::size_t i) {
               return request("POST", "/v1/services/service-x/register", setting_.fleet().tokens[i],
                              R"({"code":")" + waiting_[i].code + "\"}");
             },
             [](std::size_t, int status, std::string_view body) { expect(200, status, body); })
      .per_second();
}

double Wave::decline_all(std::size_t clients) { return acknowledge_all(clients, "refused"); }

double Wave::acknowledge_stops(std::size_t clients) {
  const auto token = setting_.daemon().administrator_token("C001");
  load_each(
      setting_.customer_address(), kConnections, waiting_.size(),
      [&](std::size_t i) {
        return request("DELETE", "/v1/entitlements/service-x/" + setting_.fleet().devices[i],
                       token);
      },
      [](std::size_t, int status, std::string_view body) { expect(204, status, body); });
  poll_for("stop-service");
  return acknowledge_all(clients, "done");
}

double Wave::acknowledge_all(std::size_t clients, std::string_view result) {
  const auto body = R"({"result":")" + std::string(result) + "\"}";
  return load_each(
             setting_.device_address(), clients, waiting_.size(),
             [&](std::size_t i) {
               return request(
                   "POST", "/v1/mailbox/" + std::to_string(waiting_[i].sequence) + "/acknowledge",
                   setting_.fleet().tokens[i], body);
             },
             [](std::size_t, int status, std::string_view answer) { expect(204, status, answer); })
      .per_second();
}

}  // namespace intray::bench
