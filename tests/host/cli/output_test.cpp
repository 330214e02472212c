#include "host/cli/output.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace intray::cli {
namespace {

TEST(OutputTest, EachStatusHasItsExitCode) {
  const std::pair<int, Exit> codes[] = {{200, kOk},          {204, kOk},       {400, kFailed},
                                        {401, kDenied},      {403, kDenied},   {404, kNotFound},
                                        {409, kConflict},    {410, kNotFound}, {422, kFailed},
                                        {503, kUnreachable}, {507, kFailed}};
  for (const auto& [status, exit] : codes) EXPECT_EQ(exit_of(status), exit) << status;
}

TEST(OutputTest, MembersAreSpelledForAPerson) {
  const auto row = boost::json::parse(
      R"({"text":"a","yes":true,"no":false,"number":7,"list":["a","b"],"nothing":null})");

  EXPECT_EQ(text_of(row, "text"), "a");
  EXPECT_EQ(text_of(row, "yes"), "yes");
  EXPECT_EQ(text_of(row, "no"), "no");
  EXPECT_EQ(text_of(row, "number"), "7");
  EXPECT_EQ(text_of(row, "list"), "a, b");
  EXPECT_EQ(text_of(row, "nothing"), "");
  EXPECT_EQ(text_of(row, "absent"), "");
}

TEST(OutputTest, WhatCouldSteerATerminalIsNotPrinted) {
  EXPECT_EQ(printable("D1\x1b[2J\x07"), "D1?[2J?");
}

}  // namespace
}  // namespace intray::cli
