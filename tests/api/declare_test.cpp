#include <gtest/gtest.h>

#include <intray/declare.hpp>

namespace intray {
namespace {

TEST(ServiceDeclarationTest, OwnsEveryTextItWasGiven) {
  ServiceDeclaration service(std::string("service-x"), std::string("Scan to cloud"));
  service.description(std::string("a description that is longer than any small string"))
      .version(std::string("2"))
      .registration_url(std::string("https://service-x.a.com/regist"));

  const auto* desc = service.get();

  EXPECT_EQ(desc->struct_size, sizeof(intray_service_desc));
  EXPECT_EQ(view(desc->service_id), "service-x");
  EXPECT_EQ(view(desc->display_name), "Scan to cloud");
  EXPECT_EQ(view(desc->description), "a description that is longer than any small string");
  EXPECT_EQ(view(desc->version), "2");
  EXPECT_EQ(view(desc->registration_url), "https://service-x.a.com/regist");
}

TEST(ServiceDeclarationTest, AModelWithAStarOrAQuestionMarkIsAGlob) {
  ServiceDeclaration service("s", "S");
  service.model("M1001").model("M10*").model("M?", "Acme");

  const auto* desc = service.get();

  ASSERT_EQ(desc->model_count, 3U);
  EXPECT_EQ(desc->models[0]->kind, INTRAY_MATCH_EXACT);
  EXPECT_EQ(desc->models[1]->kind, INTRAY_MATCH_GLOB);
  EXPECT_EQ(desc->models[2]->kind, INTRAY_MATCH_GLOB);
  EXPECT_EQ(view(desc->models[2]->vendor), "Acme");
}

TEST(ServiceDeclarationTest, PointersStayGoodWhileTheDeclarationGrows) {
  ServiceDeclaration service("s", "S");
  service.model("M0");
  const auto* first = service.get()->models[0];
  for (int i = 1; i < 1000; ++i) service.model("M" + std::to_string(i));

  EXPECT_EQ(service.get()->models[0], first);
  EXPECT_EQ(view(first->model), "M0");
  EXPECT_EQ(view(service.get()->models[999]->model), "M999");
}

TEST(ServiceDeclarationTest, DeclaresParametersWithTheirDefaults) {
  ServiceDeclaration service("s", "S");
  service.param("folder", "Folder", INTRAY_PARAM_STRING, "inbox")
      .param("quota", "Quota", INTRAY_PARAM_INT, {}, true);

  const auto* desc = service.get();

  ASSERT_EQ(desc->param_count, 2U);
  EXPECT_EQ(view(desc->params[0]->default_value), "inbox");
  EXPECT_EQ(desc->params[0]->flags, 0U);
  EXPECT_EQ(desc->params[1]->flags, INTRAY_PARAM_REQUIRED);
  EXPECT_EQ(desc->params[1]->type, INTRAY_PARAM_INT);
}

TEST(PluginDescTest, IsCompleteWithoutRequiredExtensions) {
  const auto desc = plugin_desc(INTRAY_KIND_SERVICE, INTRAY_SERIAL, "com.example.x", "X", "Example",
                                "1.0.0", "A sentence");

  EXPECT_EQ(desc.struct_size, sizeof desc);
  EXPECT_EQ(view(desc.id), "com.example.x");
  EXPECT_EQ(desc.flags, 0U);
  EXPECT_EQ(desc.required_extensions, nullptr);
  EXPECT_EQ(desc.optional_extensions, nullptr);
}

}  // namespace
}  // namespace intray
