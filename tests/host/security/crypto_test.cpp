#include "host/security/crypto.hpp"

#include <gtest/gtest.h>

namespace intray::security {
namespace {

TEST(Crypto, Base32AndBase64urlFollowRfc4648) {
  EXPECT_EQ(base32("foobar", 99), "MZXW6YTBOI");
  EXPECT_EQ(base32("f", 99), "MY");
  EXPECT_EQ(base32("foobar", 3), "MZX");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("\xff\xfe"), "__4");
}

TEST(Crypto, HexGoesBothWays) {
  EXPECT_EQ(hex("\x01\xab"), "01ab");
  EXPECT_EQ(from_hex("01ab"), "\x01\xab");
  EXPECT_EQ(from_hex("01a"), "");
  EXPECT_EQ(from_hex("01AB"), "");
  EXPECT_EQ(from_hex("zz"), "");
}

TEST(Crypto, HmacFollowsRfc4231) {
  EXPECT_EQ(hex(view(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, ComparesOnlyEqualTextsAsEqual) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

TEST(Crypto, RandomBytesDiffer) { EXPECT_NE(random_bytes(16), random_bytes(16)); }

}  // namespace
}  // namespace intray::security
