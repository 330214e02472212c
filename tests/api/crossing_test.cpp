#include <gtest/gtest.h>

#include <intray/crossing.hpp>
#include <new>
#include <stdexcept>

namespace intray {
namespace {

intray_error empty_error() {
  intray_error error{};
  error.struct_size = sizeof error;
  return error;
}

std::string message_of(const intray_error& error) {
  return std::string(error.message, error.message_size);
}

TEST(TextTest, EmptyTextMayHaveNoAddress) {
  EXPECT_EQ(view(intray_str{nullptr, 0}), "");
  EXPECT_EQ(view(intray_bytes{nullptr, 0}), "");
  EXPECT_EQ(copy(intray_str{nullptr, 0}), "");
}

TEST(TextTest, ComesBackAsItWentWithNulBytesInside) {
  const std::string_view text("a\0b", 3);

  EXPECT_EQ(view(str(text)), text);
  EXPECT_EQ(view(bytes(text)), text);
}

TEST(ReportTest, FillsStatusAndMessageAndReturnsTheStatus) {
  auto error = empty_error();

  EXPECT_EQ(report(&error, INTRAY_E_DENIED, "not yours"), INTRAY_E_DENIED);

  EXPECT_EQ(error.status, INTRAY_E_DENIED);
  EXPECT_EQ(message_of(error), "not yours");
}

TEST(ReportTest, ACallerThatWantsNoMessageGetsTheStatusAlone) {
  EXPECT_EQ(report(nullptr, INTRAY_E_BUSY, "later"), INTRAY_E_BUSY);
}

TEST(ReportTest, AMessageOfExactlyTheRoomIsKeptWhole) {
  auto error = empty_error();

  report(&error, INTRAY_E_INTERNAL, std::string(sizeof error.message, 'x'));

  EXPECT_EQ(message_of(error), std::string(sizeof error.message, 'x'));
}

// The room is 496 bytes: the euro sign's 3 bytes start 1, 2 or 3 bytes before its end.
TEST(ReportTest, ALongMessageIsCutBeforeTheCodePointThatDoesNotFit) {
  for (const std::size_t lead : {495U, 494U}) {
    auto error = empty_error();
    report(&error, INTRAY_E_INTERNAL, std::string(lead, 'x') + "\u20ac and more");
    EXPECT_EQ(message_of(error), std::string(lead, 'x'));
  }
  auto error = empty_error();
  report(&error, INTRAY_E_INTERNAL, std::string(493, 'x') + "\u20ac and more");
  EXPECT_EQ(message_of(error), std::string(493, 'x') + "\u20ac");
}

TEST(ReportTest, AMessageOfStrayContinuationBytesIsNotReadBeforeItsStart) {
  auto error = empty_error();

  report(&error, INTRAY_E_INTERNAL, std::string(600, '\x80'));

  EXPECT_EQ(error.message_size, 0U);
}

TEST(ReportTest, NothingIsWrittenBeyondTheSizeThatTheCallerKnows) {
  auto error = empty_error();
  error.struct_size = offsetof(intray_error, message);

  EXPECT_EQ(report(&error, INTRAY_E_BUSY, "later"), INTRAY_E_BUSY);

  EXPECT_EQ(error.status, INTRAY_OK);
  EXPECT_EQ(error.message[0], '\0');
}

TEST(GuardTest, TurnsAResultIntoAStatusWithItsMessage) {
  auto error = empty_error();

  EXPECT_EQ(guard(&error, []() -> Result<void> { return {}; }), INTRAY_OK);
  EXPECT_EQ(guard(&error, []() -> Result<void> { return fail(INTRAY_E_CONFLICT, "changed"); }),
            INTRAY_E_CONFLICT);

  EXPECT_EQ(message_of(error), "changed");
}

TEST(GuardTest, LetsNoExceptionThrough) {
  auto error = empty_error();

  EXPECT_EQ(guard(&error, []() -> Result<void> { throw std::runtime_error("broken"); }),
            INTRAY_E_INTERNAL);
  EXPECT_EQ(message_of(error), "broken");
  EXPECT_EQ(guard(&error, []() -> Result<void> { throw 7; }), INTRAY_E_INTERNAL);
  EXPECT_EQ(guard(&error, []() -> Result<void> { throw std::bad_alloc(); }), INTRAY_E_NO_MEMORY);
}

TEST(ErrorSlotTest, GivesBackWhatTheOtherSideReported) {
  ErrorSlot error;

  const auto result = error.result(report(error, INTRAY_E_NOT_FOUND, "no such device"));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, INTRAY_E_NOT_FOUND);
  EXPECT_EQ(result.error().message, "no such device");
  EXPECT_TRUE(error.result(INTRAY_OK));
}

TEST(ErrorSlotTest, BelievesNoMessageSizeThatIsLargerThanTheMessage) {
  ErrorSlot error;
  static_cast<intray_error*>(error)->message_size = 100000;

  const auto result = error.result(INTRAY_E_INTERNAL);

  EXPECT_EQ(result.error().message.size(), sizeof(intray_error::message));
}

// What a host function does with a visitor: calls it for each item, stops when told.
intray_status walk(int count, intray_status (*visit)(void*, const int*), void* user, int* visited) {
  for (*visited = 0; *visited < count;) {
    const int item = (*visited)++;
    if (const auto status = visit(user, &item); status != INTRAY_OK) return status;
  }
  return INTRAY_OK;
}

TEST(VisitorTest, VisitsEachItem) {
  int sum = 0;
  auto add = [&sum](int item) { sum += item; };
  Visitor<int, decltype(add)> visitor(add);
  ErrorSlot error;
  int visited = 0;

  const auto status = walk(4, &decltype(visitor)::call, &visitor, &visited);

  EXPECT_TRUE(visitor.result(status, error));
  EXPECT_EQ(sum, 6);
}

TEST(VisitorTest, AnExceptionWaitsUntilCHasReturnedAndStopsTheWalk) {
  auto refuse = [](int item) {
    if (item == 2) throw std::runtime_error("enough");
  };
  Visitor<int, decltype(refuse)> visitor(refuse);
  ErrorSlot error;
  int visited = 0;

  const auto status = walk(10, &decltype(visitor)::call, &visitor, &visited);

  EXPECT_EQ(status, INTRAY_E_CANCELLED);
  EXPECT_EQ(visited, 3);
  EXPECT_THROW((void)visitor.result(status, error).has_value(), std::runtime_error);
}

}  // namespace
}  // namespace intray
