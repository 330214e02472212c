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

Result<void> Instance::guarded(const std::function<intray_status(intray_error*)>& function) {
  const auto faulty = [this](const std::string& what) {
    state_ = State::kFaulty;
    const std::lock_guard lock(reason_mutex_);
    reason_ = what;
    return fail(INTRAY_E_UNAVAILABLE, "plugin " + info().id + " is faulty: " + what);
  };
  try {
    ErrorSlot error;
    const auto status = function(error);
    return error.result(status);
  } catch (const std::exception& exception) {
    return faulty(std::string("an exception left it: ") + exception.what());
  } catch (...) {
    return faulty("an exception left it");
  }
}

Result<void> Instance::call(const std::function<intray_status(intray_error*)>& function) {
  if (state_ != State::kRunning) {
    return fail(INTRAY_E_UNAVAILABLE,
                "plugin " + info().id + " is " + std::string(state_name(state_)));
  }
  if (info().concurrency == INTRAY_CONCURRENT) return guarded(function);
  const std::lock_guard one_at_a_time(serial_);
  return guarded(function);
}

template <class Table>
const Table* Instance::table(const char* id, std::size_t min_size) const {
  const auto* found = static_cast<const Table*>(plugin_->get_extension(plugin_, id));
  return found != nullptr && found->struct_size >= min_size ? found : nullptr;
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
  service_ = table<intray_service>(INTRAY_EXT_SERVICE, sizeof(intray_service));
  instructions_ = table<intray_instructions>(INTRAY_EXT_INSTRUCTIONS, sizeof(intray_instructions));
  timer_ = table<intray_timer>(INTRAY_EXT_TIMER, sizeof(intray_timer));
  inventory_ = table<intray_inventory>(INTRAY_EXT_INVENTORY, sizeof(intray_inventory));
  check_ = table<intray_check>(INTRAY_EXT_CHECK, sizeof(intray_check));
  done = take_services();
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
  state_ = State::kRunning;  // requests may come before start() returns
  auto done = guarded([this](intray_error* error) { return plugin_->start(plugin_, error); });
  if (!done) state_ = State::kRefused;
  return done;
}

void Instance::stop(std::int64_t deadline_mono_ns) {
  const auto before = state_.exchange(State::kStopped);
  if (before != State::kRunning && before != State::kFaulty) return;
  (void)guarded([&](intray_error* error) {
    return plugin_->stop(plugin_, deadline_mono_ns, error);
  }).has_value();
}

}  // namespace intray::plugin
