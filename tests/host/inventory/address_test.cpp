#include "host/inventory/address.hpp"

#include <gtest/gtest.h>

namespace intray::inventory {
namespace {

TEST(AddressTest, TakesIpLiteralsAndHostNames) {
  for (const auto* address :
       {"192.0.2.1", "0.0.0.0", "255.255.255.255", "2001:db8::1", "::1", "::ffff:192.0.2.1",
        "printer", "dev1.aaa.bbb.com", "MFP-7.example", "3com.example", "1a"}) {
    EXPECT_EQ(wrong_with_address(address), "") << address;
  }
}

TEST(AddressTest, ANameWhoseLastLabelIsAllDigitsMustBeIpv4) {
  for (const auto* address : {"123.456.789.1", "135.246.791.1", "1.2.3", "1.2.3.4.5", "7",
                              "printer.7", "01.2.3.4", "1.2.3.-4.5", "1..2.3"}) {
    EXPECT_NE(wrong_with_address(address).find("IPv4"), std::string::npos) << address;
  }
}

TEST(AddressTest, RefusesWhatIsNeither) {
  const std::string label(63, 'a');
  for (const auto& address :
       {std::string(""), std::string("a_b"), std::string("-a"), std::string("a-"),
        std::string("a..b"), std::string("a."), std::string(".a"), std::string("a b"),
        std::string("a/b"), std::string("a@b"), std::string("a\xC3\xA4"),
        std::string("2001:db8::g"), std::string("[::1]"), std::string("fe80::1%eth0"),
        std::string("192.0.2.1:80"), label + "a",
        label + "." + label + "." + label + "." + label}) {
    EXPECT_NE(wrong_with_address(address), "") << address;
  }
}

}  // namespace
}  // namespace intray::inventory
