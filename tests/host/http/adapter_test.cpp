// Pins what the front relies on in cpp-httplib: process_request works without a socket.
#include "host/http/httplib_adapter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/raw_client.hpp"

namespace intray::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string message(const std::string& method, const std::string& body) {
  return method + " / HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(Adapter, ParsesAndFormatsInMemory) {
  HttplibAdapter adapter;
  const auto answer = adapter.process(message("POST", "body"), false, [](std::string body) {
    return Response{201, {{"Location", "/x"}}, "text/plain", "got " + body};
  });
  EXPECT_EQ(testing_support::status_of(answer), 201);
  EXPECT_THAT(answer, HasSubstr("Location: /x\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\ngot body"));
}

TEST(Adapter, TakesEveryMethodAndALargeBody) {
  HttplibAdapter adapter;
  for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const auto answer = adapter.process(message(method, ""), true, [](const std::string&) {
      return Response{204, {}, "", ""};
    });
    EXPECT_EQ(testing_support::status_of(answer), 204) << method;
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
  }
  const std::string large(9 << 20, 'x');
  std::size_t seen = 0;
  adapter.process(message("POST", large), false, [&](const std::string& body) {
    seen = body.size();
    return Response{};
  });
  EXPECT_EQ(seen, large.size());
}

TEST(Adapter, LetsNoExceptionTextOut) {
  HttplibAdapter adapter;
  const auto answer = adapter.process(
      message("GET", ""), false,
      [](const std::string&) -> Response { throw std::runtime_error("secret /var/lib"); });
  EXPECT_EQ(testing_support::status_of(answer), 500);
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
}

}  // namespace
}  // namespace intray::http
