// A host with real plugin libraries over a real store, and an http part that keeps its routes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/plugin/host.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace intray::plugin {

class PluginTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(directory_.path() / "plugins");
    options_.directory = directory_.path() / "plugins";
    options_.platform_plugins = {"test.platform"};
    options_.routes = {{"test.platform", {"/v1/test"}}};
    options_.public_device_url = "https://intray.example.net";
    options_.polls_concurrent_max = 500;
    open_store();
  }
  void TearDown() override { host_.reset(); }

  void open_store() {
    store_.reset();
    store::StoreOptions options;
    options.directory = directory_.path() / "store";
    options.map_bytes = 64U << 20U;
    options.reserve_bytes = 0;
    auto opened = store::Store::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  void install(const std::string& name, const std::string& from = TEST_PLUGINS) {
    const auto to = options_.directory / (name + ".so");
    std::filesystem::copy_file(std::filesystem::path(from) / (name + ".so"), to,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(to, std::filesystem::perms(0755));
  }

  Result<void> begin() {
    RouteTable table;
    table.add = [this](const PluginRoute& route) -> Result<void> {
      const std::lock_guard lock(mutex_);
      routes_.push_back(route);
      return {};
    };
    table.remove = [this](const PluginRoute& route) {
      const std::lock_guard lock(mutex_);
      std::erase_if(routes_, [&](const PluginRoute& one) { return one.path == route.path; });
    };
    const auto log = [this](LogLevel, const std::string& plugin_id, const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(plugin_id + ": " + line);
    };
    host_ = std::make_unique<PluginHost>(options_, *store_, presence_,
                                         security::Secret(std::string(32, 'k')), table, log);
    for (auto& [prefix, handler] : host_timers_) host_->on_host_timer(prefix, handler);
    return host_->start();
  }
  void must_begin() {
    const auto begun = begin();
    ASSERT_TRUE(begun) << begun.error().message;
  }

  PluginStatus status_of(const std::string& name) {
    for (auto& plugin : host_->plugins()) {
      if (std::filesystem::path(plugin.file).stem() == name) return plugin;
    }
    ADD_FAILURE() << "no plugin in " << name;
    return {};
  }

  void add_device(const std::string& id) {
    store::Device device;
    device.device_id = id;
    device.customer = "C001";
    device.model = "M1001";
    must_commit({store::PutDevice{device}});
  }
  void must_commit(std::vector<store::Operation> operations) {
    const auto done = store_->commit({"C001", "test", std::move(operations)});
    ASSERT_TRUE(done) << done.error().message;
  }
  store::Snapshot snapshot() { return std::move(*store_->snapshot()); }
  store::Device device(const std::string& id) { return *snapshot().customer("C001").device(id); }

  /// Asks the platform plugin, as an administrator of C001.
  Result<std::string> ask(const std::string& action, const std::string& body,
                          CallContext context = {
                              "token:t-1", "C001", "", "", "", {}, 0, false, 0}) {
    PluginRoute route;
    {
      const std::lock_guard lock(mutex_);
      if (routes_.empty()) return fail(INTRAY_E_NOT_FOUND, "there is no route");
      route = routes_.front();
    }
    PluginRequest request;
    request.context = std::move(context);
    request.method = "POST";
    request.path = "/v1/test/" + action;
    request.params = {{"action", action}};
    request.body = body;
    auto answer = route.handle(request);
    if (!answer) return fail(answer.error());
    return answer->body;
  }
  std::string told(const std::string& action, const std::string& body) {
    const auto answer = ask(action, body);
    return answer ? *answer : "failed " + std::to_string(answer.error().status);
  }
  intray_status status_when(const std::string& action, const std::string& body) {
    const auto answer = ask(action, body);
    return answer ? INTRAY_OK : answer.error().status;
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  std::size_t count(const std::string& part) const {
    const auto all = lines();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(),
        [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }
  bool comes(const std::string& line, std::size_t times = 1) const {
    return testing_support::eventually([&] { return count(line) >= times; });
  }

  testing_support::TempDir directory_;
  HostOptions options_;
  std::unique_ptr<store::Store> store_;
  store::PresenceMarks presence_;
  mutable std::mutex mutex_;
  std::vector<PluginRoute> routes_;
  std::vector<std::string> lines_;
  std::vector<std::pair<std::string, PluginHost::HostTimer>> host_timers_;
  std::unique_ptr<PluginHost> host_;
};

}  // namespace intray::plugin
