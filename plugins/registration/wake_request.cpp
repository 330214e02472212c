#include "plugins/registration/wake_request.hpp"

#include <intray/wake.h>

#include <charconv>

namespace intray::registration {
namespace {

// A number in the query; the range is as plan_wake says it.
Result<std::size_t> number_of(const HttpRequest& request, std::string_view name, std::size_t min,
                              std::size_t max, std::size_t absent) {
  const auto text = request.query(name);
  if (text.empty()) return absent;
  std::size_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && read == end && number >= min && number <= max) return number;
  return fail(INTRAY_E_INVALID, "'" + std::string(name) + "' is a number from " +
                                    std::to_string(min) + " to " + std::to_string(max));
}

Result<WakeMode> mode_of(const std::string& word) {
  if (word == "each") return WakeMode::kEach;
  if (word == "relay") return WakeMode::kRelay;
  if (word == "tree") return WakeMode::kTree;
  return fail(INTRAY_E_INVALID, "'mode' is each, relay or tree");
}

Result<WakeRootBy> root_by_of(const std::string& word) {
  if (word.empty() || word == "first") return WakeRootBy::kFirst;
  if (word == "performance") return WakeRootBy::kPerformance;
  return fail(INTRAY_E_INVALID, "'root_by' is first or performance");
}

std::string text_of(const std::string& mode, const WakeRequest& request) {
  std::string text = mode + ' ' + request.scheme;
  const bool fastest = request.root_by == WakeRootBy::kPerformance;
  for (const std::size_t number :
       {request.roots, request.fanout, std::size_t{fastest}, std::size_t{request.interval_ms},
        request.polls_max, std::size_t{request.port}}) {
    text += ' ' + std::to_string(number);
  }
  return text;
}

}  // namespace

Result<WakeRequest> wake_settings(const Scope& scope) {
  auto scheme = scope.platform.setting(scope.customer, INTRAY_SETTING_WAKE_SCHEME);
  if (!scheme) return fail(scheme.error());
  const auto port = scope.platform.number_setting(scope.customer, INTRAY_SETTING_WAKE_PORT);
  if (!port) return fail(port.error());
  const auto polls =
      scope.platform.number_setting(scope.customer, INTRAY_SETTING_POLLS_CONCURRENT_MAX);
  if (!polls) return fail(polls.error());
  WakeRequest request;
  request.scheme = std::move(*scheme);
  request.port = static_cast<std::uint16_t>(*port);
  request.polls_max = static_cast<std::size_t>(*polls);
  return request;
}

Result<WakeAsked> wake_asked(const Scope& scope, const HttpRequest& request) {
  WakeAsked asked;
  const auto word = request.query("mode");
  asked.mode = word.empty() ? "tree" : word;
  const auto mode = mode_of(asked.mode);
  if (!mode) return fail(mode.error());
  const auto root_by = root_by_of(request.query("root_by"));
  if (!root_by) return fail(root_by.error());
  const auto roots = number_of(request, "roots", 1, kWakeRootsMax, 1);
  if (!roots) return fail(roots.error());
  const auto fanout = number_of(request, "fanout", 2, kWakeFanoutMax, kWakeFanoutMax);
  if (!fanout) return fail(fanout.error());
  const auto interval = number_of(request, "interval_ms", 0, INTRAY_WAKE_STEP_MS_MAX, 0);
  if (!interval) return fail(interval.error());
  const auto settings = wake_settings(scope);
  if (!settings) return fail(settings.error());
  asked.request = *settings;
  asked.request.mode = *mode;
  asked.request.root_by = *root_by;
  asked.request.roots = *roots;
  asked.request.fanout = *fanout;
  asked.request.interval_ms = static_cast<std::uint32_t>(*interval);
  asked.text = text_of(asked.mode, asked.request);
  return asked;
}

}  // namespace intray::registration
