#include "host/http/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <mutex>

#include "host/http/routes.hpp"

namespace intray::http {
namespace {

constexpr std::array kListeners = {"devices", "administrators", "operator", "metrics"};
constexpr std::array kClasses = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
const std::vector<double> kSeconds = {0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};

std::size_t class_of(int status) {
  const auto hundreds = static_cast<std::size_t>(status / 100);
  return hundreds < kClasses.size() ? hundreds : 0;
}

}  // namespace

class Metrics::Impl {
 public:
  explicit Impl(MetricSources given) : sources(std::move(given)) {
    auto& requests = prometheus::BuildCounter()
                         .Name("intray_http_requests_total")
                         .Help("Answered requests by listener and class of status")
                         .Register(registry);
    auto& seconds = prometheus::BuildHistogram()
                        .Name("intray_http_request_seconds")
                        .Help("From the end of a request's head to its answer")
                        .Register(registry);
    for (std::size_t i = 0; i < kListeners.size(); ++i) {
      took[i] = &seconds.Add({{"listener", kListeners[i]}}, kSeconds);
      for (std::size_t j = 0; j < kClasses.size(); ++j) {
        counts[i][j] = &requests.Add({{"listener", kListeners[i]}, {"class", kClasses[j]}});
      }
    }
  }

  void set(const std::string& name, const std::string& help, double value) {
    auto found = gauges.find(name);
    if (found == gauges.end()) {
      auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry);
      found = gauges.emplace(name, &family.Add({})).first;
    }
    found->second->Set(value);
  }

  // A sum since the start, kept elsewhere.
  void grow(const std::string& name, const std::string& help, double value) {
    auto found = sums.find(name);
    if (found == sums.end()) {
      auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(registry);
      found = sums.emplace(name, &family.Add({})).first;
    }
    found->second->Increment(value - found->second->Value());
  }

  void read_store() {
    const auto stats = sources.store.stats();
    const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
    set("intray_store_map_bytes", "The most that the store may grow to", number(stats.map_bytes));
    set("intray_store_used_bytes", "Of it in use", number(stats.used_bytes));
    grow("intray_store_commits_total", "LMDB commits since the start", number(stats.commits));
    grow("intray_store_batches_total", "Batches in those commits", number(stats.batches));
    grow("intray_store_refused_full_total", "Batches refused because the store is nearly full",
         number(stats.refused_full));
    set("intray_presence_waiting", "Devices whose last poll is not flushed yet",
        static_cast<double>(sources.presence.waiting()));
    set("intray_outbox_waiting", "Hook calls that wait, up to a page",
        number(sources.plugins.outbox_waiting()));
    const auto polls = sources.plugins.polls();
    set("intray_wake_polls_max", "Polls that all wakes may make due within a second",
        number(polls.limit));
    set("intray_wake_polls_reserved", "Of them held by wakes whose commands may still be opened",
        number(polls.reserved));
    grow("intray_wake_polls_refused_total",
         "Wakes refused since the start because too few were free", number(polls.refused));
    double running = 0;
    for (const auto& plugin : sources.plugins.plugins()) running += plugin.state == "running";
    set("intray_plugins_running", "Plugins that run", running);
  }

  void read_front() {
    const auto* front = sources.front();
    if (front == nullptr) return;
    const auto& stats = front->stats();
    const std::tuple<const char*, const char*, const std::atomic<std::uint64_t>&> sums_of[] = {
        {"intray_http_connections_accepted_total", "Since the start", stats.connections_accepted},
        {"intray_http_connections_shed_total", "Let go: too slow, or to make room",
         stats.connections_shed},
        {"intray_http_refused_total", "Requests that broke a rule of the strict front",
         stats.refused},
        {"intray_http_unauthenticated_total", "Requests without a valid token",
         stats.unauthenticated},
        {"intray_http_overloaded_total", "Requests answered 503: too many waited",
         stats.overloaded}};
    for (const auto& [name, help, value] : sums_of) {
      grow(name, help, static_cast<double>(value.load()));
    }
    set("intray_http_connections_open", "Open connections",
        static_cast<double>(stats.connections_open.load()));
    set("intray_http_queued", "Requests that wait for a worker",
        static_cast<double>(front->queued()));
  }

  MetricSources sources;
  prometheus::Registry registry;
  std::array<std::array<prometheus::Counter*, kClasses.size()>, kListeners.size()> counts{};
  std::array<prometheus::Histogram*, kListeners.size()> took{};
  std::mutex mutex;  // one scrape at a time
  std::map<std::string, prometheus::Gauge*> gauges;
  std::map<std::string, prometheus::Counter*> sums;
};

Metrics::Metrics(MetricSources sources) : impl_(std::make_unique<Impl>(std::move(sources))) {}
Metrics::~Metrics() = default;

void Metrics::answered(const Access& access) {
  const auto listener = static_cast<std::size_t>(access.listener);
  impl_->counts[listener][class_of(access.status)]->Increment();
  impl_->took[listener]->Observe(std::chrono::duration<double>(access.took).count());
}

std::string Metrics::text() {
  const std::lock_guard lock(impl_->mutex);
  impl_->read_store();
  impl_->read_front();
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

Result<void> add_metrics_routes(Router& router, Metrics& metrics) {
  for (const auto* permission : {"metrics.open", "operator.view"}) {
    auto added =
        add(router, "GET", "/metrics", permission, [&metrics](const Request&) -> Result<Response> {
          return Response{200, {}, "text/plain; version=0.0.4", metrics.text()};
        });
    if (!added) return added;
  }
  return {};
}

}  // namespace intray::http
