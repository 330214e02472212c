#include "host/plugin/host.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <mutex>

#include "host/plugin/extend.hpp"
#include "host/plugin/hooks.hpp"
#include "host/plugin/outbox.hpp"
#include "host/plugin/tables.hpp"
#include "host/plugin/timers.hpp"

namespace intray::plugin {
namespace {

using std::chrono::steady_clock;

std::string kind_name(std::uint32_t kind) {
  return kind == INTRAY_KIND_PLATFORM ? "platform" : "service";
}

// "https://HOST/PATH", which was checked before.
PluginHost::OwnUrl own_url(const Service& service) {
  constexpr std::string_view kScheme = "https://";
  const auto rest = service.info.registration_url.substr(kScheme.size());
  const auto end = rest.find('/');
  return {rest.substr(0, end), rest.substr(end), service.info.service_id};
}

// One plugin of one library; without an instance it was refused before it was made.
struct Loaded {
  std::string file, reason;
  PluginInfo info;
  std::unique_ptr<HostTables> tables;
  std::shared_ptr<Instance> instance;
};

}  // namespace

class PluginHost::Impl {
 public:
  Impl(HostOptions given, store::Store& store, store::PresenceMarks& presence,
       security::Secret code_key, RouteTable routes, LogSink log)
      : options(std::move(given)),
        pool(std::max<std::size_t>(options.workers, 1), std::numeric_limits<std::size_t>::max()),
        services{store,
                 presence,
                 std::move(code_key),
                 options.wake_key,
                 {store, options.polls_concurrent_max},
                 options.epoch,
                 std::move(routes),
                 std::move(log),
                 pool,
                 {},
                 {},
                 nullptr,
                 {},
                 {},
                 {},
                 0,
                 {}},
        hooks(services, std::max<std::size_t>(options.workers, 1)),
        timers(services) {
    services.hooks = &hooks;
  }

  Result<void> start();
  void stop(std::chrono::milliseconds time);
  std::vector<PluginStatus> status() const;

  HostOptions options;
  WorkerPool pool;
  Services services;
  Hooks hooks;
  TimerPump timers;
  std::vector<Loaded> loaded;
  std::map<std::string, std::string> type_owners;  // instruction type: plugin id
  std::vector<std::unique_ptr<OutboxLine>> outbox;
  bool started = false;
  bool stopped = false;
  bool clean = true;  // every call came back before the stop ended

 private:
  void load(const std::filesystem::path& file);
  void make(Loaded plugin, const Offer& offer);
  Result<void> allow(const PluginInfo& info) const;
  Result<void> claim(const Instance& instance);
  void start_all(std::uint32_t kind);
  void tell_unused_config() const;
  Result<void> start_outbox();
  bool stop_one(Loaded& plugin, steady_clock::time_point deadline);
  void refuse(Loaded& plugin, const std::string& why);
};

void PluginHost::Impl::refuse(Loaded& plugin, const std::string& why) {
  plugin.reason = why;
  if (plugin.instance) plugin.instance->refuse(why);
  services.log(LogLevel::kError, plugin.info.id, "refused " + plugin.file + ": " + why);
}

// What the descriptor alone decides, before any state of the plugin exists.
Result<void> PluginHost::Impl::allow(const PluginInfo& info) const {
  const auto& allowed = options.platform_plugins;
  if (services.instance(info.id) != nullptr) {
    return fail(INTRAY_E_CONFLICT, "another library holds plugin " + info.id + " already");
  }
  if (info.kind == INTRAY_KIND_PLATFORM &&
      std::find(allowed.begin(), allowed.end(), info.id) == allowed.end()) {
    return fail(INTRAY_E_DENIED, "plugin " + info.id +
                                     " wants to extend the host, and plugins.platform does not "
                                     "name it");
  }
  for (const auto& id : info.required) {
    if (!is_known_extension(id)) {
      return fail(INTRAY_E_UNSUPPORTED, "it needs " + id + ", which this host does not have");
    }
    if (!is_granted(id, info.kind)) {
      return fail(INTRAY_E_DENIED, "it needs " + id + ", which a service plugin does not get");
    }
  }
  return {};
}

void PluginHost::Impl::load(const std::filesystem::path& file) {
  const auto offers = load_library(file);
  if (!offers) {
    loaded.push_back({file.string(), "", {}, nullptr, nullptr});
    refuse(loaded.back(), offers.error().message);
    return;
  }
  for (const auto& offer : *offers) {
    make({file.string(), "", offer.info, nullptr, nullptr}, offer);
  }
}

void PluginHost::Impl::make(Loaded plugin, const Offer& offer) {
  loaded.push_back(std::move(plugin));
  auto& made = loaded.back();
  if (auto allowed = allow(made.info); !allowed) return refuse(made, allowed.error().message);
  const auto config = options.config.find(made.info.id);
  const auto prefixes = options.routes.find(made.info.id);
  made.tables = std::make_unique<HostTables>(
      services, made.info, config == options.config.end() ? Pairs() : config->second,
      prefixes == options.routes.end() ? std::vector<std::string>() : prefixes->second);
  auto instance = std::make_shared<Instance>(offer);
  if (auto created = instance->create(made.tables->raw()); !created) {
    return refuse(made, created.error().message);  // and destroyed here
  }
  made.tables->set_instruction_types(instance->instruction_types());
  made.instance = std::move(instance);
  services.instances.emplace(made.info.id, made.instance);
}

// Names that belong to one plugin alone, the first one: instruction types and services.
Result<void> PluginHost::Impl::claim(const Instance& instance) {
  const auto& id = instance.info().id;
  for (const auto& type : instance.instruction_types()) {
    const auto owner = type_owners.find(type);
    if (owner != type_owners.end()) {
      return fail(INTRAY_E_CONFLICT,
                  "plugin " + owner->second + " owns instruction type " + type + " already");
    }
  }
  auto offered = services.catalogue.add(id, instance.services(), options.public_device_url);
  if (!offered) return offered;
  for (const auto& type : instance.instruction_types()) type_owners.emplace(type, id);
  return {};
}

// Platform plugins come last: from then on the catalogue, which they read, does not change. A
// service of one that does not start is answered as unavailable.
void PluginHost::Impl::start_all(std::uint32_t kind) {
  std::vector<Loaded*> claimed;
  for (auto& plugin : loaded) {
    if (plugin.instance == nullptr || plugin.info.kind != kind) continue;
    if (auto taken = claim(*plugin.instance); !taken) {
      refuse(plugin, taken.error().message);
      continue;
    }
    if (!plugin.instance->services().empty()) hooks.add(plugin.instance);
    claimed.push_back(&plugin);
  }
  for (auto* plugin : claimed) {
    const auto running = plugin->instance->start();
    if (running) continue;
    plugin->tables->remove_all_routes();
    if (kind == INTRAY_KIND_SERVICE) services.catalogue.remove(plugin->info.id);
    refuse(*plugin, "it does not start: " + running.error().message);
  }
}

// The host cannot know a plugin's keys, but it sees which ones nobody asked for.
void PluginHost::Impl::tell_unused_config() const {
  for (const auto& [id, pairs] : options.config) {
    const auto found = std::find_if(loaded.begin(), loaded.end(),
                                    [&id = id](const auto& one) { return one.info.id == id; });
    if (found == loaded.end()) {
      services.log(LogLevel::kWarn, id, "no plugin has this id: its configuration is not used");
      continue;
    }
    if (!found->instance) continue;  // why it was refused is told already
    for (const auto& key : found->tables->unread_keys()) {
      services.log(LogLevel::kWarn, id,
                   "it did not ask for '" + key + "' of its configuration: is that misspelt?");
    }
  }
}

Result<void> PluginHost::Impl::start_outbox() {
  const auto before = newest_outbox_row(services.store);
  if (!before) return fail(before.error());
  for (const auto& [id, instance] : services.instances) {
    if (hooks.lane(id) == nullptr || instance->state() != State::kRunning) continue;
    outbox.push_back(std::make_unique<OutboxLine>(services, hooks, id, *before));
  }
  return {};
}

Result<void> PluginHost::Impl::start() {
  assert(!started && "a host of plugins is started once");
  const auto files = libraries_in(options.directory);
  if (!files) return fail(files.error());
  const auto complain = [this](const std::string& what) {
    services.log(LogLevel::kError, "host", what);
  };
  if (auto read = services.polls.load(complain); !read) return read;
  started = true;
  for (const auto& file : *files) load(file);
  if (!options.only_check) start_all(INTRAY_KIND_SERVICE);
  start_all(INTRAY_KIND_PLATFORM);
  if (options.only_check) return {};
  tell_unused_config();
  timers.start();
  return start_outbox();
}

// False when one of its calls still runs: then it must stay where it is.
bool PluginHost::Impl::stop_one(Loaded& plugin, steady_clock::time_point deadline) {
  if (plugin.instance == nullptr) return true;
  plugin.tables->dones().shut();
  const bool told = plugin.tables->dones().wait_empty(deadline);
  plugin.instance->stop(mono_ns_of(deadline));
  plugin.tables->remove_all_routes();
  const bool back = hooks.close(plugin.info.id, deadline);
  plugin.tables->gate().shut();
  const bool empty = plugin.tables->gate().wait_empty(deadline);
  if (told && back && empty) return true;
  services.log(LogLevel::kError, plugin.info.id, "it did not come back before the host stopped");
  return false;
}

void PluginHost::Impl::stop(std::chrono::milliseconds time) {
  if (stopped) return;
  stopped = true;
  const auto deadline = steady_clock::now() + time;
  for (auto& plugin : loaded) {
    if (plugin.instance && plugin.instance->state() == State::kRunning) plugin.instance->close();
  }
  for (const auto& plugin : loaded) hooks.close(plugin.info.id, steady_clock::now());
  outbox.clear();
  clean = timers.stop(deadline);
  for (auto& plugin : loaded) clean = stop_one(plugin, deadline) && clean;
}

std::vector<PluginStatus> PluginHost::Impl::status() const {
  std::vector<PluginStatus> all;
  for (const auto& plugin : loaded) {
    PluginStatus one;
    one.id = plugin.info.id;
    one.name = plugin.info.name;
    one.version = plugin.info.version;
    one.kind = plugin.info.id.empty() ? "" : kind_name(plugin.info.kind);
    one.file = plugin.file;
    one.state = state_name(plugin.instance ? plugin.instance->state() : State::kRefused);
    one.reason = plugin.instance ? plugin.instance->reason() : plugin.reason;
    const auto late = hooks.late(plugin.info.id);
    if (late > 0 && one.reason.empty()) {
      one.state = state_name(State::kFaulty);
      one.reason = std::to_string(late) + " of its calls did not come back in time";
    }
    if (plugin.instance) {
      for (const auto& service : plugin.instance->services()) {
        one.services.push_back(service.service_id);
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

PluginHost::PluginHost(HostOptions options, store::Store& store, store::PresenceMarks& presence,
                       security::Secret code_key, RouteTable routes, LogSink log)
    : impl_(std::make_unique<Impl>(std::move(options), store, presence, std::move(code_key),
                                   std::move(routes), std::move(log))) {}

PluginHost::~PluginHost() {
  stop();
  if (impl_->clean) return;
  // A plugin that still runs uses all this; nothing but the end of the process can stop it. It is
  // kept where it can be found: it is no leak.
  static std::mutex mutex;
  static auto* const kept = new std::vector<Impl*>();
  const std::lock_guard lock(mutex);
  kept->push_back(impl_.release());
}

Result<void> PluginHost::start() { return impl_->start(); }

void PluginHost::stop(std::chrono::milliseconds deadline) { impl_->stop(deadline); }

const Catalogue& PluginHost::catalogue() const { return impl_->services.catalogue; }
std::vector<PluginStatus> PluginHost::plugins() const { return impl_->status(); }

std::vector<PluginHost::OwnUrl> PluginHost::own_urls() const {
  std::vector<OwnUrl> urls;
  for (const auto* service : catalogue().all()) {
    if (!service->info.registration_url.empty()) urls.push_back(own_url(*service));
  }
  return urls;
}

Result<std::vector<store::Operation>> PluginHost::acknowledge(
    const CallContext& context, const store::Device& device, const store::Mail& mail,
    const Acknowledgement& acknowledgement) {
  return plugin::acknowledge(impl_->services, context, device, mail, acknowledgement);
}

Result<std::vector<store::Operation>> PluginHost::leaving(const CallContext& context,
                                                          const store::Device& device) {
  return plugin::leaving(impl_->services, context, device);
}

Result<std::vector<std::string>> PluginHost::check(const store::Snapshot& snapshot,
                                                   std::size_t limit) {
  auto broken = plugin::check(impl_->services, snapshot, limit);
  if (!broken) return broken;
  const auto all = plugins();
  for (const auto& id : impl_->options.platform_plugins) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto& plugin) { return plugin.id == id; });
    if (found != all.end() && found->state == "running") continue;
    broken->push_back("the rows of plugin " + id + " are not proved: " +
                      (found == all.end() ? "it is not in plugins.directory" : found->reason));
  }
  return broken;
}

void PluginHost::on_host_timer(std::string prefix, HostTimer handler) {
  impl_->timers.on_host_timer(std::move(prefix), std::move(handler));
}

PollStats PluginHost::polls() const { return impl_->services.polls.stats(); }

std::uint64_t PluginHost::outbox_waiting() const {
  const auto snapshot = impl_->services.store.snapshot();
  return snapshot ? snapshot->outbox(0, store::kPageRowsMax).size() : 0;
}

}  // namespace intray::plugin
