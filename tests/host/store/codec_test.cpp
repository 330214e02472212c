#include "host/store/codec.hpp"

#include <gtest/gtest.h>

#include "host/store/describe.hpp"
#include "host/store/keys.hpp"
#include "host/store/log_chain.hpp"

namespace intray::store {
namespace {

template <class Record>
std::string again(const Record& record) {
  const auto read = decode<Record>(encode(record));
  return read ? encode(*read) : "does not decode";
}

TEST(Codec, EveryRecordIsReadBackAsItWasWritten) {
  const Mail mail{7, "D1", "register-device", "r", "p", "service-x", "{}", 1, 2};
  TokenHash hash{};
  hash.fill(0xAB);
  EXPECT_EQ(again(Device{"D1", "C001", "m", "a", "v", "s", "f", "n", 3}),
            encode(Device{"D1", "C001", "m", "a", "v", "s", "f", "n", 3}));
  EXPECT_EQ(again(mail), encode(mail));
  EXPECT_EQ(again(Acquired{mail, 5}), encode(Acquired{mail, 5}));
  EXPECT_EQ(again(Presence{1, 2, 3, 4}), encode(Presence{1, 2, 3, 4}));
  EXPECT_EQ(again(Entitlement{"s", "d", 1, "{}"}), encode(Entitlement{"s", "d", 1, "{}"}));
  EXPECT_EQ(again(Token{"i", "r", "c", "n", 1}), encode(Token{"i", "r", "c", "n", 1}));
  EXPECT_EQ(again(ProvisioningCode{"c", "d", 1, 2, true, hash}),
            encode(ProvisioningCode{"c", "d", 1, 2, true, hash}));
  EXPECT_EQ(again(Timer{1, "c", "o", "n"}), encode(Timer{1, "c", "o", "n"}));
  EXPECT_EQ(again(OutboxRow{1, "c", "k", "s", "d", 2}),
            encode(OutboxRow{1, "c", "k", "s", "d", 2}));
  EXPECT_EQ(again(Tries{1, 2, 3, 4}), encode(Tries{1, 2, 3, 4}));
  EXPECT_EQ(again(Reply{hash, 1, 2, "l", "b"}), encode(Reply{hash, 1, 2, "l", "b"}));
  EXPECT_EQ(again(CustomerSettings{true, "none", 1, 2, "http", 3}),
            encode(CustomerSettings{true, "none", 1, 2, "http", 3}));
}

TEST(Codec, EveryCutOfARecordIsRefused) {
  const auto bytes = encode(Mail{7, "D1", "t", "r", "p", "s", "{}", 1, 2});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode<Mail>(bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(decode<Mail>(bytes + "x"));
}

TEST(Codec, ABoolIsZeroOrOne) {
  auto bytes = encode(CustomerSettings{});
  bytes[0] = 2;
  EXPECT_FALSE(decode<CustomerSettings>(bytes));
}

TEST(Codec, ASealedRowVerifiesOnlyWholeAndUnderItsOwnKey) {
  const auto value = seal("key", 42, "payload");
  const auto opened = open_sealed("key", value);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->revision, 42U);
  EXPECT_EQ(opened->payload, "payload");
  EXPECT_FALSE(open_sealed("other", value));
  for (std::size_t bit = 0; bit < value.size() * 8; ++bit) {
    auto rotten = value;
    rotten[bit / 8] = static_cast<char>(rotten[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(open_sealed("key", rotten)) << bit;
  }
  EXPECT_FALSE(open_sealed("key", ""));
}

TEST(Codec, BigEndianNumbersSortAsBytes) {
  EXPECT_LT(keys::big_endian(255), keys::big_endian(256));
  EXPECT_LT(keys::big_endian(1), keys::big_endian(1ULL << 40U));
  EXPECT_EQ(keys::from_big_endian(keys::big_endian(0x0123456789ABCDEFULL)), 0x0123456789ABCDEFULL);
}

TEST(Codec, TheHashOfALogRowCoversEveryField) {
  const LogRow row{1, 2, "p", "t", "o", "x", "{}", {}, {}};
  auto other = row;
  other.payload = "{ }";
  EXPECT_NE(hash_of(row), hash_of(other));
  other = row;
  other.previous_hash[31] = 1;
  EXPECT_NE(hash_of(row), hash_of(other));
  other = row;
  other.hash[0] = 1;
  EXPECT_EQ(hash_of(row), hash_of(other));
}

}  // namespace
}  // namespace intray::store
