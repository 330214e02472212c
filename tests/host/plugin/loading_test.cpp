#include <dlfcn.h>

#include "tests/host/plugin/fixture.hpp"

namespace intray::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LoadingTest : public PluginTest {};

TEST_F(LoadingTest, TheSampleServicesOfFigure3Run) {
  for (const auto* name : {"scan_to_cloud", "secure_print", "toner_watch"}) {
    install(name, SAMPLE_PLUGINS);
  }
  options_.config = {
      {"com.example.scan-to-cloud", {{"registration_url", "https://x.example.net/register"}}}};
  must_begin();
  std::vector<std::string> services;
  for (const auto* service : host_->catalogue().all()) services.push_back(service->info.service_id);
  EXPECT_THAT(services, ElementsAre("service-x", "service-y", "service-z"));
  EXPECT_EQ(host_->catalogue().find("service-y")->url,
            "https://intray.example.net/v1/services/service-y/register");
  const auto urls = host_->own_urls();
  ASSERT_EQ(urls.size(), 1U);
  EXPECT_EQ(urls[0].host, "x.example.net");
  EXPECT_EQ(urls[0].path, "/register");
  EXPECT_EQ(urls[0].service, "service-x");
  EXPECT_EQ(status_of("toner_watch").state, "running");
}

TEST_F(LoadingTest, EachRefusalSaysWhyAndHarmsNobody) {
  const std::vector<std::pair<std::string, std::string>> faults = {
      {"faulty_magic", "its entry is not what ABI major 1 says"},
      {"faulty_major", "built for ABI major 2"},
      {"faulty_minor", "needs ABI minor 9"},
      {"faulty_id", "its id 'Not An Id'"},
      {"faulty_kind", "its kind 7 is not known"},
      {"faulty_models", "declares no applied models"},
      {"faulty_service", "the service id 'a b' is malformed"},
      {"faulty_unknown", "needs intray.host.nothing/1, which this host does not have"},
      {"faulty_denied", "needs intray.host.commit/1, which a service plugin does not get"},
      {"faulty_platform", "plugins.platform does not name it"},
  };
  install("test_good");
  for (const auto& [name, reason] : faults) install(name);
  must_begin();
  for (const auto& [name, reason] : faults) {
    const auto status = status_of(name);
    EXPECT_EQ(status.state, "refused") << name;
    EXPECT_THAT(status.reason, HasSubstr(reason)) << name;
  }
  EXPECT_EQ(status_of("test_good").state, "running");
  EXPECT_THAT(status_of("test_good").services, ElementsAre("good-service"));
}

TEST_F(LoadingTest, APluginThatFailsToStartOffersNothing) {
  install("faulty_start");
  install("test_good");
  must_begin();
  EXPECT_EQ(status_of("faulty_start").state, "refused");
  EXPECT_EQ(host_->catalogue().find("faulty-service"), nullptr);
  EXPECT_NE(host_->catalogue().find("good-service"), nullptr);
}

TEST_F(LoadingTest, APluginWhoseInitFailsIsRefused) {
  install("faulty_init");
  must_begin();
  EXPECT_EQ(status_of("faulty_init").state, "refused");
  EXPECT_THAT(host_->catalogue().all(), IsEmpty());
}

TEST_F(LoadingTest, TheFirstOwnerOfANameKeepsIt) {
  install("test_good");
  std::filesystem::rename(options_.directory / "test_good.so", options_.directory / "a.so");
  install("faulty_twin");
  install("faulty_double");
  must_begin();
  EXPECT_EQ(status_of("a").state, "running");
  EXPECT_THAT(status_of("faulty_twin").reason, HasSubstr("collides with good-service"));
  EXPECT_THAT(status_of("faulty_double").reason, HasSubstr("holds plugin test.good already"));
}

TEST_F(LoadingTest, AFileThatIsNoLibraryIsRefused) {
  testing_support::run({"/bin/sh", "-c", "echo hello > " + (options_.directory / "x.so").string()});
  must_begin();
  EXPECT_THAT(status_of("x").reason, HasSubstr("cannot be loaded"));
  EXPECT_THAT(status_of("x").reason, HasSubstr("file too short"));
}

TEST_F(LoadingTest, ConfigurationThatNobodyReadsIsTold) {
  install("scan_to_cloud", SAMPLE_PLUGINS);
  options_.config = {
      {"com.example.scan-to-cloud",
       {{"registration_url", "https://x.example.net/register"}, {"registratoin_url", "x"}}},
      {"nobody.here", {{"key", "value"}}}};
  must_begin();
  EXPECT_EQ(count("it did not ask for 'registratoin_url'"), 1U);
  EXPECT_EQ(count("it did not ask for 'registration_url'"), 0U);
  EXPECT_EQ(count("no plugin has this id"), 1U);
}

TEST_F(LoadingTest, ADirectoryThatOthersMayWriteIsAnError) {
  std::filesystem::permissions(options_.directory, std::filesystem::perms(0777));
  const auto begun = begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().status, INTRAY_E_DENIED);
}

TEST_F(LoadingTest, ALibraryThatOthersMayWriteIsAnError) {
  install("test_good");
  std::filesystem::permissions(options_.directory / "test_good.so", std::filesystem::perms(0775));
  const auto begun = begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().status, INTRAY_E_DENIED);
}

TEST_F(LoadingTest, ADirectoryThatIsMissingIsAnError) {
  options_.directory = directory_.path() / "nowhere";
  const auto begun = begin();
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().status, INTRAY_E_NOT_FOUND);
}

TEST_F(LoadingTest, ALibraryIsNeverUnloaded) {
  install("test_good");
  must_begin();
  const auto file = (options_.directory / "test_good.so").string();
  host_.reset();
  EXPECT_NE(dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD), nullptr);
}

TEST_F(LoadingTest, StoppingTwiceIsHarmless) {
  install("test_good");
  must_begin();
  host_->stop();
  host_->stop();
  EXPECT_EQ(count("test.good: stopped"), 1U);
  EXPECT_EQ(status_of("test_good").state, "stopped");
}

}  // namespace
}  // namespace intray::plugin
