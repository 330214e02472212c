// A front on loopback with a few routes, and tokens that are their own meaning.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "host/http/front.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::http {

using testing_support::RawClient;
using testing_support::status_of;

class FrontTest : public ::testing::Test {
 protected:
  FrontTest() {
    options_.listeners = {
        {Listener::kDevice, "127.0.0.1:0", {}, {}},
        {Listener::kOperator, "unix:" + (directory_.path() / "operator.sock").string(), {}, {}}};
    options_.authenticate = [](Listener listener, std::string_view token,
                               store::Window&) -> Result<security::Principal> {
      if (token == "busy") return fail(INTRAY_E_BUSY, "the store is being opened anew");
      security::Principal principal;
      if (listener == Listener::kOperator) principal.role = security::Role::kOperator;
      if (token == "device") principal.role = security::Role::kDevice;
      if (token == "viewer") principal.role = security::Role::kViewer;
      principal.id = token;
      return principal;
    };
  }
  ~FrontTest() override {
    if (front_) front_->stop(std::chrono::milliseconds(500));
  }

  void route(Route route) {
    const auto added = router_.add(std::move(route));
    ASSERT_TRUE(added) << added.error().message;
  }
  static Response text(std::string body) { return {200, {}, "text/plain", std::move(body)}; }

  void start() {
    route({"GET", "/v1/mailbox", "device.poll", 1024, Way::kLoop,
           [](const Request&) { return text("on loop"); }});
    route({"POST", "/echo/{name}", "device.acknowledge", 1024, Way::kLibrary,
           [](const Request& request) {
             return text(std::string(request.path_param("name")) + ":" +
                         std::string(request.query_param("q")) + ":" + request.body);
           }});
    route(
        {"GET", "/healthz", "any.open", 0, Way::kLoop, [](const Request&) { return text("ok"); }});
    front_ = std::make_unique<Front>(options_, router_);
    const auto started = front_->start();
    ASSERT_TRUE(started) << started.error().message;
    address_ = front_->addresses()[0];
  }

  static std::string get(const std::string& path, const std::string& more = "") {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer device\r\n" +
           more + "\r\n";
  }
  static std::string post(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer device\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::string ask(const std::string& bytes) {
    RawClient client(address_);
    client.send(bytes);
    return client.receive();
  }
  bool answers() { return status_of(ask(get("/v1/mailbox"))) == 200; }

  testing_support::TempDir directory_;
  Router router_;
  FrontOptions options_;
  std::unique_ptr<Front> front_;
  std::string address_;
};

}  // namespace intray::http
