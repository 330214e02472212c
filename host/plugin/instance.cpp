#include "host/plugin/instance.hpp"

#include "intray/crossing.hpp"

namespace intray::plugin {
namespace {

constexpr std::uint32_t kServicesMax = 64;
constexpr std::uint32_t kTypesMax = 32;

// Every slot of the plugin itself is mandatory.
Result<void> check_plugin(const intray_plugin* plugin) {
  if (plugin == nullptr || !INTRAY_HAS(plugin, intray_plugin, get_extension) ||
      plugin->init == nullptr || plugin->start == nullptr || plugin->stop == nullptr ||
      plugin->destroy == nullptr || plugin->get_extension == nullptr) {
    return fail(INTRAY_E_INVALID, "its create() gave an incomplete plugin");
  }
  return {};
}

}  // namespace

std::string_view state_name(State state) {
  switch (state) {
    case State::kLoaded:
      return "loaded";
    case State::kRunning:
      return "running";
    case State::kStopped:
      return "stopped";
    case State::kRefused:
      return "refused";
    case State::kFaulty:
      return "faulty";
  }
  return "unknown";
}

Instance::~Instance() {
  if (plugin_ == nullptr) return;
  try {
    plugin_->destroy(plugin_);
  } catch (...) {
    // Nothing is left to tell: it is gone either way.
  }
}

std::string Instance::reason() const {
  const std::lock_guard lock(reason_mutex_);
  return reason_;
}

void Instance::refuse(const std::string& why) {
  state_ = State::kRefused;
  const std::lock_guard lock(reason_mutex_);
  reason_ = why;
}

Result<void> Instance::guarded(const Function& function) {
  const auto faulty = [this](const std::string& what) {
    state_ = State::kFaulty;
    const std::lock_guard lock(reason_mutex_);
    reason_ = what;
    return fail(INTRAY_E_UNAVAILABLE, "plugin " + info().id + " is faulty: " + what);
  };
  try {
    ErrorSlot error;
    const auto status = function(error);
    if (status >= INTRAY_OK && status <= INTRAY_E_FULL) return error.result(status);
    return fail(INTRAY_E_INTERNAL, "plugin " + info().id + " answered with its own code " +
                                       std::to_string(status) + ": " +
                                       error.result(status).error().message);
  } catch (const std::exception& exception) {
    return faulty(std::string("an exception left it: ") + exception.what());
  } catch (...) {
    return faulty("an exception left it");
  }
}

Result<void> Instance::serially(const Function& function) {
  if (info().concurrency == INTRAY_CONCURRENT) return guarded(function);
  const std::lock_guard one_at_a_time(serial_);
  return guarded(function);
}

Result<void> Instance::call(const Function& function) {
  if (state_ != State::kRunning) {
    return fail(INTRAY_E_UNAVAILABLE,
                "plugin " + info().id + " is " + std::string(state_name(state_)));
  }
  return serially(function);
}

void Instance::finish(const std::function<void()>& function) {
  if (state_ == State::kFaulty) return;
  (void)serially([&](intray_error*) {
    function();
    return INTRAY_OK;
  }).has_value();
}

template <class Table>
const Table* Instance::table(const char* id) const {
  const auto* found = static_cast<const Table*>(plugin_->get_extension(plugin_, id));
  return found != nullptr && found->struct_size >= sizeof(Table) ? found : nullptr;
}

Result<void> Instance::create(const intray_host* host) {
  const intray_plugin* made = nullptr;
  auto done = guarded([&](intray_error* error) {
    return offer_.factory->create(str(info().id), host, &made, error);
  });
  if (done) done = check_plugin(made);
  if (!done) return done;
  plugin_ = made;
  done = guarded([&](intray_error* error) { return plugin_->init(plugin_, error); });
  if (!done) return done;
  Result<void> declared;
  done = guarded([&](intray_error*) {
    declared = take_declarations();
    return INTRAY_OK;
  });
  return done ? declared : done;
}

Result<void> Instance::take_declarations() {
  service_ = table<intray_service>(INTRAY_EXT_SERVICE);
  instructions_ = table<intray_instructions>(INTRAY_EXT_INSTRUCTIONS);
  timer_ = table<intray_timer>(INTRAY_EXT_TIMER);
  inventory_ = table<intray_inventory>(INTRAY_EXT_INVENTORY);
  check_ = table<intray_check>(INTRAY_EXT_CHECK);
  const bool hollow = (timer_ != nullptr && timer_->due == nullptr) ||
                      (inventory_ != nullptr && inventory_->device_leaving == nullptr) ||
                      (check_ != nullptr && check_->check == nullptr);
  if (hollow) return fail(INTRAY_E_INVALID, "a table that it implements has no function");
  auto done = take_services();
  return done ? take_instruction_types() : done;
}

Result<void> Instance::take_services() {
  if (service_ == nullptr || service_->service_count == nullptr || service_->service == nullptr) {
    if (info().kind != INTRAY_KIND_SERVICE) return {};
    return fail(INTRAY_E_INVALID, "it is a service plugin without " INTRAY_EXT_SERVICE);
  }
  const auto count = service_->service_count(plugin_);
  if (count == 0 || count > kServicesMax) {
    return fail(INTRAY_E_INVALID, "it declares " + std::to_string(count) + " services (1 to 64)");
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    auto service = checked(service_->service(plugin_, i));
    if (!service) return fail(service.error());
    services_.push_back(std::move(*service));
  }
  return {};
}

Result<void> Instance::take_instruction_types() {
  if (instructions_ == nullptr) return {};
  if (instructions_->type_count == 0 || instructions_->type_count > kTypesMax ||
      instructions_->types == nullptr || instructions_->acknowledged == nullptr) {
    return fail(INTRAY_E_INVALID, "its " INTRAY_EXT_INSTRUCTIONS " is incomplete");
  }
  for (std::uint32_t i = 0; i < instructions_->type_count; ++i) {
    const auto type = bounded(instructions_->types[i], 64);
    if (!type || !is_id(*type, 64)) {
      return fail(INTRAY_E_INVALID, "it owns an instruction type without a proper name");
    }
    types_.push_back(*type);
  }
  return {};
}

Result<void> Instance::start() {
  started_ = true;
  state_ = State::kRunning;  // requests may come before start() returns
  return guarded([this](intray_error* error) { return plugin_->start(plugin_, error); });
}

void Instance::stop(std::int64_t deadline_mono_ns) {
  if (!started_.exchange(false)) return;
  (void)guarded([&](intray_error* error) {
    return plugin_->stop(plugin_, deadline_mono_ns, error);
  }).has_value();
}

}  // namespace intray::plugin
