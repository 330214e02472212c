// The daemon as a whole: every object, in the order in which they need each other.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/config/config.hpp"
#include "host/http/router.hpp"
#include "intray/result.hpp"

namespace intray {

class Daemon {
 public:
  /// Opens the store, loads the plugins, listens. Errors say what, on what, what to do.
  static Result<std::unique_ptr<Daemon>> start(const config::Config& config);
  /// Lets requests end, stops the plugins, flushes, closes.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// {"administrator_url":…,"device_url":…,"operator_url":"unix:…","pid":…}, one line;
  /// with metrics.listen a "metrics_url", too.
  std::string ready_line() const;
  /// Everything that it answers, plugins' routes among them.
  const http::Router& router() const;

 private:
  class Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The offline check: every invariant of a store that no daemon has open, the rows of the plugins
/// in plugins.platform included. The broken ones, in sentences; one names each such plugin that
/// does not load. Nothing is written, and no plugin's hook or timer is called.
Result<std::vector<std::string>> check_store(const config::Config& config);

}  // namespace intray
