// The daemon's log, by spdlog: lines of text, or one JSON object a line. Lines are written by a
// thread of their own; when the queue is full the oldest are dropped, so nobody waits for a disk.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/config/config.hpp"
#include "intray/result.hpp"

namespace intray {

enum class Level { kDebug, kInfo, kWarn, kError };

class Log {
 public:
  /// INTRAY_E_INVALID when log.file cannot be opened.
  static Result<std::unique_ptr<Log>> open(const config::Config& config);
  ~Log();  // writes what is queued
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;
  /// One line. No secret, token or registration code, ever. Any thread; does not block.
  void write(Level level, std::string_view message, const Fields& fields = {}) const;
  bool shows(Level level) const;

 private:
  class Impl;
  explicit Log(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace intray
