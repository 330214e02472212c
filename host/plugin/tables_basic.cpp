// log, clock, config
#include "host/plugin/tables.hpp"

namespace intray::plugin {
namespace {

constexpr std::size_t kLineBytesMax = 4096;
constexpr std::uint32_t kFieldsMax = 32;

LogLevel level_of(std::uint32_t level) {
  switch (level) {
    case INTRAY_LOG_DEBUG:
      return LogLevel::kDebug;
    case INTRAY_LOG_INFO:
      return LogLevel::kInfo;
    case INTRAY_LOG_WARN:
      return LogLevel::kWarn;
    default:
      return LogLevel::kError;
  }
}

// One line, whatever the plugin wrote.
std::string printable(intray_str text) {
  std::string line(view(text).substr(0, kLineBytesMax));
  for (auto& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 32 || byte == 127) c = ' ';
  }
  return line;
}

void INTRAY_CC write(const intray_host* host, std::uint32_t level, intray_str message,
                     const intray_kv* fields, std::uint32_t count) noexcept {
  try {
    auto& tables = HostTables::of(host);
    const Passage inside(tables.gate());
    if (!inside) return;
    auto line = printable(message);
    for (std::uint32_t i = 0; fields != nullptr && i < count && i < kFieldsMax; ++i) {
      line += " " + printable(fields[i].key) + "=" + printable(fields[i].value);
    }
    tables.services().log(level_of(level), tables.info().id, line.substr(0, kLineBytesMax));
  } catch (...) {
    // A line that cannot be written is dropped.
  }
}

std::int64_t INTRAY_CC unix_ns(const intray_host* host) noexcept {
  auto& tables = HostTables::of(host);
  const Passage inside(tables.gate());
  return inside ? tables.services().store.now() : 0;
}

std::int64_t INTRAY_CC mono(const intray_host*) noexcept { return mono_ns(); }

intray_status INTRAY_CC get(const intray_host* host, intray_str key, intray_kv_visit visit,
                            void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    for (const auto& [name, value] : tables.config()) {
      if (name != view(key)) continue;
      tables.note_read(name);
      const intray_kv pair{str(name), str(value)};
      return visited(visit(user, &pair));
    }
    return fail(INTRAY_E_NOT_FOUND, "the configuration has no " + copy(key));
  });
}

intray_status INTRAY_CC walk(const intray_host* host, intray_str prefix, intray_kv_visit visit,
                             void* user, intray_error* error) noexcept {
  return serve(host, error, [&](HostTables& tables) -> Result<void> {
    for (const auto& [name, value] : tables.config()) {
      if (name.rfind(view(prefix), 0) != 0) continue;
      tables.note_read(name);
      const intray_kv pair{str(name), str(value)};
      if (auto done = visited(visit(user, &pair)); !done) return done;
    }
    return {};
  });
}

}  // namespace

const intray_host_log& log_table() {
  static const intray_host_log table = {sizeof table, 0, &write};
  return table;
}
const intray_host_clock& clock_table() {
  static const intray_host_clock table = {sizeof table, 0, &unix_ns, &mono};
  return table;
}
const intray_host_config& config_table() {
  static const intray_host_config table = {sizeof table, 0, &get, &walk};
  return table;
}

}  // namespace intray::plugin
