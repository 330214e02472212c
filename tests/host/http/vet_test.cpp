#include "host/http/vet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace intray::http {
namespace {

std::string head(const std::string& line, const std::string& headers = "Host: a\r\n") {
  return line + "\r\n" + headers + "\r\n";
}

struct Rule {
  const char* name;
  std::string bytes;
  int status;  // 0 = passes
};

class VettingRules : public ::testing::TestWithParam<Rule> {};

TEST_P(VettingRules, Hold) {
  Head unused;
  const auto vetted = vet(GetParam().bytes, unused);
  EXPECT_EQ(vetted.status, GetParam().status) << vetted.why;
}

const std::string kGet = "GET / HTTP/1.1";
const std::string kPost = "POST / HTTP/1.1";

INSTANTIATE_TEST_SUITE_P(
    All, VettingRules,
    ::testing::Values(
        Rule{"Plain", head(kGet), 0}, Rule{"Http10", head("GET / HTTP/1.0"), 505},
        Rule{"Http2", head("PRI * HTTP/2.0"), 505}, Rule{"NoVersion", head("GET /"), 400},
        Rule{"TwoSpaces", head("GET  / HTTP/1.1"), 400},
        Rule{"LowerCaseMethod", head("get / HTTP/1.1"), 501},
        Rule{"Trace", head("TRACE / HTTP/1.1"), 501},
        Rule{"Connect", head("CONNECT a:1 HTTP/1.1"), 501},
        Rule{"AbsoluteTarget", head("GET http://a/ HTTP/1.1"), 400},
        Rule{"Star", head("GET * HTTP/1.1"), 400},
        Rule{"LongTarget", head("GET /" + std::string(2048, 'a') + " HTTP/1.1"), 414},
        Rule{"HiddenNul", head("GET /a%00 HTTP/1.1"), 400},
        Rule{"TabInTarget", head("GET /a\tb HTTP/1.1"), 400},
        Rule{"HighByteInTarget", head("GET /\xC3\xA4 HTTP/1.1"), 400},
        Rule{"Fragment", head("GET /a#b HTTP/1.1"), 400},
        Rule{"Backslash", head("GET /a\\b HTTP/1.1"), 400},
        Rule{"BareLfInLine", head("GET / HTTP/1.1\nX: y"), 400},
        Rule{"NoHost", head(kGet, ""), 400},
        Rule{"TwoHosts", head(kGet, "Host: a\r\nHost: a\r\n"), 400},
        Rule{"EmptyHost", head(kGet, "Host:\r\n"), 400},
        Rule{"HostWithPath", head(kGet, "Host: a/b\r\n"), 400},
        Rule{"HostWithUser", head(kGet, "Host: u@a\r\n"), 400},
        Rule{"HostWithPort", head(kGet, "Host: a:80\r\n"), 0},
        Rule{"HostWithBadPort", head(kGet, "Host: a:b\r\n"), 400},
        Rule{"Ipv6Host", head(kGet, "Host: [::1]:80\r\n"), 0},
        Rule{"SpaceInName", head(kGet, "Host: a\r\nX y: z\r\n"), 400},
        Rule{"SpaceBeforeColon", head(kGet, "Host : a\r\n"), 400},
        Rule{"UnderscoreName", head(kGet, "Host: a\r\nREMOTE_ADDR: z\r\n"), 400},
        Rule{"Folded", head(kGet, "Host: a\r\nX: y\r\n z\r\n"), 400},
        Rule{"NoColon", head(kGet, "Host: a\r\nX\r\n"), 400},
        Rule{"NulInValue", head(kGet, std::string("Host: a\r\nX: y\0z\r\n", 17)), 400},
        Rule{"BareCrInValue", head(kGet, "Host: a\r\nX: y\rz\r\n"), 400},
        Rule{"BareLfInValue", head(kGet, "Host: a\r\nX: y\nz\r\n"), 400},
        Rule{"PercentInForwarded", head(kGet, "Host: a\r\nAccept: %0d%0a\r\n"), 400},
        Rule{"PercentInDropped", head(kGet, "Host: a\r\nX: %0d%0a\r\n"), 0},
        Rule{"TwiceForwarded", head(kGet, "Host: a\r\nAccept: x\r\nAccept: y\r\n"), 400},
        Rule{"LongHeader", head(kGet, "Host: a\r\nX: " + std::string(5000, 'x') + "\r\n"), 431},
        Rule{"Chunked", head(kPost, "Host: a\r\nTransfer-Encoding: chunked\r\n"), 501},
        Rule{"ChunkedAndLength",
             head(kPost, "Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 501},
        Rule{"Gzip", head(kPost, "Host: a\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n"),
             415},
        Rule{"Expect", head(kPost, "Host: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n"),
             417},
        Rule{"Upgrade", head(kGet, "Host: a\r\nUpgrade: h2c\r\n"), 400},
        Rule{"Multipart",
             head(kPost, "Host: a\r\nContent-Length: 3\r\nContent-Type: Multipart/form-data\r\n"),
             415},
        Rule{"NoLength", head(kPost), 411},
        Rule{"TwoLengths", head(kPost, "Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n"),
             400},
        Rule{"NegativeLength", head(kPost, "Host: a\r\nContent-Length: -2\r\n"), 400},
        Rule{"PlusLength", head(kPost, "Host: a\r\nContent-Length: +2\r\n"), 400},
        Rule{"HexLength", head(kPost, "Host: a\r\nContent-Length: 0x2\r\n"), 400},
        Rule{"ListLength", head(kPost, "Host: a\r\nContent-Length: 2, 2\r\n"), 400},
        Rule{"WordLength", head(kPost, "Host: a\r\nContent-Length: abc\r\n"), 400},
        Rule{"HugeLength", head(kPost, "Host: a\r\nContent-Length: 99999999999\r\n"), 400},
        Rule{"GetWithBody", head(kGet, "Host: a\r\nContent-Length: 3\r\n"), 400},
        Rule{"TwoAuthorizations",
             head(kGet, "Host: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
        Rule{"BytesBehind", head(kGet) + "x", 400}),
    [](const auto& instance) { return instance.param.name; });

TEST(Vetting, RefusesMoreThan64Headers) {
  std::string headers = "Host: a\r\n";
  for (int i = 0; i < 64; ++i) headers += "X: y\r\n";
  Head unused;
  EXPECT_EQ(vet(head(kGet, headers), unused).status, 431);
}

TEST(Vetting, ForwardsOnlyWhatSomebodyReads) {
  const auto text = head("GET /a?b=c HTTP/1.1",
                         "Host: A.Example:80\r\nRange: bytes=0-\r\nAccept-Encoding: gzip\r\n"
                         "If-None-Match: \"x\"\r\nAuthorization: bearer  t \r\n"
                         "Connection: Close\r\n");
  Head out;
  const auto vetted = vet(text, out);
  ASSERT_EQ(vetted.status, 0) << vetted.why;
  EXPECT_EQ(out.path, "/a");
  EXPECT_EQ(out.raw_query, "b=c");
  EXPECT_EQ(out.host, "a.example");
  EXPECT_EQ(out.bearer, "t");
  EXPECT_TRUE(out.close);
  EXPECT_THAT(out.headers, ::testing::ElementsAre(::testing::Pair("if-none-match", "\"x\"")));
}

TEST(Decoding, RefusesMalformedAndControlCharacters) {
  std::string out;
  EXPECT_TRUE(percent_decode("a%2Fb%20", out));
  EXPECT_EQ(out, "a/b ");
  for (const auto* bad : {"%", "%2", "%zz", "%00", "%0a", "%7f"}) {
    EXPECT_FALSE(percent_decode(bad, out)) << bad;
  }
  Fields fields;
  EXPECT_TRUE(parse_query("a=1&b&c=%20&&a=2", fields));
  EXPECT_THAT(fields, ::testing::ElementsAre(::testing::Pair("a", "1"), ::testing::Pair("b", ""),
                                             ::testing::Pair("c", " "), ::testing::Pair("a", "2")));
  EXPECT_FALSE(parse_query("a=%0", fields));
}

}  // namespace
}  // namespace intray::http
