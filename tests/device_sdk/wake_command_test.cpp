// The device's reader of command bytes and the host's own must agree on every byte.
#include <gtest/gtest.h>

#include <random>

#include "host/security/wake_bytes.hpp"

extern "C" {
#include "device_sdk/src/address.h"
}

namespace intray::testing_support {
namespace {

const std::uint8_t* raw(const std::string& bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

bool device_reads(const std::string& bytes) {
  intray_wake_command command;
  return intray_wake_read(&command, raw(bytes), bytes.size());
}

std::string sample() {
  const security::WakeOrder order{.plain_http = true,
                                  .port = 8080,
                                  .at_s = 90,
                                  .step_ms = 200,
                                  .ttl_s = 300,
                                  .targets = {{"D1", "111.222.111.1", 2, 0},
                                              {"D2", "2001:db8::2", 1, 1},
                                              {"D3", "dev1.aaa.bbb.com", 0, 1},
                                              {"D4", "10.0.0.4", 0, 65535}}};
  return *security::encode_wake(order, std::string(16, 'k'), std::string(16, 'i'), 1'800'000'000);
}

TEST(DeviceWakeCommandTest, ReadsWhatTheHostWrites) {
  const auto bytes = sample();
  intray_wake_command command;
  ASSERT_TRUE(intray_wake_read(&command, raw(bytes), bytes.size()));
  EXPECT_EQ(command.flags, wake_plain_http);
  EXPECT_EQ(command.port, 8080);
  EXPECT_EQ(command.expires_unix_s, 1'800'000'300U);
  EXPECT_EQ(command.ttl_s, 300U);
  EXPECT_EQ(command.at_s, 90U);
  EXPECT_EQ(command.step_ms, 200U);

  std::string walked;
  intray_wake_target target{};
  while (intray_wake_next(&command, &target)) {
    char text[100];
    auto address = intray_text_in(text, sizeof text);
    intray_address_add(&address, &target);
    walked += std::to_string(target.index) + " " + std::to_string(target.first_child) + "+" +
              std::to_string(target.children) + " " + std::to_string(target.step) + " " + text +
              "\n";
    EXPECT_EQ(target.tag, security::wake_tag("D" + std::to_string(target.index + 1)));
  }
  EXPECT_EQ(walked,
            "0 1+2 0 111.222.111.1\n"
            "1 3+1 1 [2001:0db8:0000:0000:0000:0000:0000:0002]\n"
            "2 4+0 1 dev1.aaa.bbb.com\n"
            "3 4+0 65535 10.0.0.4\n");
}

TEST(DeviceWakeCommandTest, AgreesWithTheHostOnEveryByteChangedCutOrAdded) {
  const auto whole = sample();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(value);
      ASSERT_EQ(device_reads(bytes), security::decode_wake(bytes).has_value())
          << "byte " << at << " = " << value;
    }
    ASSERT_FALSE(device_reads(whole.substr(0, at)));
  }
  EXPECT_FALSE(device_reads(whole + '\0'));
}

TEST(DeviceWakeCommandTest, AgreesWithTheHostOnBytesChangedByChance) {
  const auto whole = sample();
  std::mt19937 random{3};
  for (int i = 0; i < 100'000; ++i) {
    auto bytes = whole;
    for (auto changes = random() % 4 + 1; changes > 0; --changes) {
      bytes[random() % bytes.size()] =
          static_cast<char>(random() % 5 == 0 ? random() : random() % 4);
    }
    ASSERT_EQ(device_reads(bytes), security::decode_wake(bytes).has_value()) << i;
  }
}

TEST(DeviceWakeCommandTest, SixtyFourTargetsAreReadAndNoMore) {
  security::WakeOrder order{.targets = std::vector<security::WakeTarget>(64)};
  for (int i = 0; i < 64; ++i) {
    order.targets[i] = {"D" + std::to_string(i), "10.0.0.1", static_cast<std::uint8_t>(i < 63), 0};
  }
  auto bytes = *security::encode_wake(order, std::string(16, 'k'), std::string(16, 'i'), 1);
  EXPECT_TRUE(device_reads(bytes));
  bytes[58] = 65;
  EXPECT_FALSE(device_reads(bytes + bytes.substr(59, 16)));
}

TEST(DeviceWakeCommandTest, ReadsBase64urlInTheOneCanonicalWay) {
  std::mt19937 random{5};
  constexpr std::string_view kSome = "AQgw-_/+= \n9z";
  for (int i = 0; i < 50'000; ++i) {
    std::string text(random() % 8 + 1, ' ');
    for (auto& c : text) c = kSome[random() % (i % 2 == 0 ? 6 : kSome.size())];
    std::uint8_t bytes[16];
    const auto size = intray_base64url_read(bytes, sizeof bytes, text.data(), text.size());
    const auto host = security::from_base64url(text);
    ASSERT_EQ(size, host ? host->size() : 0) << text;
    if (host) {
      ASSERT_EQ(std::string(reinterpret_cast<char*>(bytes), size), *host);
    }
  }
  std::uint8_t three[3];
  EXPECT_EQ(intray_base64url_read(three, 3, "AAAA", 4), 3U);
  EXPECT_EQ(intray_base64url_read(three, 3, "AAAAAA", 6), 0U);
}

TEST(DeviceAddressTest, OnlySingleOtherMachinesMayBeCalled) {
  intray_device_address_rule rule{false, 4, {10, 0, 0, 1}};
  const auto allowed = [&](std::initializer_list<std::uint8_t> address) {
    return intray_address_allowed(&rule, address.begin(), address.size());
  };
  for (const auto& address : std::initializer_list<std::initializer_list<std::uint8_t>>{
           {10, 0, 0, 2}, {192, 168, 1, 7}, {111, 222, 111, 1}, {223, 1, 1, 1}, {169, 253, 1, 1}}) {
    EXPECT_TRUE(allowed(address));
  }
  EXPECT_TRUE(allowed({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_TRUE(allowed({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_FALSE(allowed({}));
  EXPECT_FALSE(allowed({10, 0, 0, 1}));
  EXPECT_FALSE(allowed({127, 0, 0, 2}));
  rule.loopback = true;
  EXPECT_TRUE(allowed({127, 0, 0, 2}));
  EXPECT_FALSE(allowed({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_FALSE(allowed({169, 254, 169, 254}));
}

}  // namespace
}  // namespace intray::testing_support
