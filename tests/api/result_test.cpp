#include <gtest/gtest.h>

#include <intray/result.hpp>
#include <memory>

namespace intray {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(INTRAY_E_INVALID, "the number is odd: give an even one");
  return number / 2;
}

Result<int> quarter(int number) {
  const auto first = half(number);
  if (!first) return fail(first.error());
  return half(*first);
}

Result<void> check(int number) {
  const auto done = quarter(number);
  if (!done) return fail(done.error());
  return {};
}

TEST(ResultTest, HoldsTheValueOfACallThatWorked) {
  const auto result = half(4);

  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(*result, 2);
  EXPECT_EQ(result.value(), 2);
}

TEST(ResultTest, HoldsStatusAndMessageOfACallThatFailed) {
  const auto result = half(3);

  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().status, INTRAY_E_INVALID);
  EXPECT_EQ(result.error().message, "the number is odd: give an even one");
}

TEST(ResultTest, PassesAnErrorOnThroughResultsOfOtherTypes) {
  const auto result = check(6);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, INTRAY_E_INVALID);
  EXPECT_TRUE(check(8));
}

TEST(ResultTest, TellsAValueFromAnErrorEvenWhenTheValueIsAnError) {
  const Result<Error> result(Error{INTRAY_E_BUSY, "a value"});

  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, INTRAY_E_BUSY);
}

TEST(ResultTest, MovesOutWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));

  const std::unique_ptr<int> taken = *std::move(result);

  EXPECT_EQ(*taken, 7);
}

TEST(ResultTest, LetsTheValueBeChangedInPlace) {
  Result<std::string> result(std::string("in"));

  *result += "tray";

  EXPECT_EQ(result->size(), 6U);
  EXPECT_EQ(*result, "intray");
}

TEST(ResultDeathTest, ReadingTheSideThatIsNotThereAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)half(3).value(), "has_value");
  EXPECT_DEATH((void)half(4).error(), "has_value");
  EXPECT_DEATH((void)Result<void>().error(), "has_value");
}

TEST(ResultDeathTest, AFailureWithTheStatusOfSuccessAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)fail(INTRAY_OK, "no"), "INTRAY_OK");
}

}  // namespace
}  // namespace intray
