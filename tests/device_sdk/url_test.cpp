extern "C" {
#include "device_sdk/src/url.h"
}
#include <gtest/gtest.h>

namespace {

TEST(DeviceUrlTest, OneOriginIsSchemeHostAndPort) {
  EXPECT_TRUE(intray_url_same_origin("https://h.example/a?b", "https://h.example"));
  EXPECT_TRUE(intray_url_same_origin("HTTPS://H.Example:443/", "https://h.example"));
  EXPECT_TRUE(intray_url_same_origin("http://127.0.0.1:80", "http://127.0.0.1/"));
  EXPECT_TRUE(intray_url_same_origin("https://[::1]:8443/a", "https://[::1]:8443"));
}

TEST(DeviceUrlTest, LookAlikesAreOtherOrigins) {
  const char* trusted = "https://h.example:8443";
  for (const char* url : {
           "http://h.example:8443/a",
           "https://h.example/a",
           "https://h.example:8444/a",
           "https://h.example:08443x/a",
           "https://h.example.evil:8443/a",
           "https://evil.example:8443/h.example",
           "https://h.example:8443@evil.example/a",
           "https://user@h.example:8443/a",
           "https://h.example:8443\\@evil/a",
           "https:/h.example:8443/a",
           "https:h.example:8443/a",
           "//h.example:8443/a",
           "https://h.example:8443#@evil",
           "https://h.example:8443/a b",
           "https://h.example:8443/a\r\nHost: evil",
           "https://h.example:8443/\xc3\xa4",
           "https://h%2eexample:8443/a",
           "https://h.example\t:8443/a",
           " https://h.example:8443/a",
           "https://h.example.:8443/a",
           "https://[h.example]:8443/a",
           "https://[::1:8443/a",
           "https://:8443/a",
           "https://h.example:/a",
           "https://h.example:0/a",
           "https://h.example:74979/a",
           "https://h.example:4294975739/a",
           "ftp://h.example:8443/a",
           "javascript://h.example:8443/a",
           "https://",
           "",
       }) {
    EXPECT_FALSE(intray_url_same_origin(url, trusted)) << url;
  }
}

TEST(DeviceUrlTest, TellsWhatComesAfterTheOrigin) {
  intray_origin origin;
  ASSERT_TRUE(intray_url_read("https://h:1/p?q", &origin));
  EXPECT_STREQ(origin.rest, "/p?q");
  EXPECT_EQ(origin.port, 1);
}

}  // namespace
