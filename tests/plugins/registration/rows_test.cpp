// Rows that are not as this plugin writes them: unreadable as a whole, never guessed at, and never
// the end of the process. tests/fuzz/fuzz_registration_rows.cpp looks for more.
#include <boost/json.hpp>

#include "plugins/registration/application.hpp"
#include "plugins/registration/changes.hpp"
#include "plugins/registration/format.hpp"
#include "plugins/registration/row.hpp"
#include "plugins/registration/wake_refusals.hpp"
#include "plugins/registration/wake_run.hpp"
#include "tests/plugins/registration/fixture.hpp"

namespace intray::registration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A value with one member put in another's place.
std::string with(const std::string& value, std::string_view member, std::string_view json) {
  auto object = boost::json::parse(value).as_object();
  object[member] = boost::json::parse(json);
  return boost::json::serialize(object);
}

template <class Decoded>
void expect_unreadable(const Result<Decoded>& decoded, const std::string& key,
                       const std::string& what) {
  ASSERT_FALSE(decoded) << what;
  EXPECT_EQ(decoded.error().status, INTRAY_E_INTERNAL) << what;
  EXPECT_THAT(decoded.error().message, HasSubstr("the row '" + key + "'")) << what;
}

std::string enrolment_value() {
  Enrolment enrolment;
  enrolment.generation = 2;
  enrolment.nonce = std::string(kNonceBytes, 'n');
  enrolment.ended.add({1, std::string(kNonceBytes, 'e')});
  return encode(enrolment);
}

void expect_bad_enrolment(std::string_view member, std::string_view json) {
  const StoredRow row{"enrolment D1 service-x", with(enrolment_value(), member, json), 1};
  expect_unreadable(decode_enrolment(row), row.key, row.value);
}

TEST(RowsTest, AnEndedGenerationThatIsNoNumberOrOutOfRangeMakesItsRowUnreadable) {
  const std::string nonce(2 * kNonceBytes, 'a');
  for (const std::string generation :
       {"", "0", "-1", "+1", " 1", "01", "1.5", "1e300", "x", "18446744073709551615",
        "18446744073709551616", "9007199254740992"}) {
    expect_bad_enrolment("ended", '"' + generation + ":" + nonce + '"');
  }
}

TEST(RowsTest, ANonceThatIsNotSixteenBytesInHexMakesItsRowUnreadable) {
  for (const std::string nonce : {"", "00", "zz", "0", "AABBCCDDEEFF00112233445566778899"}) {
    expect_bad_enrolment("nonce", '"' + nonce + '"');
    expect_bad_enrolment("ended", "\"1:" + nonce + '"');
  }
}

TEST(RowsTest, EndedGenerationsThatAreNotListedAsWrittenMakeTheirRowUnreadable) {
  const auto one = "1:" + std::string(2 * kNonceBytes, 'a');
  for (const std::string& list : {" " + one, one + " ", one + "  " + one, one + one,
                                  one + "," + one, one + " 2", one + "a"}) {
    expect_bad_enrolment("ended", '"' + list + '"');
  }
  for (const auto* json : {"null", "[]", "1", "{}"}) expect_bad_enrolment("ended", json);
}

TEST(RowsTest, ATimeThatNothingCanBeAddedToMakesItsRowUnreadable) {
  for (const std::string time : {"-1", "9000000000000000001", "9223372036854775807"}) {
    expect_bad_enrolment("since", time);
    expect_bad_enrolment("expires", time);
    const StoredRow row{"application a1", with(encode(Application()), "created", time), 1};
    expect_unreadable(decode_application(row), row.key, row.value);
  }
}

TEST(RowsTest, ACountThatNothingCanBeAddedToMakesItsRowUnreadable) {
  for (const std::string count : {"-1", "9007199254740992", "9223372036854775807"}) {
    expect_bad_enrolment("generation", count);
    for (const std::string member : {"expected", "skipped"}) {
      const StoredRow row{"application a1", with(encode(Application()), member, count), 1};
      expect_unreadable(decode_application(row), row.key, row.value);
    }
  }
}

TEST(RowsTest, ARowUnderAKeyThatItWouldNotBeWrittenUnderIsUnreadable) {
  for (const std::string key : {"member D1 x", "enrolment D1 x more", "enrolment D1", "", " "}) {
    expect_unreadable(decode_enrolment({key, enrolment_value(), 1}), key, key);
  }
  expect_unreadable(decode_application({"application a1 b", encode(Application()), 1}),
                    "application a1 b", "application");
  expect_unreadable(decode_member({"member a1 D1 more", encode(Member()), 1}), "member a1 D1 more",
                    "member");
}

// ---- wakes ------------------------------------------------------------------------------------

Wake small_wake() {
  Wake wake;
  wake.application = "a1";
  wake.roots = 1;
  wake.fanout = 2;
  wake.step_ms = 1000;
  return wake;
}

std::string wake_value() {
  Batch batch;
  put(batch, small_wake());
  return std::string(view(batch.ops().front().value));
}

TEST(RowsTest, AWakeIsReadBackAsItWasWritten) {
  const auto read = decode_wake({"wake a1", wake_value(), 4});
  ASSERT_TRUE(read) << read.error().message;
  Batch batch;
  put(batch, *read);
  EXPECT_EQ(view(batch.ops().front().value), wake_value());
}

TEST(RowsTest, ANumberOfAWakeThatDoesNotFitIsNotCutShort) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {"step_ms", "4294967297"}, {"port", "65537"},  {"polls", "4294967297"},
      {"fanout", "9"},           {"roots", "-1"},    {"made", "9223372036854775807"},
      {"devices", "1.0"},        {"step_ms", "1e9"},
  };
  for (const auto& [member, json] : all) {
    const StoredRow row{"wake a1", with(wake_value(), member, json), 1};
    expect_unreadable(decode_wake(row), row.key, row.value);
  }
}

TEST(RowsTest, AWakeWithoutFanoutWouldRepairForEverAndIsUnreadable) {
  for (const std::string member : {"fanout", "roots"}) {
    const StoredRow row{"wake a1", with(wake_value(), member, "0"), 1};
    expect_unreadable(decode_wake(row), row.key, row.value);
  }
}

TEST(RowsTest, NodesThatAreNotAsWrittenAreUnreadable) {
  for (const std::string node :
       {R"(["D1","h",18446744073709551615,0])", R"(["D1","h",-1,0])", R"(["D1","h",1.0,0])",
        R"(["D1","h","1",0])", R"(["D1","h",0,65536])", R"(["D1","",0,0])", R"(["D1","h",0])",
        R"([1,"h",0,0])", "7", "[]"}) {
    const StoredRow row{"wake-nodes a1 p 000000", R"({"v":1,"nodes":[)" + node + "]}", 1};
    expect_unreadable(decode_nodes(row), row.key, node);
  }
}

TEST(RowsTest, NodesThatAreNoWholeTreeAreNoPlan) {
  const auto wake = small_wake();
  EXPECT_TRUE(plan_of(wake, {{"A", "a", 2, 0}, {"B", "b", 0, 1}, {"C", "c", 0, 1}}));
  // More children than any sum can hold; a node that is its own child; one that is nobody's; none.
  EXPECT_FALSE(plan_of(wake, {{"A", "a", std::size_t(0) - 1, 0}, {"B", "b", 0, 1}}));
  EXPECT_FALSE(plan_of(wake, {{"A", "a", 0, 0}, {"B", "b", 1, 1}}));
  EXPECT_FALSE(plan_of(wake, {{"A", "a", 0, 0}, {"B", "b", 0, 1}}));
  EXPECT_FALSE(plan_of(wake, {{"A", "a", 1, 0}, {"A", "b", 0, 1}}));
  EXPECT_FALSE(plan_of(wake, {}));
}

TEST(RowsTest, TurnsBeforeAParentsOrAfterTheCommandsEndAreNoPlan) {
  const auto wake = small_wake();
  EXPECT_TRUE(plan_of(
      wake,
      {{"A", "a", 2, 0}, {"B", "b", 1, 1}, {"C", "c", 1, 2}, {"D", "d", 0, 4}, {"E", "e", 0, 3}}))
      << "branches take turns";
  EXPECT_FALSE(plan_of(wake, {{"A", "a", 2, 1}, {"B", "b", 0, 1}, {"C", "c", 0, 0}}));
  EXPECT_TRUE(plan_of(wake, {{"A", "a", 1, 0}, {"B", "b", 0, 540}}));
  EXPECT_FALSE(plan_of(wake, {{"A", "a", 1, 0}, {"B", "b", 0, 541}}));
}

TEST(RowsTest, ARefusalIsReadBackAsItWasWrittenAndNoTargetIsPassedOver) {
  Batch batch;
  put_refusal(batch, small_wake(), "D1", 7, "no clock", {"D2", "D3"});
  const auto& op = batch.ops().front();
  StoredRow row{std::string(view(op.key)), std::string(view(op.value)), 1};
  const auto read = decode_refusal(row);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->refused.relay, "D1");
  EXPECT_THAT(read->targets, ElementsAre("D2", "D3"));
  row.value = with(row.value, "targets", R"(["D2",3])");
  expect_unreadable(decode_refusal(row), row.key, row.value);
}

// ---- beside rows ------------------------------------------------------------------------------

TEST(RowsTest, AnInstructionIsAboutNobodyUnlessItNamesAServiceAndAGeneration) {
  const auto subject = subject_of(R"({"service":"x","generation":3,"nonce":"00"})");
  ASSERT_TRUE(subject);
  EXPECT_EQ(subject->generation, 3U);
  EXPECT_TRUE(subject->has_nonce);
  for (const std::string payload :
       {"", "[]", R"({"service":"x"})", R"({"service":"x","generation":-1})",
        R"({"service":"x","generation":1e3})", R"({"service":1,"generation":1})"}) {
    EXPECT_FALSE(subject_of(payload)) << payload;
  }
}

TEST(RowsTest, ARelayWakeOfNestedOrHugePartsAsksForNothing) {
  const std::string deep(100'000, '[');
  EXPECT_THAT(asked_in(deep).targets, IsEmpty());
  const auto asked = asked_in(R"({"wake":{"targets":["D1",2],"children":[1e300]}})");
  EXPECT_THAT(asked.targets, ElementsAre("D1"));
  EXPECT_EQ(asked.own, 0U);
  EXPECT_THAT(dead_in("dead 1 18446744073709551616"), IsEmpty());
}

TEST(RowsTest, CountersOfAnyBytesCanBeAddedUp) {
  Counts counts;
  counts.by_state.fill(counter_of("\xff\xff\xff\xff\xff\xff\xff\x7f"));
  EXPECT_EQ(counts.total(), static_cast<std::int64_t>(kStates * kCountMax));
  counts.by_state.fill(counter_of(std::string("\0\0\0\0\0\0\0\x80", 8)));
  EXPECT_EQ(counts.total(), -static_cast<std::int64_t>(kStates * kCountMax));
  EXPECT_EQ(counter_of("\xff\xff\xff\xff\xff\xff\xff\xff"), -1);
}

TEST_F(RegistrationTest, AnEntitlementThatDoesNotTellSinceWhenIsShownWithoutATime) {
  applied(R"({"service":"service-x"})");
  ASSERT_EQ(register_device("D10010101"), 200U);
  auto& stored = host_.store.entitlements.at({"C001", "service-x", "D10010101"});
  for (const std::string value : {"", "[]", R"({"registered_at":{"deep":[1]}})", "{}"}) {
    stored = value;
    const auto list = json(get("/v1/entitlements?service=service-x"));
    ASSERT_EQ(list.at("items").as_array().size(), 1U) << value;
    EXPECT_TRUE(list.at("items").at(0).at("since").is_null()) << value;
  }
}

}  // namespace
}  // namespace intray::registration
