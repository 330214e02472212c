#include "host/config/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.hpp"

namespace intray::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ConfigFile : public ::testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    const auto path = directory_.path() / name;
    std::ofstream(path) << text;
    chmod(path.c_str(), 0600);
    return path;
  }
  std::string refusal(const std::string& name, const std::string& text) {
    const auto config = load(write(name, text), {});
    return config ? "accepted" : config.error().message;
  }
  testing_support::TempDir directory_;
};

TEST_F(ConfigFile, OfTheInfoFormIsRead) {
  const auto config = load(write("intray.conf",
                                 "store {\n  directory /srv/intray\n  map_bytes 1073741824\n}\n"
                                 "hosts \"a.example b.example\"\n"
                                 "plugin {\n  com.example.x {\n    level 3\n    deep { er 4 }\n"
                                 "  }\n}\n"),
                           {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->store_directory, "/srv/intray");
  EXPECT_EQ(config->store_map_bytes, 1ULL << 30U);
  EXPECT_THAT(config->hosts, ElementsAre("a.example", "b.example"));
  EXPECT_THAT(config->plugins.at("com.example.x"),
              ElementsAre(Pair("level", "3"), Pair("deep.er", "4")));
}

TEST_F(ConfigFile, OfTheIniFormIsRead) {
  const auto config = load(write("intray.ini",
                                 "[devices]\nlisten=0.0.0.0:443\ntls_certificate=c.pem\n"
                                 "tls_key=k.pem\n[plugin com.example.x]\nlevel=3\n"),
                           {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->devices.listen, "0.0.0.0:443");
  EXPECT_THAT(config->plugins.at("com.example.x"), ElementsAre(Pair("level", "3")));
}

TEST_F(ConfigFile, IsOverruledByTheCommandLine) {
  const auto config = load(write("intray.conf", "log { level debug }\n"),
                           {"log.level=error", "plugin:com.example.x:url=https://a/b=c",
                            "plugins.routes.intray.registration=/v1/applications /v1/services"});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->log_level, "error");
  EXPECT_THAT(config->plugins.at("com.example.x"), ElementsAre(Pair("url", "https://a/b=c")));
  EXPECT_THAT(config->plugin_routes.at("intray.registration"),
              ElementsAre("/v1/applications", "/v1/services"));
}

TEST_F(ConfigFile, WithAnUnknownKeyIsRefusedWithLineAndSuggestion) {
  const auto message = refusal("intray.conf", "store {\n  directroy /srv\n}\n");
  EXPECT_THAT(message, HasSubstr("intray.conf:2"));
  EXPECT_THAT(message, HasSubstr("did you mean store.directory?"));
  EXPECT_THAT(refusal("intray.conf", "zzzzzzzzzzzz 1\n"), HasSubstr("--help-config"));
}

TEST_F(ConfigFile, NamesTheLineOfTheKeyThatIsWrongAndNotOfItsNamesake) {
  EXPECT_THAT(refusal("a.conf",
                      "; listen lisen\ndevices { listen 127.0.0.1:1 }\nmetrics {\n  listen 5\n}\n"),
              HasSubstr("a.conf:4: metrics.listen"));
  EXPECT_THAT(refusal("a.conf", "log { level debug lvel info }\n"),
              HasSubstr("a.conf:1: log.lvel"));
  EXPECT_THAT(refusal("a.ini", "[devices]\nlisten=a:1\n[metrics]\nlisten=5\n"),
              HasSubstr("a.ini:4: metrics.listen"));
}

TEST_F(ConfigFile, ThatReadsAnotherOrNestsWithoutEndIsRefused) {
  const auto other = write("other.conf", "log { level debug }\n");
  EXPECT_THAT(refusal("a.conf", "hosts a\n #include \"" + other.string() + "\"\n"),
              HasSubstr("a.conf:2: #include is not taken"));
  for (const auto* start : {"# include", "\f#include", "#\tinclude", "\v# include"}) {
    EXPECT_THAT(refusal("a.conf", std::string(start) + " \"" + other.string() + "\"\n"),
                HasSubstr("a.conf:1: #include is not taken"));
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a {\n";
  EXPECT_THAT(refusal("a.conf", deep), HasSubstr("a.conf:33: nested deeper than 32"));
  EXPECT_THAT(refusal("a.conf", std::string((1U << 20U) + 1, '\n')), HasSubstr("above 1 MiB"));
}

TEST_F(ConfigFile, WithAValueOutOfRangeIsRefused) {
  EXPECT_THAT(refusal("a.conf", "http { workers 0 }\n"), HasSubstr("from 1 to 256"));
  EXPECT_THAT(refusal("a.conf", "http { workers many }\n"), HasSubstr("'many' is no number"));
  EXPECT_THAT(refusal("a.conf", "log { level loud }\n"), HasSubstr("none of debug, info"));
  EXPECT_THAT(refusal("a.conf", "devices { listen 443 }\n"), HasSubstr("no ADDRESS:PORT"));
  EXPECT_THAT(refusal("a.conf", "public_device_url intray.example\n"), HasSubstr("is no URL"));
  EXPECT_THAT(refusal("a.conf", "devices { listen a:99999 }\n"), HasSubstr("no port"));
  EXPECT_THAT(refusal("a.conf", "devices { tls_key k.pem }\n"), HasSubstr("belong together"));
}

TEST_F(ConfigFile, ThatIsMalformedIsRefusedWithItsLine) {
  EXPECT_THAT(refusal("a.conf", "store {\n"), HasSubstr("a.conf:"));
  EXPECT_THAT(refusal("a.conf", "hosts a\nhosts b\n"), HasSubstr("given twice"));
  EXPECT_THAT(refusal("a.ini", "[store\n"), HasSubstr("a.ini:1"));
}

TEST_F(ConfigFile, ThatOthersMayWriteIsRefused) {
  const auto path = write("a.conf", "");
  chmod(path.c_str(), 0666);
  EXPECT_EQ(load(path, {}).error().status, INTRAY_E_DENIED);
  EXPECT_EQ(load("/nonexistent/a.conf", {}).error().status, INTRAY_E_NOT_FOUND);
}

TEST(Settings, AreKeyAndValue) {
  EXPECT_THAT(load({}, {"novalue"}).error().message, HasSubstr("KEY=VALUE"));
  EXPECT_THAT(load({}, {"plugin:x=1"}).error().message, HasSubstr("plugin:ID:KEY"));
}

TEST(Settings, AreAllExplained) {
  EXPECT_THAT(help(), HasSubstr("store.directory"));
  EXPECT_THAT(help(), HasSubstr(", 1 to 604800 [86400]"));
}

}  // namespace
}  // namespace intray::config
