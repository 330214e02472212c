#include "host/security/wake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/security/keys.hpp"
#include "host/security/wake_bytes.hpp"

namespace intray::security {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::int64_t kNow = 1'800'000'000;

// A root with all the others below it.
std::vector<WakeTarget> flat(std::size_t count, const std::string& address) {
  std::vector<WakeTarget> targets;
  for (std::size_t i = 0; i < count; ++i) targets.push_back({"D" + std::to_string(i), address});
  targets.front().children = static_cast<std::uint8_t>(count - 1);
  return targets;
}

class Wake : public ::testing::Test {
 protected:
  Result<Secret> mint(const WakeOrder& order, const std::string& customer = "C001") const {
    return mint_wake(key_, customer, order, kNow);
  }
  std::string public_key(const std::string& customer = "C001") const {
    return wake_public_key(key_, customer);
  }
  intray_status refusal(const WakeOrder& order) const {
    const auto token = mint(order);
    return token ? INTRAY_OK : token.error().status;
  }

  Secret key_{std::string(32, 'w')};
  WakeOrder order_{.plain_http = true,
                   .port = 8080,
                   .first_relays_only = true,
                   .at_is_unix = true,
                   .at_s = kNow + 90,
                   .step_ms = 200,
                   .ttl_s = 300,
                   .targets = {{"D10010101", "111.222.111.1", 2, 0},
                               {"D10020102", "2001:db8::2", 1, 1},
                               {"D10020103", "dev1.aaa.bbb.com", 0, 1},
                               {"D10020104", "111.222.111.4", 0, 65535}}};
};

TEST_F(Wake, CarriesEverythingThatTheOrderSays) {
  const auto token = mint(order_);
  ASSERT_TRUE(token) << token.error().message;

  const auto command = read_wake(token->reveal(), public_key());

  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(command->expires_unix_s, kNow + 300);
  EXPECT_THAT(command->tags, ElementsAre(wake_tag("D10010101"), wake_tag("D10020102"),
                                         wake_tag("D10020103"), wake_tag("D10020104")));
  auto order = command->order;
  for (std::size_t i = 0; i < order.targets.size(); ++i) {
    EXPECT_EQ(order.targets[i].device_id, "");
    order.targets[i].device_id = order_.targets[i].device_id;
  }
  EXPECT_EQ(order, order_);
}

TEST_F(Wake, HasTheSizesThatItsPageNames) {
  const auto token = mint({.targets = flat(1, "10.0.0.1")});
  ASSERT_TRUE(token);
  const auto bytes = from_base64url(token->reveal());
  ASSERT_TRUE(bytes);
  EXPECT_EQ(bytes->size(), kWakeHeaderBytes + 16 + kWakeSignatureBytes);
  const auto largest = mint({.targets = flat(64, "10.0.0.1")});
  ASSERT_TRUE(largest);
  EXPECT_EQ(largest->reveal().size(), 1530U);
}

TEST_F(Wake, LaysItsBytesOutAsItsPageSays) {
  const auto token = mint(order_);
  ASSERT_TRUE(token);
  const auto bytes = *from_base64url(token->reveal());
  const auto at = [&](std::size_t from, std::size_t size) { return hex(bytes.substr(from, size)); };
  EXPECT_EQ(at(0, 4), "01071f90");
  EXPECT_EQ(at(4, 16), hex(from_base64url(public_key())->substr(0, 16)));
  EXPECT_EQ(at(36, 23),
            "000000006b49d32c"
            "012c"
            "000000006b49d25a"
            "000000c8"
            "04");
  EXPECT_EQ(at(67, 8),
            "02"
            "0000"
            "04"
            "6fde6f01");
  EXPECT_EQ(at(83, 4),
            "01"
            "0001"
            "06");
  EXPECT_EQ(at(111, 5),
            "00"
            "0001"
            "00"
            "10");
  EXPECT_EQ(bytes.substr(116, 16), "dev1.aaa.bbb.com");
}

TEST_F(Wake, HasANewIdEachTime) {
  EXPECT_NE(read_wake(mint(order_)->reveal(), public_key())->command_id,
            read_wake(mint(order_)->reveal(), public_key())->command_id);
}

TEST_F(Wake, IsRefusedWhenAnyOneBitIsAltered) {
  const auto bytes = *from_base64url(mint(order_)->reveal());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto altered = bytes;
      altered[i] = static_cast<char>(static_cast<unsigned char>(altered[i]) ^ (1U << bit));
      ASSERT_FALSE(read_wake(base64url(altered), public_key())) << "byte " << i << " bit " << bit;
    }
  }
}

TEST_F(Wake, IsRefusedWhenAnyCharacterOfItsTextIsAltered) {
  const auto token = mint(order_)->reveal();
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', 'z', '_', '=', '+', '%', '\0'}) {
      auto altered = token;
      altered[i] = other;
      if (altered != token) {
        ASSERT_FALSE(read_wake(altered, public_key())) << i << other;
      }
    }
  }
}

TEST_F(Wake, IsRefusedWhenItIsCutOrContinued) {
  const auto token = mint(order_)->reveal();
  for (std::size_t size = 0; size < token.size(); ++size) {
    ASSERT_FALSE(read_wake(token.substr(0, size), public_key())) << size;
  }
  EXPECT_FALSE(read_wake(token + "A", public_key()));
  EXPECT_FALSE(read_wake(token + "AAAA", public_key()));
  EXPECT_FALSE(read_wake(std::string(kWakeCharactersMax + 1, 'A'), public_key()));
}

TEST_F(Wake, BelongsToOneCustomerOfOneHost) {
  const auto token = mint(order_)->reveal();
  const auto other_customer = read_wake(token, public_key("C002"));
  ASSERT_FALSE(other_customer);
  EXPECT_EQ(other_customer.error().status, INTRAY_E_DENIED);
  EXPECT_THAT(other_customer.error().message, HasSubstr("another key"));
  EXPECT_FALSE(read_wake(token, wake_public_key(Secret("another host's key"), "C001")));
  EXPECT_FALSE(read_wake(token, ""));
}

TEST_F(Wake, IsRefusedWithAForeignSignatureUnderTheRightKeyId) {
  const auto mine = *from_base64url(mint(order_)->reveal());
  const auto theirs = *from_base64url(mint(order_, "C002")->reveal());
  const auto body = mine.substr(0, mine.size() - kWakeSignatureBytes);
  EXPECT_FALSE(read_wake(base64url(body + theirs.substr(body.size())), public_key()));
}

TEST_F(Wake, NamesAtMostSixtyFourDevicesOnce) {
  EXPECT_EQ(refusal({.targets = flat(64, "10.0.0.1")}), INTRAY_OK);
  EXPECT_EQ(refusal({.targets = flat(65, "10.0.0.1")}), INTRAY_E_TOO_LARGE);
  EXPECT_EQ(refusal({.targets = {}}), INTRAY_E_INVALID);
  EXPECT_EQ(refusal({.targets = {{"D1", "10.0.0.1", 1}, {"D1", "10.0.0.2"}}}), INTRAY_E_INVALID);
}

TEST_F(Wake, FitsTheBufferOfADevice) {
  const auto name = std::string(kWakeNameBytesMax, 'a');
  EXPECT_EQ(refusal({.targets = flat(25, name)}), INTRAY_OK);
  EXPECT_EQ(refusal({.targets = flat(26, name)}), INTRAY_E_TOO_LARGE);
}

TEST_F(Wake, TakesOnlyATreeThatIsWholeAndInOrder) {
  const auto tree = [](std::vector<std::uint8_t> children) {
    WakeOrder order;
    for (const auto count : children) {
      const auto name = std::to_string(order.targets.size());
      order.targets.push_back({"D" + name, "10.0.0." + name, count});
    }
    return order;
  };
  EXPECT_EQ(refusal(tree({3, 4, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})), INTRAY_OK);
  EXPECT_EQ(refusal(tree({1, 1, 1, 0})), INTRAY_OK);
  EXPECT_EQ(refusal(tree({0, 0})), INTRAY_E_INVALID);  // two roots
  EXPECT_EQ(refusal(tree({0, 1})), INTRAY_E_INVALID);  // nobody wakes the second
  EXPECT_EQ(refusal(tree({1})), INTRAY_E_INVALID);     // a child that is not there
  EXPECT_EQ(refusal(tree({2, 255, 0})), INTRAY_E_INVALID);
}

TEST_F(Wake, TakesOnlyAddressesThatCanBeReached) {
  for (const auto* address : {"111.222.111", "123.456.789.1", "1", "host.1", "a b", "a/b", "a@b",
                              "[::1]", "::g", "a:80", "a%41", "a\nb", "fe80::1%eth0"}) {
    EXPECT_EQ(refusal({.targets = flat(1, address)}), INTRAY_E_INVALID) << address;
    EXPECT_FALSE(is_wake_address(address)) << address;
  }
  EXPECT_FALSE(is_wake_address(""));
  EXPECT_EQ(refusal({.targets = flat(1, "")}), INTRAY_OK) << "it counts as dead";
  EXPECT_EQ(refusal({.targets = flat(1, std::string(65, 'a'))}), INTRAY_E_INVALID);
  EXPECT_EQ(refusal({.targets = flat(1, "::ffff:10.0.0.1")}), INTRAY_OK);
}

TEST_F(Wake, LivesTenMinutesAtMostAndKeepsItsTimesInRange) {
  const auto with = [](auto change) {
    WakeOrder order{.targets = flat(2, "10.0.0.1")};
    change(order);
    return order;
  };
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.ttl_s = 601; })), INTRAY_E_INVALID);
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.ttl_s = 0; })), INTRAY_E_INVALID);
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.at_s = -1; })), INTRAY_E_INVALID);
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.at_s = 601; })), INTRAY_E_INVALID);
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.at_s = 600; })), INTRAY_OK);
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.step_ms = 600'001; })), INTRAY_E_INVALID);
  EXPECT_EQ(refusal(with([](WakeOrder& order) { order.targets[0].step = 1; })), INTRAY_E_INVALID);
}

TEST_F(Wake, IsRefusedWhenItIsSignedButNotWhatTheHostWrites) {
  const auto body = *encode_wake(order_, std::string(16, 'k'), std::string(16, 'i'), kNow);
  ASSERT_TRUE(decode_wake(body));
  const auto altered = [&](std::size_t at, char byte) {
    auto bytes = body;
    bytes[at] = byte;
    return decode_wake(bytes).has_value();
  };
  EXPECT_FALSE(altered(0, 2));        // version
  EXPECT_FALSE(altered(1, 8));        // flag
  EXPECT_FALSE(altered(44, 127));     // ttl
  EXPECT_FALSE(altered(46, '\x80'));  // negative poll time
  EXPECT_FALSE(altered(58, 5));       // count
  EXPECT_FALSE(altered(67, 3));       // children
  EXPECT_FALSE(altered(70, 5));       // kind of address
  EXPECT_FALSE(altered(115, 0));      // length of a name
  EXPECT_FALSE(altered(116, '@'));    // a name's character
  EXPECT_FALSE(decode_wake(body + '\0'));
}

TEST(WakeTag, IsFnv1a) {
  EXPECT_EQ(wake_tag(""), 0xcbf29ce484222325U);
  EXPECT_EQ(wake_tag("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(wake_tag("foobar"), 0x85944171f73967e8U);
}

}  // namespace
}  // namespace intray::security
