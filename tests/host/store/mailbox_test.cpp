#include "tests/host/store/fixture.hpp"

namespace intray::store {
namespace {

using ::testing::IsEmpty;

class Mailbox : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    must({PutDevice{device("D1")}, PutDevice{device("D2")}});
  }
  std::vector<Mail> mailbox(UnixNs now = 0) {
    const auto snapshot = this->snapshot();
    return snapshot.customer("C001").mailbox("D1", now, 10);
  }
  ServiceCounts counts() {
    const auto snapshot = this->snapshot();
    return snapshot.customer("C001").counts("service-x");
  }
};

TEST_F(Mailbox, HoldsInstructionsInTheOrderTheyWereSent) {
  must({send("D1", "register/service-x/1")});
  must({send("D1", "stop/service-x/1")});
  const auto mails = mailbox();
  ASSERT_EQ(mails.size(), 2U);
  EXPECT_EQ(mails[0].reference, "register/service-x/1");
  EXPECT_LT(mails[0].sequence, mails[1].sequence);
  EXPECT_EQ(mails[0].sent, now_);
  EXPECT_EQ(counts().waiting, 2U);
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Mailbox, TakesAReferenceOnlyOnce) {
  must({send("D1", "register/service-x/1")});
  EXPECT_EQ(status_of({send("D1", "register/service-x/1")}), INTRAY_E_CONFLICT);
  EXPECT_EQ(mailbox().size(), 1U);
}

TEST_F(Mailbox, OfADeviceThatIsNotHeldTakesNothing) {
  EXPECT_EQ(status_of({send("D9", "register/service-x/1")}), INTRAY_E_NOT_FOUND);
  EXPECT_EQ(status_of({send("D1", "register/service-x/1")}, "C002"), INTRAY_E_NOT_FOUND);
}

TEST_F(Mailbox, IsFullAtItsLimit) {
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < kMailboxRowsMax; ++i) {
    operations.emplace_back(send("D1", "r" + std::to_string(i)));
  }
  must(std::move(operations));
  EXPECT_EQ(status_of({send("D1", "one too many")}), INTRAY_E_TOO_LARGE);
}

TEST_F(Mailbox, ForgetsWhatIsTakenOff) {
  must({send("D1", "r")});
  must({TakeOff{"D1", "r"}});
  EXPECT_THAT(mailbox(), IsEmpty());
  EXPECT_EQ(counts().waiting, 0U);
  const auto snapshot = this->snapshot();
  EXPECT_THAT(snapshot.customer("C001").acquired("D1", 10), IsEmpty());
  must({TakeOff{"D1", "r"}});
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Mailbox, KeepsWhatIsTakenOffWhenTheCustomerWantsIt) {
  CustomerSettings settings;
  settings.keep_acquired = true;
  must({PutSettings{settings}, send("D1", "r")});
  now_ += kSecondNs;
  must({TakeOff{"D1", "r"}});
  EXPECT_THAT(mailbox(), IsEmpty());
  {
    const auto snapshot = this->snapshot();
    const auto acquired = snapshot.customer("C001").acquired("D1", 10);
    ASSERT_EQ(acquired.size(), 1U);
    EXPECT_EQ(acquired[0].mail.reference, "r");
    EXPECT_EQ(acquired[0].taken_off, now_);
  }
  now_ += kAcquiredKeptNs;
  must({Purge{}});
  const auto snapshot = this->snapshot();
  EXPECT_THAT(snapshot.customer("C001").acquired("D1", 10), IsEmpty());
}

TEST_F(Mailbox, HidesWhatIsDeferredUntilItsTime) {
  must({send("D1", "r")});
  must({Defer{"D1", "r", now_ + 60 * kSecondNs}});
  EXPECT_THAT(mailbox(now_), IsEmpty());
  EXPECT_EQ(mailbox().size(), 1U);
  EXPECT_EQ(mailbox(now_ + 60 * kSecondNs).size(), 1U);
}

TEST_F(Mailbox, NeverReusesASequence) {
  must({send("D1", "a")});
  const auto first = mailbox()[0].sequence;
  must({TakeOff{"D1", "a"}});
  must({send("D1", "b")});
  EXPECT_GT(mailbox()[0].sequence, first);
}

TEST_F(Mailbox, AllOfACustomerAreWalkedInPages) {
  must({send("D1", "a"), send("D1", "b"), send("D2", "c")});
  const auto snapshot = this->snapshot();
  const auto view = snapshot.customer("C001");
  const auto first = view.mailboxes("", 0, 2);
  ASSERT_EQ(first.size(), 2U);
  const auto rest = view.mailboxes(first[1].device_id, first[1].sequence, 2);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].reference, "c");
  EXPECT_EQ(view.mail("D2", rest[0].sequence)->reference, "c");
  EXPECT_FALSE(view.mail("D1", rest[0].sequence));
}

TEST_F(Mailbox, EntitlementsCallTheirHookOnce) {
  must({Entitle{"D1", "service-x", "{}"}});
  must({Entitle{"D1", "service-x", R"({"again":true})"}});
  {
    const auto snapshot = this->snapshot();
    const auto outbox = snapshot.outbox(0, 10);
    ASSERT_EQ(outbox.size(), 1U);
    EXPECT_EQ(outbox[0].kind, "registered");
    EXPECT_EQ(snapshot.customer("C001").entitlement("service-x", "D1")->answer,
              R"({"again":true})");
    EXPECT_EQ(snapshot.customer("C001").counts("service-x").registered, 1U);
  }
  must({Disentitle{"D1", "service-x", 1}, Disentitle{"D1", "service-x", 1}});
  const auto snapshot = this->snapshot();
  const auto outbox = snapshot.outbox(0, 10);
  ASSERT_EQ(outbox.size(), 2U);
  EXPECT_EQ(outbox[1].kind, "stopped");
  must({EraseOutbox{outbox[0].sequence}, EraseOutbox{outbox[1].sequence}});
  EXPECT_THAT(this->snapshot().outbox(0, 10), IsEmpty());
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Mailbox, EntitlementsAreWalkedByServiceAndDevice) {
  must({Entitle{"D1", "service-x", ""}, Entitle{"D2", "service-x", ""},
        Entitle{"D1", "service-y", ""}});
  const auto snapshot = this->snapshot();
  const auto view = snapshot.customer("C001");
  EXPECT_EQ(view.entitlements("service-x", "", "", 10).size(), 2U);
  EXPECT_EQ(view.entitlements("", "", "", 10).size(), 3U);
  const auto rest = view.entitlements("", "service-x", "D1", 10);
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].device_id, "D2");
}

}  // namespace
}  // namespace intray::store
