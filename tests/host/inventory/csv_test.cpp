#include "host/inventory/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intray::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Read {
  std::vector<std::vector<std::string>> records;
  std::vector<std::size_t> lines;
  Error error{INTRAY_OK, ""};
};

Read read(std::string_view text) {
  Read result;
  auto csv = Csv::open(text);
  if (!csv) return {{}, {}, csv.error()};
  for (Record record;;) {
    const auto more = csv->next(record);
    if (!more) result.error = more.error();
    if (!more || !*more) return result;
    result.records.emplace_back(record.fields.begin(), record.fields.end());
    result.lines.push_back(record.line);
  }
}

TEST(CsvTest, ReadsRecordsWithEitherLineEndAndTheLastWithoutOne) {
  const auto result = read("a,b\r\nc,\n,d");

  EXPECT_THAT(result.records,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c", ""), ElementsAre("", "d")));
  EXPECT_THAT(result.lines, ElementsAre(1, 2, 3));
  EXPECT_TRUE(read("").records.empty());
}

TEST(CsvTest, QuotedFieldsHoldCommasLineEndsAndDoubledQuotes) {
  const auto result = read("\"a,b\",\"c\nx\",\"say \"\"hi\"\"\"\n\"\",e\n");

  EXPECT_THAT(result.records,
              ElementsAre(ElementsAre("a,b", "c\nx", "say \"hi\""), ElementsAre("", "e")));
  EXPECT_THAT(result.lines, ElementsAre(1, 3));
}

TEST(CsvTest, ViewsOutliveAMoveOfTheReader) {
  auto csv = Csv::open("\"a\"\"b\",c");
  Record record;
  ASSERT_TRUE(*csv->next(record));

  const auto moved = std::move(*csv);

  EXPECT_THAT(record.fields, ElementsAre("a\"b", "c"));
}

TEST(CsvTest, RefusesWhatIsNoCsvAndNamesTheLine) {
  const std::pair<std::string, const char*> broken[] = {
      {"a\nb\"c\n", "line 2: a bare quote"},
      {"a\n\"b\"c\n", "line 2: text after a closing quote"},
      {"a\nb\rc\n", "line 2: a carriage return"},
      {"a\n\"b\n", "not closed"},
      {"\xEF\xBB\xBF"
       "a\n",
       "byte order mark"},
      {std::string("a\0b", 3), "NUL"},
      {std::string(kFieldsMax, ','), "line 1: more than 64 fields"},
  };
  for (const auto& [text, words] : broken) {
    const auto result = read(text);
    EXPECT_EQ(result.error.status, INTRAY_E_INVALID) << text;
    EXPECT_THAT(result.error.message, HasSubstr(words));
  }
}

TEST(CsvTest, LimitsLineAndFile) {
  EXPECT_EQ(read(std::string(kLineBytesMax, 'a')).error.status, INTRAY_OK);
  EXPECT_EQ(read(std::string(kLineBytesMax + 1, 'a')).error.status, INTRAY_E_TOO_LARGE);
  EXPECT_EQ(read("\"" + std::string(kLineBytesMax + 9, 'a') + "\"").error.status, INTRAY_E_INVALID);
  EXPECT_EQ(read(std::string(kFileBytesMax + 1, '\n')).error.status, INTRAY_E_TOO_LARGE);
}

}  // namespace
}  // namespace intray::inventory
