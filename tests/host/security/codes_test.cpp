#include "host/security/codes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace intray::security {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr store::UnixNs kNow = 1'800'000'000 * store::kSecondNs;
constexpr store::UnixNs kMinute = 60 * store::kSecondNs;

class Codes : public ::testing::Test {
 protected:
  std::string code(std::uint64_t generation, std::uint64_t epoch = 1) const {
    return derive_code(key_, epoch, {"C001", "D1", "service-x", generation, nonce_}).reveal();
  }
  Candidate candidate(Life life, std::uint64_t generation) const {
    return {life, generation, nonce_};
  }
  Judgement attempt(const std::string& code, const std::vector<Candidate>& candidates,
                    std::uint64_t epoch = 1) {
    auto judged = judge(key_, epoch, {"C001", "D1", "service-x", code}, candidates, tries_, now_);
    for (const auto& operation : judged.operations) {
      if (const auto* put = std::get_if<store::PutTries>(&operation)) tries_ = put->tries;
    }
    return judged;
  }
  static std::vector<std::string> topics(const Judgement& judged) {
    std::vector<std::string> topics;
    for (const auto& operation : judged.operations) {
      if (const auto* event = std::get_if<store::Event>(&operation)) {
        topics.push_back(event->topic + " " + event->outcome);
      }
    }
    return topics;
  }

  Secret key_{std::string(32, 'k')};
  std::string nonce_ = std::string(16, 'n');
  store::Tries tries_;
  store::UnixNs now_ = kNow;
};

TEST_F(Codes, DifferInEveryThingTheyAreBoundTo) {
  const CodeSubject subject{"C001", "D1", "service-x", 1, nonce_};
  std::set<std::string> codes{derive_code(key_, 1, subject).reveal(),
                              derive_code(key_, 2, subject).reveal(),
                              derive_code(Secret("other"), 1, subject).reveal()};
  auto other = subject;
  other.customer = "C002";
  codes.insert(derive_code(key_, 1, other).reveal());
  other = subject;
  other.device_id = "D2";
  codes.insert(derive_code(key_, 1, other).reveal());
  other = subject;
  other.service = "service-y";
  codes.insert(derive_code(key_, 1, other).reveal());
  other = subject;
  other.generation = 2;
  codes.insert(derive_code(key_, 1, other).reveal());
  other = subject;
  other.nonce = std::string(16, 'm');
  codes.insert(derive_code(key_, 1, other).reveal());
  EXPECT_THAT(codes, SizeIs(8));
  for (const auto& each : codes) EXPECT_THAT(each, SizeIs(26));
}

TEST_F(Codes, ThatMatchAnOpenEnrolmentAreAccepted) {
  const auto judged = attempt(code(2), {candidate(Life::kOpen, 2), candidate(Life::kEnded, 1)});
  EXPECT_EQ(judged.verdict, Verdict::kMatch);
  EXPECT_EQ(judged.candidate, 0U);
  EXPECT_THAT(judged.operations, IsEmpty());
}

TEST_F(Codes, OfAnEndedEnrolmentOrAnEarlierEpochAreGone) {
  const auto ended = attempt(code(1), {candidate(Life::kOpen, 2), candidate(Life::kEnded, 1)});
  EXPECT_EQ(ended.verdict, Verdict::kEnded);
  EXPECT_EQ(ended.candidate, 1U);
  EXPECT_THAT(topics(ended), ::testing::ElementsAre("registration.refused ended"));
  EXPECT_EQ(attempt(code(2, 1), {candidate(Life::kOpen, 2)}, 3).verdict, Verdict::kEnded);
}

TEST_F(Codes, ThatAreOverAreLoggedTenTimesAndThenLocked) {
  const std::vector<Candidate> ended = {candidate(Life::kEnded, 1)};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(attempt(code(1), ended).verdict, Verdict::kEnded);
  EXPECT_THAT(topics(attempt(code(1), ended)),
              ::testing::ElementsAre("registration.refused ended", "registration.locked locked"));
  const auto locked = attempt(code(1), ended);
  EXPECT_EQ(locked.verdict, Verdict::kLocked);
  EXPECT_THAT(topics(locked), IsEmpty());
}

TEST_F(Codes, ThatAreWrongOrMissingAreCountedWithOneLogRowEach) {
  const auto wrong = attempt("ABCDEFGHIJKLMNOPQRSTUVWXYZ", {candidate(Life::kOpen, 1)});
  EXPECT_EQ(wrong.verdict, Verdict::kWrong);
  EXPECT_THAT(topics(wrong), ::testing::ElementsAre("registration.refused wrong"));
  EXPECT_THAT(topics(attempt("", {})), ::testing::ElementsAre("registration.refused missing"));
  EXPECT_EQ(tries_.wrong, 2U);
  EXPECT_EQ(attempt(code(1), {candidate(Life::kOpen, 1)}).verdict, Verdict::kMatch);
  EXPECT_EQ(tries_.wrong, 0U);
}

TEST_F(Codes, AreLockedAfterTenWrongTriesEvenTheRightOne) {
  for (int i = 0; i < 9; ++i) EXPECT_EQ(attempt("X", {}).verdict, Verdict::kWrong);
  const auto tenth = attempt("X", {});
  EXPECT_THAT(topics(tenth),
              ::testing::ElementsAre("registration.refused wrong", "registration.locked locked"));
  const std::vector<Candidate> open = {candidate(Life::kOpen, 1)};
  const auto locked = attempt(code(1), open);
  EXPECT_EQ(locked.verdict, Verdict::kLocked);
  EXPECT_EQ(locked.locked_until, kNow + 15 * kMinute);
  EXPECT_THAT(topics(locked), IsEmpty());

  now_ += 15 * kMinute;
  const auto after = attempt(code(1), open);
  EXPECT_EQ(after.verdict, Verdict::kMatch);
  EXPECT_THAT(topics(after), ::testing::ElementsAre("registration.refused locked"));
  const auto& row = std::get<store::Event>(after.operations[0]);
  EXPECT_THAT(row.payload, HasSubstr("\"count\":1"));
}

TEST_F(Codes, OfARegisteredDeviceAreAnsweredEvenWhenLocked) {
  for (int i = 0; i < 10; ++i) attempt("X", {});
  EXPECT_EQ(attempt(code(1), {candidate(Life::kRegistered, 1)}).verdict, Verdict::kMatch);
}

TEST_F(Codes, LockLongerEachTimeUpToADay) {
  std::vector<store::UnixNs> minutes;
  for (int lock = 0; lock < 9; ++lock) {
    for (int i = 0; i < 10; ++i) attempt("X", {});
    minutes.push_back((tries_.locked_until - now_) / kMinute);
    now_ = tries_.locked_until;
  }
  EXPECT_THAT(minutes, ::testing::ElementsAre(15, 30, 60, 120, 240, 480, 960, 1440, 1440));
}

TEST_F(Codes, AreShownMasked) { EXPECT_EQ(masked(Secret("ABCDEFGH")), "ABCD…"); }

}  // namespace
}  // namespace intray::security
