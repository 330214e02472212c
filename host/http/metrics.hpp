// What /metrics says (Prometheus text format). No label is ever a device, a customer or a secret.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/http/front.hpp"
#include "host/plugin/host.hpp"
#include "host/store/presence.hpp"
#include "host/store/store.hpp"

namespace intray::http {

/// What is read when somebody asks; all of it outlives the metrics.
struct MetricSources {
  const store::Store& store;
  const store::PresenceMarks& presence;
  const plugin::PluginHost& plugins;
  std::function<const Front*()> front;  // nullptr while there is none
};

class Metrics {
 public:
  explicit Metrics(MetricSources sources);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// One answered request. Any thread; does not block.
  void answered(const Access& access);
  /// The exposition. Any thread.
  std::string text();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// /metrics on the metrics' listener and the operator's.
Result<void> add_metrics_routes(Router& router, Metrics& metrics);

}  // namespace intray::http
