#include "host/http/router.hpp"

#include <gtest/gtest.h>

namespace intray::http {
namespace {

Route route(const std::string& method, const std::string& path, const std::string& permission) {
  Route route;
  route.method = method;
  route.path = path;
  route.permission = permission;
  return route;
}

class Routing : public ::testing::Test {
 protected:
  intray_status add(const std::string& method, const std::string& path,
                    const std::string& permission = "customer.view") {
    const auto added = router_.add(route(method, path, permission));
    return added ? INTRAY_OK : added.error().status;
  }
  std::string found(const std::string& method, const std::string& path) {
    const auto found = router_.find(Listener::kCustomer, method, "a", path);
    return found.route ? found.route->path : std::to_string(found.status);
  }
  Router router_;
};

TEST_F(Routing, IsExactOnTheRawPath) {
  EXPECT_EQ(add("GET", "/v1/devices/{id}"), INTRAY_OK);
  EXPECT_EQ(add("GET", "/v1/devices/{id}/why"), INTRAY_OK);
  EXPECT_EQ(found("GET", "/v1/devices/D1"), "/v1/devices/{id}");
  EXPECT_EQ(found("GET", "/v1/devices/D1/why"), "/v1/devices/{id}/why");
  for (const auto* path : {"/v1/devices/", "/v1/devices", "/v1//devices/D1", "/v1/devices/D1/",
                           "/V1/devices/D1", "/v1/./devices/D1", "/v1/%64evices/D1"}) {
    EXPECT_EQ(found("GET", path), "404") << path;
  }
}

TEST_F(Routing, DecodesParametersOnce) {
  EXPECT_EQ(add("GET", "/v1/devices/{id}"), INTRAY_OK);
  const auto found = router_.find(Listener::kCustomer, "GET", "a", "/v1/devices/a%2Fb%2525");
  ASSERT_TRUE(found.route);
  EXPECT_EQ(found.params[0].second, "a/b%25");
  EXPECT_EQ(router_.find(Listener::kCustomer, "GET", "a", "/v1/devices/%zz").status, 400);
}

TEST_F(Routing, PrefersLiteralsAndNamesWhatIsAllowed) {
  EXPECT_EQ(add("GET", "/v1/{x}"), INTRAY_OK);
  EXPECT_EQ(add("GET", "/v1/services"), INTRAY_OK);
  EXPECT_EQ(add("POST", "/v1/services"), INTRAY_OK);
  EXPECT_EQ(found("GET", "/v1/services"), "/v1/services");
  const auto missing = router_.find(Listener::kCustomer, "DELETE", "a", "/v1/services");
  EXPECT_EQ(missing.status, 405);
  EXPECT_EQ(missing.allow, "GET, POST");
}

TEST_F(Routing, RefusesWhatMeetsOrIsMalformed) {
  EXPECT_EQ(add("GET", "/v1/devices/{id}"), INTRAY_OK);
  EXPECT_EQ(add("GET", "/v1/devices/{device}"), INTRAY_E_CONFLICT);
  EXPECT_EQ(add("GET", "/v1/devices/{id}", "device.poll"), INTRAY_OK) << "another listener";
  EXPECT_EQ(add("GET", "/v1/devices/{id}", "any.open"), INTRAY_E_CONFLICT);
  EXPECT_EQ(add("GET", "v1"), INTRAY_E_INVALID);
  EXPECT_EQ(add("GET", "/v1/a{id}"), INTRAY_E_INVALID);
  EXPECT_EQ(add("GET", "/v1/{}"), INTRAY_E_INVALID);
  EXPECT_EQ(add("GET", "/v1/x", ""), INTRAY_E_INVALID);
  EXPECT_EQ(add("GET", "/v1/x", "customer.everything"), INTRAY_E_INVALID);
}

TEST_F(Routing, KeepsListenersApart) {
  EXPECT_EQ(add("GET", "/v1/mailbox", "device.poll"), INTRAY_OK);
  EXPECT_EQ(add("GET", "/healthz", "any.open"), INTRAY_OK);
  EXPECT_EQ(found("GET", "/v1/mailbox"), "404");
  EXPECT_EQ(found("GET", "/healthz"), "/healthz");
}

TEST_F(Routing, RemovesRoutes) {
  EXPECT_EQ(add("GET", "/v1/x"), INTRAY_OK);
  router_.remove("GET", "/v1/x", Listener::kCustomer);
  EXPECT_EQ(found("GET", "/v1/x"), "404");
}

TEST_F(Routing, LeadsAliasesOfTheDevicesListenerToTheirRoute) {
  EXPECT_EQ(add("POST", "/v1/services/{service}/register", "device.register"), INTRAY_OK);
  router_.alias("Service-X.a.com", "/regist", "/v1/services/service-x/register");
  const auto found = router_.find(Listener::kDevice, "POST", "service-x.a.com", "/regist");
  ASSERT_TRUE(found.route);
  EXPECT_EQ(found.params[0].second, "service-x");
  EXPECT_EQ(router_.find(Listener::kDevice, "POST", "other", "/regist").status, 404);
  EXPECT_EQ(router_.find(Listener::kCustomer, "POST", "service-x.a.com", "/regist").status, 404);
}

}  // namespace
}  // namespace intray::http
