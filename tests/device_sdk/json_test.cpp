extern "C" {
#include "device_sdk/src/json.h"
}
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

bool is_json(std::string_view text) { return intray_json_read(text.data(), text.size()).size != 0; }

intray_json read(std::string_view text) { return intray_json_read(text.data(), text.size()); }

std::string string_of(std::string_view text) {
  char out[64];
  return intray_json_string(read(text), out, sizeof out) ? out : "(none)";
}

TEST(DeviceJsonTest, TakesWhatTheStandardAllows) {
  for (const char* text :
       {"{}", "[]", " [ ] ", "0", "-0", "1.5e+10", "true", "false", "null", "\"\"",
        R"({"a":[1,2,{"b":null}],"c":"\u00e4\n"})", "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x96\xa8\"",
        R"("\ud83d\udda8")", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"}) {
    EXPECT_TRUE(is_json(text)) << text;
  }
}

TEST(DeviceJsonTest, RefusesEverythingElse) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "]",
                           "{]",
                           "[1,]",
                           "[,1]",
                           "{,}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "01",
                           "+1",
                           "1.",
                           ".5",
                           "1e",
                           "--1",
                           "tru",
                           "True",
                           "nul",
                           "\"",
                           "\"\\\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u000g\"",
                           "\"\\ud800\"",
                           "\"\\udc00\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\u0000\"",
                           "\"a\nb\"",
                           "1 2",
                           "{} {}",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xe2\x82\"",
                           "\"\xc3",
                           "//",
                           "{\"a\":1}x",
                           "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
  EXPECT_FALSE(is_json(std::string_view("\"a\0b\"", 5)));
  EXPECT_FALSE(is_json(std::string(100'000, '[')));
}

TEST(DeviceJsonTest, FindsMembersAndIgnoresUnknownOnes) {
  const auto object = read(R"({ "x" : {"b":"no"} , "a":1, "b" : "yes", "b":"later", "\u0063":3 })");

  char out[8];
  EXPECT_TRUE(intray_json_string(intray_json_member(object, "b"), out, sizeof out));
  EXPECT_STREQ(out, "yes");
  std::uint64_t number = 0;
  EXPECT_TRUE(intray_json_number(intray_json_member(object, "c"), &number));
  EXPECT_EQ(number, 3U);
  EXPECT_EQ(intray_json_member(object, "d").size, 0U);
  EXPECT_EQ(intray_json_member(object, "").size, 0U);
  EXPECT_EQ(intray_json_member(read("[1]"), "a").size, 0U);
}

TEST(DeviceJsonTest, WalksArrays) {
  const auto array = read(R"([1, "two" ,[3],{"four":4}])");
  std::vector<std::string> items;
  std::size_t at = 0;
  for (intray_json item; (item = intray_json_next(array, &at)).size != 0;) {
    items.emplace_back(item.bytes, item.size);
  }

  EXPECT_EQ(items, (std::vector<std::string>{"1", "\"two\"", "[3]", "{\"four\":4}"}));
  at = 0;
  EXPECT_EQ(intray_json_next(read("[ ]"), &at).size, 0U);
  at = 0;
  EXPECT_EQ(intray_json_next(read("{}"), &at).size, 0U);
}

TEST(DeviceJsonTest, UnescapesStrings) {
  EXPECT_EQ(string_of(R"("a\"\\\/\b\f\n\r\t")"), "a\"\\/\b\f\n\r\t");
  EXPECT_EQ(string_of(R"("\u00e4\u20ac\ud83d\udda8")"), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x96\xa8");
  EXPECT_EQ(string_of("17"), "(none)");
  EXPECT_EQ(string_of("\"" + std::string(63, 'x') + "\""), std::string(63, 'x'));
  EXPECT_EQ(string_of("\"" + std::string(64, 'x') + "\""), "(none)");
}

TEST(DeviceJsonTest, ReadsWholeNumbersOnly) {
  std::uint64_t number = 0;
  EXPECT_TRUE(intray_json_number(read("18446744073709551615"), &number));
  EXPECT_EQ(number, UINT64_MAX);
  for (const char* text : {"18446744073709551616", "-1", "1.0", "1e3", "\"1\"", "null"}) {
    EXPECT_FALSE(intray_json_number(read(text), &number)) << text;
  }
}

// Not a fuzzer (that is tests/fuzz/fuzz_device_json): a fixed lot of broken replies, each in its
// own allocation so that a sanitizer sees one byte too many.
TEST(DeviceJsonTest, ReadsBrokenRepliesWithinTheirBounds) {
  const std::string whole =
      R"({"instructions":[{"sequence":7,"type":"register-device","url":"https://h/v1","code":"\u0041b"}],"more":false})";
  std::mt19937 random(20261124);
  int good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = whole.substr(0, random() % (whole.size() + 1));
    for (unsigned i = random() % 4; i > 0 && !text.empty(); --i) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    const std::vector<char> exact(text.begin(), text.end());
    const auto value = intray_json_read(exact.data(), exact.size());
    std::size_t at = 0;
    const auto list = intray_json_member(value, "instructions");
    for (intray_json item; (item = intray_json_next(list, &at)).size != 0;) {
      char out[16];
      intray_json_string(intray_json_member(item, "url"), out, sizeof out);
    }
    good += value.size != 0;
  }
  EXPECT_GT(good, 0);
}

}  // namespace
