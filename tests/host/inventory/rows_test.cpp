#include "host/inventory/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intray::inventory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kHeader = "customer,model,device,address\n";

std::string with_header(std::string_view rows) { return std::string(kHeader) + std::string(rows); }

// The reason why the only row is refused; empty when it is taken.
std::string reason_of(std::string_view row) {
  const auto text = with_header(row);
  const auto rows = read_rows(text);
  EXPECT_TRUE(rows) << rows.error().message;
  if (!rows || rows->rejected.empty()) return {};
  EXPECT_EQ(rows->rejected[0].line, 2U);
  return rows->rejected[0].reason;
}

std::string error_of(std::string_view text) {
  const auto rows = read_rows(text);
  if (rows) return {};
  EXPECT_EQ(rows.error().status, INTRAY_E_INVALID);
  return rows.error().message;
}

TEST(RowsTest, ReadsAllColumnsInAnyOrder) {
  const auto rows = read_rows(
      "performance,name,firmware,serial,vendor,address,device,model,customer\n"
      "30,\"2nd floor, left\",1.2,S1,Acme,10.0.0.1,D1,MFP X100,C1\n");

  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->rows.size(), 1U);
  const auto& row = rows->rows[0];
  EXPECT_EQ(row.customer, "C1");
  EXPECT_EQ(row.model, "MFP X100");
  EXPECT_EQ(row.device_id, "D1");
  EXPECT_EQ(row.address, "10.0.0.1");
  EXPECT_EQ(row.name, "2nd floor, left");
  EXPECT_EQ(row.performance, 30U);
  EXPECT_EQ(row.line, 2U);
  EXPECT_THAT(rows->rejected, IsEmpty());
}

TEST(RowsTest, AnUnknownColumnIsNamedWithTheClosestKnownOne) {
  const auto error = error_of("customer,model,device,addr3ss\n");

  EXPECT_THAT(error, HasSubstr("'addr3ss'"));
  EXPECT_THAT(error, HasSubstr("'address'"));
  EXPECT_THAT(error_of("customer,model,device,address,model\n"),
              HasSubstr("'model' is named twice"));
  EXPECT_THAT(error_of("customer,model,address\n"), HasSubstr("'device' is missing"));
  EXPECT_THAT(error_of(""), HasSubstr("'customer' is missing"));
  EXPECT_THAT(error_of(kHeader), HasSubstr("no device"));
}

TEST(RowsTest, EachWrongValueIsNamedInWords) {
  EXPECT_EQ(reason_of("C1,M1,D1,10.0.0.1\n"), "");
  EXPECT_THAT(reason_of("C 1,M1,D1,10.0.0.1\n"), HasSubstr("customer 'C 1'"));
  EXPECT_THAT(reason_of(",M1,D1,10.0.0.1\n"), HasSubstr("customer ''"));
  EXPECT_THAT(reason_of(std::string(65, 'C') + ",M1,D1,10.0.0.1\n"), HasSubstr("1 to 64"));
  EXPECT_THAT(reason_of("C1,M1,D/1,10.0.0.1\n"), HasSubstr("device 'D/1'"));
  EXPECT_THAT(reason_of("C1,,D1,10.0.0.1\n"), HasSubstr("model is missing"));
  EXPECT_THAT(reason_of("C1, M1,D1,10.0.0.1\n"), HasSubstr("model ' M1'"));
  EXPECT_THAT(reason_of("C1,M\xFF,D1,10.0.0.1\n"), HasSubstr("model 'M?'"));
  EXPECT_THAT(reason_of("C1,\"M\n1\",D1,10.0.0.1\n"), HasSubstr("model 'M?1'"));
  EXPECT_THAT(reason_of("C1,M1,D1,\n"), HasSubstr("address '' is missing"));
  EXPECT_THAT(reason_of("C1,M1,D1,10.0.0.256\n"), HasSubstr("'10.0.0.256' is no valid IPv4"));
  EXPECT_THAT(reason_of("C1,M1,D1\n"), HasSubstr("3 fields, the header names 4"));
  EXPECT_THAT(reason_of("\nC1,M1,D1,10.0.0.1\n"), HasSubstr("empty"));
}

TEST(RowsTest, PerformanceIsAWholeNumberOrNotKnown) {
  const auto rows = read_rows(
      "customer,model,device,address,performance\n"
      "C1,M1,D1,a,\nC1,M1,D2,a,4294967295\nC1,M1,D3,a,4294967296\nC1,M1,D4,a,-1\nC1,M1,D5,a,1.5\n");

  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->rows[0].performance, 0U);
  EXPECT_EQ(rows->rows[1].performance, 4294967295U);
  ASSERT_EQ(rows->rejected.size(), 3U);
  EXPECT_THAT(rows->rejected[0].reason, HasSubstr("performance '4294967296'"));
}

TEST(RowsTest, ARepeatedDeviceIdIsRefusedAndTheOtherLineNamed) {
  const auto text = with_header("C1,M1,D1,a\nC1,M1,D2,a\nC2,M2,D1,b\n");
  const auto rows = read_rows(text);

  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->rejected.size(), 1U);
  EXPECT_EQ(rows->rejected[0].line, 4U);
  EXPECT_EQ(rows->rejected[0].device_id, "D1");
  EXPECT_THAT(rows->rejected[0].reason, HasSubstr("line 2"));
}

TEST(RowsTest, ListsTheFirstRejectedRowsAndCountsAll) {
  auto text = std::string(kHeader);
  for (std::size_t i = 0; i < kListedRowsMax + 5; ++i) text += "C1,M1,,a\n";
  const auto rows = read_rows(text);

  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->rejected.size(), kListedRowsMax);
  EXPECT_EQ(rows->rejected_count, kListedRowsMax + 5);
}

TEST(RowsTest, RefusesMoreRowsThanTheLimit) {
  auto text = std::string(kHeader);
  for (std::size_t i = 0; i <= kRowsMax; ++i) text += "C1,M1,D,a\n";

  EXPECT_EQ(read_rows(text).error().status, INTRAY_E_TOO_LARGE);
}

}  // namespace
}  // namespace intray::inventory
