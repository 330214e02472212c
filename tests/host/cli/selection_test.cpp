#include "host/cli/selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intray::cli {
namespace {

using testing::ElementsAre;

TEST(SelectionTest, NumbersRangesAndAllMeanRows) {
  EXPECT_THAT(*parse_selection("1", 5), ElementsAre(0U));
  EXPECT_THAT(*parse_selection("1,3-5", 5), ElementsAre(0U, 2U, 3U, 4U));
  EXPECT_THAT(*parse_selection("all", 3), ElementsAre(0U, 1U, 2U));
}

TEST(SelectionTest, RowsComeOnceAndInOrder) {
  EXPECT_THAT(*parse_selection("3,1,3,2-3", 5), ElementsAre(0U, 1U, 2U));
}

TEST(SelectionTest, WhatNamesNoRowIsRefusedWithASentence) {
  for (const auto* text :
       {"0", "6", "x", "2-", "-2", "4-2", "1,,2", "1;2", "99999999999999999999"}) {
    const auto chosen = parse_selection(text, 5);
    ASSERT_FALSE(chosen) << text;
    EXPECT_EQ(chosen.error().status, INTRAY_E_INVALID);
    EXPECT_FALSE(chosen.error().message.empty());
  }
}

}  // namespace
}  // namespace intray::cli
