extern "C" {
#include "device_sdk/src/record.h"
#include "device_sdk/src/text.h"
}
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace {

intray_record sample() {
  intray_record record;
  intray_record_begin(&record);
  intray_record_number(&record, 0x0102030405060708u, 8);
  intray_record_text(&record, "text", 4);
  intray_record_seal(&record);
  return record;
}

TEST(DeviceRecordTest, ReadsBackWhatItWrote) {
  auto record = sample();
  char text[5];
  intray_record_open(&record, record.size);

  EXPECT_EQ(intray_record_take_number(&record, 8), 0x0102030405060708u);
  intray_record_take_text(&record, text, sizeof text);
  EXPECT_STREQ(text, "text");
  EXPECT_TRUE(intray_record_ended(&record));
}

TEST(DeviceRecordTest, FindsEveryFlippedBitAndEveryMissingByte) {
  const auto whole = sample();
  for (std::size_t bit = 0; bit < whole.size * 8; ++bit) {
    auto record = whole;
    record.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    intray_record_open(&record, whole.size);
    EXPECT_FALSE(record.sound) << bit;
  }
  for (std::size_t size = 0; size < whole.size; ++size) {
    auto record = whole;
    intray_record_open(&record, size);
    EXPECT_FALSE(record.sound) << size;
  }
}

TEST(DeviceRecordTest, TextThatDoesNotFitIsNotTaken) {
  auto record = sample();
  char text[4];
  intray_record_open(&record, record.size);
  intray_record_take_number(&record, 8);

  intray_record_take_text(&record, text, sizeof text);

  EXPECT_FALSE(intray_record_ended(&record));
  EXPECT_STREQ(text, "");
}

TEST(DeviceTextTest, SaysWhenItCutsSomethingOff) {
  char buffer[8];
  auto text = intray_text_in(buffer, sizeof buffer);
  intray_text_add(&text, "1234567");
  EXPECT_FALSE(text.cut);
  intray_text_add_number(&text, 8);
  EXPECT_TRUE(text.cut);
  EXPECT_STREQ(buffer, "1234567");
}

TEST(DeviceTextTest, QuotesWhatJsonWouldTakeForItsOwn) {
  char buffer[64];
  auto text = intray_text_in(buffer, sizeof buffer);
  intray_text_add_quoted(&text, "a\"b\\c\nx\x7f");
  EXPECT_STREQ(buffer, R"("a\"b\\c x ")");
}

TEST(DeviceTextTest, SecondsAreWholeNumbersWithinTheirLimit) {
  std::uint32_t seconds = 0;
  EXPECT_TRUE(intray_seconds(" 17 ", 100, &seconds));
  EXPECT_EQ(seconds, 17U);
  EXPECT_TRUE(intray_seconds("99999999999999999999999999", 100, &seconds));
  EXPECT_EQ(seconds, 100U);
  for (const char* text : {"", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "1 2"}) {
    EXPECT_FALSE(intray_seconds(text, 100, &seconds)) << text;
  }
  EXPECT_FALSE(intray_seconds(nullptr, 100, &seconds));
}

TEST(DeviceTextTest, Base64UrlOfKnownBytes) {
  std::uint8_t bytes[32];
  for (int i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(i * 8 + 7);
  char text[44];
  intray_base64url(text, bytes);
  // python3 -c "import base64; print(base64.urlsafe_b64encode(bytes(i*8+7 for i in range(32))))"
  EXPECT_STREQ(text, "Bw8XHycvNz9HT1dfZ293f4ePl5-nr7e_x8_X3-fv9_8");
}

}  // namespace
