#include "host/daemon.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <thread>

#include "host/http/front.hpp"
#include "host/http/metrics.hpp"
#include "host/http/routes.hpp"
#include "host/inventory/importer.hpp"
#include "host/log.hpp"
#include "host/plugin/host.hpp"
#include "host/security/keys.hpp"
#include "host/security/tokens.hpp"
#include "host/store/housekeeping.hpp"
#include "host/store/store.hpp"
#include "host/store/window.hpp"

namespace intray {
namespace {

store::StoreOptions store_options(const config::Config& config, std::uint64_t epoch) {
  store::StoreOptions options;
  options.directory = config.store_directory;
  options.map_bytes = config.store_map_bytes;
  options.reserve_bytes = config.store_reserve_bytes;
  options.epoch = epoch;
  options.defaults.poll_interval_s = config.poll_interval_s;
  options.defaults.code_life_s = config.code_life_s;
  return options;
}

// That this process may use, whatever share of their time a container has: two loops on one core
// would only take it from each other.
std::size_t cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const bool known = sched_getaffinity(0, sizeof set, &set) == 0;  // no: the machine has over 1,024
  const auto count =
      known ? static_cast<unsigned>(CPU_COUNT(&set)) : std::thread::hardware_concurrency();
  return std::max(1U, count);
}

http::FrontOptions front_options(const config::Config& config) {
  http::FrontOptions options;
  const auto tcp = [](http::Listener kind, const config::ListenerConfig& listener) {
    return http::ListenOptions{kind, listener.listen, listener.tls_certificate, listener.tls_key};
  };
  options.listeners = {
      tcp(http::Listener::kDevice, config.devices),
      tcp(http::Listener::kCustomer, config.administrators),
      {http::Listener::kOperator, "unix:" + config.operator_socket.string(), {}, {}}};
  if (!config.metrics_listen.empty()) {
    options.listeners.push_back({http::Listener::kMetrics, config.metrics_listen, {}, {}});
  }
  options.hosts = config.hosts;
  options.connections_max = config.http_connections_max;
  options.workers = config.http_workers;
  options.loops = cores();
  return options;
}

plugin::HostOptions plugin_options(const config::Config& config, const security::Keys& keys,
                                   const std::string& device_url) {
  plugin::HostOptions options;
  options.directory = config.plugins_directory;
  options.platform_plugins = config.platform_plugins;
  options.routes = config.plugin_routes;
  options.config = config.plugins;
  options.public_device_url = device_url;
  options.epoch = keys.epoch;
  options.wake_key = keys.wake;
  options.polls_concurrent_max = config.polls_concurrent_max;
  return options;
}

// "https://host:port/path" -> "host:port"
std::string authority_of(const std::string& url) {
  const auto scheme = url.find("://");
  const auto start = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(start, url.find('/', start) - start);
}

std::string without_port(const std::string& authority) {
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  return port ? authority.substr(0, colon) : authority;
}

std::string url_of(const config::ListenerConfig& listener, const std::string& address) {
  return (listener.tls_certificate.empty() ? "http://" : "https://") + address;
}

}  // namespace

class Daemon::Impl {
 public:
  explicit Impl(const config::Config& given) : config(given) {}
  ~Impl();

  Result<void> open();
  Result<void> listen();
  Result<void> run_plugins();
  Result<void> add_routes();
  void log_access(const http::Access& access);
  plugin::LogSink plugin_log() const;
  Result<security::Principal> authenticate(http::Listener listener, std::string_view token,
                                           store::Window& window) const;

  const config::Config config;
  std::unique_ptr<Log> log;
  security::Keys keys;
  std::unique_ptr<store::Store> store;
  store::PresenceMarks presence;
  http::Router router;
  std::unique_ptr<http::Front> front;
  std::string device_url, administrator_url;
  std::string metrics_url;  // "" = nobody listens for it
  std::unique_ptr<plugin::PluginHost> plugins;
  std::unique_ptr<inventory::Importer> importer;
  std::unique_ptr<http::Context> context;
  std::unique_ptr<http::Metrics> metrics;
  std::unique_ptr<store::Housekeeping> housekeeping;
};

// Nobody comes in any more, then nobody works any more, then the last marks are flushed.
Daemon::Impl::~Impl() {
  if (front) front->stop();
  if (plugins) plugins->stop();
  housekeeping.reset();
  if (log) log->write(Level::kInfo, "intrayd ends");
}

Result<void> Daemon::Impl::open() {
  auto opened_log = Log::open(config);
  if (!opened_log) return fail(opened_log.error());
  log = std::move(*opened_log);
  auto loaded = security::load_keys(config.keys_directory);
  if (!loaded) return fail(loaded.error());
  keys = *loaded;
  auto opened = store::Store::open(store_options(config, keys.epoch));
  if (!opened) return fail(opened.error());
  store = std::move(*opened);
  store::HousekeepingOptions options;
  options.complain = [this](const std::string& what) { log->write(Level::kWarn, what); };
  housekeeping = std::make_unique<store::Housekeeping>(*store, presence, std::move(options));
  return {};
}

// A token says who it is; on its own socket the operator needs none.
Result<security::Principal> Daemon::Impl::authenticate(http::Listener listener,
                                                       std::string_view token,
                                                       store::Window& window) const {
  if (listener == http::Listener::kOperator && token.empty()) {
    return security::Principal{security::Role::kOperator, "operator:local", "", ""};
  }
  if (token.empty()) return security::Principal();
  const auto snapshot = window.look();
  if (!snapshot) return fail(snapshot.error());
  return security::authenticate(**snapshot, token);
}

void Daemon::Impl::log_access(const http::Access& access) {
  metrics->answered(access);
  constexpr int kServerError = 500;
  const auto level = access.status >= kServerError ? Level::kWarn : Level::kDebug;
  if (!log->shows(level)) return;
  const auto status = std::to_string(access.status);
  const auto took =
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(access.took).count());
  log->write(level, "request",
             {{"method", access.method},
              {"route", access.route},
              {"status", status},
              {"principal", access.principal},
              {"remote", access.remote},
              {"trace", access.trace_id},
              {"took_us", took},
              {"fault", access.fault}});
}

// Binds, so that the ports are known; nobody is answered yet.
Result<void> Daemon::Impl::listen() {
  auto options = front_options(config);
  if (!config.public_device_url.empty()) {
    options.hosts.push_back(without_port(authority_of(config.public_device_url)));
  }
  options.store = store.get();
  options.authenticate = [this](http::Listener listener, std::string_view token,
                                store::Window& window) {
    return authenticate(listener, token, window);
  };
  options.access = [this](const http::Access& access) { log_access(access); };
  front = std::make_unique<http::Front>(std::move(options), router);
  if (auto bound = front->listen(); !bound) return bound;
  const auto addresses = front->addresses();
  device_url = config.public_device_url.empty() ? url_of(config.devices, addresses[0])
                                                : config.public_device_url;
  administrator_url = url_of(config.administrators, addresses[1]);
  if (!config.metrics_listen.empty()) metrics_url = "http://" + addresses.back() + "/metrics";
  return {};
}

plugin::LogSink Daemon::Impl::plugin_log() const {
  return [this](plugin::LogLevel level, const std::string& plugin_id, const std::string& line) {
    log->write(static_cast<Level>(level), line, {{"plugin", plugin_id}});
  };
}

Result<void> Daemon::Impl::run_plugins() {
  plugins = std::make_unique<plugin::PluginHost>(plugin_options(config, keys, device_url), *store,
                                                 presence, keys.code,
                                                 http::plugin_routes(router, *store), plugin_log());
  importer = std::make_unique<inventory::Importer>(
      *store,
      [this](const plugin::CallContext& call, const store::Device& device) {
        return plugins->leaving(call, device);
      },
      &http::inventory_reply);
  plugins->on_host_timer("inventory/",
                         [this](const std::string& customer, const std::string& name) {
                           return importer->due(customer, name);
                         });
  if (auto started = plugins->start(); !started) return started;
  for (const auto& plugin : plugins->plugins()) {
    const bool runs = plugin.state == "running";
    log->write(runs ? Level::kInfo : Level::kError, "plugin " + plugin.state,
               {{"plugin", plugin.id}, {"file", plugin.file}, {"reason", plugin.reason}});
  }
  return {};
}

Result<void> Daemon::Impl::add_routes() {
  std::set<std::string> origins = {
      device_url.substr(0, device_url.find('/', device_url.find("://") + 3))};
  for (const auto& url : plugins->own_urls()) {
    origins.insert("https://" + url.host);
    router.alias(without_port(url.host), url.path, "/v1/services/" + url.service + "/register");
  }
  context = std::make_unique<http::Context>(
      http::Context{*store, presence, *plugins, *importer, keys, {origins.begin(), origins.end()}});
  metrics = std::make_unique<http::Metrics>(
      http::MetricSources{*store, presence, *plugins, [this] { return front.get(); }});
  if (auto added = http::add_host_routes(router, *context); !added) return added;
  return http::add_metrics_routes(router, *metrics);
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Daemon::~Daemon() = default;

Result<std::unique_ptr<Daemon>> Daemon::start(const config::Config& config) {
  auto impl = std::make_unique<Impl>(config);
  auto done = impl->open();
  if (done) done = impl->listen();
  if (done) done = impl->run_plugins();
  if (done) done = impl->add_routes();
  if (done) done = impl->front->start();
  if (!done) return fail(done.error());
  impl->log->write(Level::kInfo, "intrayd listens",
                   {{"devices", impl->device_url}, {"administrators", impl->administrator_url}});
  return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

std::string Daemon::ready_line() const {
  boost::json::object line{{"administrator_url", impl_->administrator_url},
                           {"device_url", impl_->device_url},
                           {"operator_url", "unix:" + impl_->config.operator_socket.string()},
                           {"pid", getpid()}};
  if (!impl_->metrics_url.empty()) line["metrics_url"] = impl_->metrics_url;
  return boost::json::serialize(line);
}

const http::Router& Daemon::router() const { return impl_->router; }

namespace {

// The rows of the plugins that extend the host, by those plugins themselves.
Result<std::vector<std::string>> check_plugins(const config::Config& config,
                                               const security::Keys& keys, store::Store& store,
                                               const store::Snapshot& snapshot) {
  constexpr std::size_t kBrokenMax = 1000;
  auto options = plugin_options(config, keys, "https://" + config.devices.listen);
  options.only_check = true;
  store::PresenceMarks presence;
  http::Router router;
  plugin::PluginHost plugins(std::move(options), store, presence, keys.code,
                             http::plugin_routes(router, store),
                             [](plugin::LogLevel, const std::string&, const std::string&) {});
  if (auto started = plugins.start(); !started) return fail(started.error());
  return plugins.check(snapshot, kBrokenMax);
}

}  // namespace

Result<std::vector<std::string>> check_store(const config::Config& config) {
  const auto keys = security::load_keys(config.keys_directory);
  if (!keys) return fail(keys.error());
  auto options = store_options(config, keys->epoch);
  options.read_only = true;
  const auto store = store::Store::open(std::move(options));
  if (!store) return fail(store.error());
  const auto snapshot = (*store)->snapshot();
  if (!snapshot) return fail(snapshot.error());
  auto broken = store::check(*snapshot);
  if (!broken) return broken;
  const auto of_plugins = check_plugins(config, *keys, **store, *snapshot);
  if (!of_plugins) return fail(of_plugins.error());
  broken->insert(broken->end(), of_plugins->begin(), of_plugins->end());
  return broken;
}

}  // namespace intray
