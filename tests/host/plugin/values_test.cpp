#include "host/plugin/values.hpp"

#include <gtest/gtest.h>

#include "host/plugin/call.hpp"
#include "intray/crossing.hpp"
#include "intray/declare.hpp"

namespace intray::plugin {
namespace {

TEST(ValuesTest, GlobsMatchAsTheAbiSays) {
  EXPECT_TRUE(glob_matches("M1*", "m1001"));
  EXPECT_TRUE(glob_matches("*01", "M1001"));
  EXPECT_TRUE(glob_matches("M?001", "MÄ001"));
  EXPECT_FALSE(glob_matches("M?001", "M1101"));
  EXPECT_FALSE(glob_matches("M1", "M10"));
  EXPECT_TRUE(glob_matches("**", ""));
  EXPECT_FALSE(glob_matches(std::string(64, '*') + "b", std::string(4096, 'a')));
}

TEST(ValuesTest, TextIsBoundedAndPrintable) {
  EXPECT_EQ(bounded(str("Größe"), 16), "Größe");
  EXPECT_FALSE(bounded(str("a\nb"), 16));
  EXPECT_FALSE(bounded(str("\xC3"), 16));
  EXPECT_FALSE(bounded(str("\xFF\xFE"), 16));
  EXPECT_FALSE(bounded(str("abc"), 2));
  EXPECT_FALSE(bounded({nullptr, 3}, 16));
  EXPECT_EQ(bounded({nullptr, 0}, 16), "");
}

TEST(ValuesTest, ParametersAreOfTheirTypes) {
  EXPECT_TRUE(is_of_type(INTRAY_PARAM_INT, "-12"));
  EXPECT_FALSE(is_of_type(INTRAY_PARAM_INT, "12x"));
  EXPECT_FALSE(is_of_type(INTRAY_PARAM_INT, "99999999999999999999"));
  EXPECT_TRUE(is_of_type(INTRAY_PARAM_BOOL, "true"));
  EXPECT_FALSE(is_of_type(INTRAY_PARAM_BOOL, "1"));
  EXPECT_TRUE(is_of_type(INTRAY_PARAM_STRING, ""));
  EXPECT_FALSE(is_of_type(99, "x"));
}

TEST(ValuesTest, AServiceWithABadUrlOrParameterIsRefused) {
  const auto with_url = [](const char* url) {
    ServiceDeclaration service("service-x", "X");
    service.model("M1").registration_url(url);
    return checked(service.get()).has_value();
  };
  EXPECT_TRUE(with_url("https://x.example.net/register"));
  EXPECT_FALSE(with_url("http://x.example.net/register"));
  EXPECT_FALSE(with_url("https://x.example.net"));
  EXPECT_FALSE(with_url("https:///register"));
  EXPECT_FALSE(with_url("https://user@x.example.net/register"));
  ServiceDeclaration mistyped("service-x", "X");
  mistyped.model("M1").param("pages", "Pages", INTRAY_PARAM_INT, "many");
  EXPECT_FALSE(checked(mistyped.get()));
  ServiceDeclaration twice("service-x", "X");
  twice.model("M1").param("a", "A", INTRAY_PARAM_STRING).param("a", "A", INTRAY_PARAM_STRING);
  EXPECT_FALSE(checked(twice.get()));
}

TEST(CallTest, IsKnownByItsNumberWhileItRuns) {
  Calls calls;
  intray_call kept{};
  {
    CallContext context;
    context.customer = "C001";
    const Call call(calls, context);
    EXPECT_EQ(calls.find(call.raw())->customer, "C001");
    kept = *call.raw();
    EXPECT_EQ(calls.find(&kept)->customer, "C001") << "a copy is the same call";
  }
  EXPECT_EQ(calls.find(&kept), nullptr) << "it is over";
  kept.impl = &kept;
  EXPECT_EQ(calls.find(&kept), nullptr) << "it was made up";
  EXPECT_EQ(calls.find(nullptr), nullptr);
}

TEST(CallTest, SaysWhetherItsCallerStillWaits) {
  Calls calls;
  CallContext context;
  context.deadline_mono_ns = mono_ns() + 3'600'000'000'000;
  const Call waiting(calls, context);
  EXPECT_EQ(waiting.raw()->is_cancelled(waiting.raw()), 0U);
  context.deadline_mono_ns = mono_ns() - 1;
  const Call over(calls, context);
  EXPECT_EQ(over.raw()->is_cancelled(over.raw()), 1U);
}

}  // namespace
}  // namespace intray::plugin
