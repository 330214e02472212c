#include "host/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace intray {
namespace {

constexpr std::size_t kLinesQueued = 8192;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      break;
  }
  return spdlog::level::err;
}

// Fields of a line may hold what came from a network: no control character reaches the log.
std::string printable(std::string_view text) {
  std::string line(text);
  for (auto& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 32 || byte == 127) c = ' ';
  }
  return line;
}

std::string as_text(std::string_view message, const Log::Fields& fields) {
  auto line = printable(message);
  for (const auto& [name, value] : fields) {
    line += "  " + std::string(name) + "=" + printable(value);
  }
  return line;
}

std::string as_members(std::string_view message, const Log::Fields& fields) {
  boost::json::object line{{"message", message}};
  for (const auto& [name, value] : fields) line[name] = value;
  auto text = boost::json::serialize(line);
  return text.substr(1, text.size() - 2);
}

}  // namespace

class Log::Impl {
 public:
  std::shared_ptr<spdlog::logger> logger;
  bool as_json = false;
  // Last, so that it ends first: it writes what is queued for the logger, and is joined.
  std::shared_ptr<spdlog::details::thread_pool> thread;
};

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const config::Config& config) {
  try {
    auto impl = std::make_unique<Impl>();
    spdlog::sink_ptr sink;
    if (config.log_file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(config.log_file.string());
    }
    impl->as_json = config.log_format == "json";
    impl->thread = std::make_shared<spdlog::details::thread_pool>(kLinesQueued, 1);
    impl->logger = std::make_shared<spdlog::async_logger>(
        "intrayd", std::move(sink), impl->thread, spdlog::async_overflow_policy::overrun_oldest);
    impl->logger->set_pattern(impl->as_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                                            : "%Y-%m-%dT%H:%M:%S.%e %L %v");
    impl->logger->set_level(spdlog::level::from_str(config.log_level));
    impl->logger->flush_on(spdlog::level::info);
    return std::unique_ptr<Log>(new Log(std::move(impl)));
  } catch (const spdlog::spdlog_ex& exception) {
    return fail(INTRAY_E_INVALID, std::string("log.file: ") + exception.what());
  }
}

bool Log::shows(Level level) const { return impl_->logger->should_log(level_of(level)); }

void Log::write(Level level, std::string_view message, const Fields& fields) const {
  if (!shows(level)) return;
  impl_->logger->log(level_of(level), "{}",
                     impl_->as_json ? as_members(message, fields) : as_text(message, fields));
}

}  // namespace intray
