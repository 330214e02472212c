#include "host/http/json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intray::http {
namespace {

using ::testing::HasSubstr;

Request with_body(std::string body) {
  Request request;
  request.body = std::move(body);
  return request;
}
Request with_query(Fields query) {
  Request request;
  request.query = std::move(query);
  return request;
}

TEST(Bodies, AnUnknownKeyIsNamedTogetherWithTheKnownOnes) {
  const auto body = body_of(with_body(R"({"result":"done","resaon":"x"})"), {"result", "reason"});

  ASSERT_FALSE(body);
  EXPECT_THAT(body.error().message, HasSubstr("'resaon'"));
  EXPECT_THAT(body.error().message, HasSubstr("result, reason"));
}

TEST(Bodies, WhatIsNoObjectIsRefusedAndNothingIsAnEmptyObject) {
  EXPECT_FALSE(body_of(with_body("[1]"), {"a"}));
  EXPECT_FALSE(body_of(with_body("{\"a\":"), {"a"}));
  EXPECT_TRUE(body_of(with_body(""), {"a"}));
}

TEST(Bodies, TextIsBoundedAndMayBeRequired) {
  const boost::json::object body{{"short", "abc"}, {"number", 7}, {"empty", ""}};

  EXPECT_EQ(*text_member(body, "short", true), "abc");
  EXPECT_EQ(*text_member(body, "absent", false), "");
  EXPECT_FALSE(text_member(body, "absent", true));
  EXPECT_FALSE(text_member(body, "empty", true));
  EXPECT_FALSE(text_member(body, "number", false));
  EXPECT_FALSE(text_member(body, "short", true, 2));
}

TEST(Pages, ALimitIsFrom1To500) {
  EXPECT_EQ(page_of(with_query({}))->limit, 100U);
  EXPECT_EQ(page_of(with_query({{"limit", "500"}, {"after", "D1"}}))->after, "D1");
  for (const auto* limit : {"0", "501", "-1", "x", "99999999999999999999"}) {
    EXPECT_FALSE(page_of(with_query({{"limit", limit}}))) << limit;
  }
}

TEST(Pages, ALogIsReadOnFromThePageOrFromTheSequence) {
  EXPECT_EQ(*log_position(with_query({{"since", "3"}})), 3U);
  EXPECT_EQ(*log_position(with_query({{"since", "3"}, {"after", "9"}})), 9U);
  EXPECT_FALSE(log_position(with_query({{"since", "now"}})));
}

TEST(Times, AreRfc3339InUtcAndNullWhenNotSet) {
  EXPECT_EQ(time_value(1'700'000'000'123'456'789).as_string(), "2023-11-14T22:13:20.123Z");
  EXPECT_TRUE(time_value(0).is_null());
}

TEST(Flags, AreTrueOrFalse) {
  EXPECT_TRUE(*flag_param(with_query({{"dry_run", "true"}}), "dry_run"));
  EXPECT_FALSE(*flag_param(with_query({}), "dry_run"));
  EXPECT_FALSE(flag_param(with_query({{"dry_run", "yes"}}), "dry_run"));
}

}  // namespace
}  // namespace intray::http
