// Where plugins put their answers: each sink checks and copies what it takes. A sink of a hook that
// is late still takes, so it lives in what the call shares with its plugin.
#pragma once

#include <intray/instructions.h>
#include <intray/service.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "host/plugin/operations.hpp"
#include "host/plugin/platform.hpp"

namespace intray::plugin {

/// Names with values, each vetted; at most 64 KiB in all.
class KvSink {
 public:
  /// What is wrong with a pair that fits otherwise.
  using Vet = std::function<Result<void>(const std::string& key, const std::string& value)>;
  explicit KvSink(Vet vet);
  KvSink(const KvSink&) = delete;
  KvSink& operator=(const KvSink&) = delete;
  const intray_kv_sink* raw() const { return &sink_; }
  const Pairs& pairs() const { return pairs_; }
  /// Why pairs were refused, a sentence each.
  const std::vector<std::string>& refused() const { return refused_; }
  const std::string* find(const std::string& key) const;

 private:
  Result<void> add(intray_str key, intray_str value);
  intray_kv_sink sink_{};
  Vet vet_;
  std::size_t bytes_ = 0;
  Pairs pairs_;
  std::vector<std::string> refused_;
};

class VerdictSink {
 public:
  VerdictSink();
  VerdictSink(const VerdictSink&) = delete;
  VerdictSink& operator=(const VerdictSink&) = delete;
  const intray_verdict_sink* raw() const { return &sink_; }

  std::uint32_t verdict = INTRAY_VERDICT_ABSTAIN;
  std::string reason_code, message;

 private:
  intray_verdict_sink sink_{};
};

/// The worst component counts.
class HealthSink {
 public:
  HealthSink();
  HealthSink(const HealthSink&) = delete;
  HealthSink& operator=(const HealthSink&) = delete;
  const intray_health_sink* raw() const { return &sink_; }

  std::uint32_t worst = INTRAY_HEALTH_OK;
  std::string message;  // of the worst

 private:
  intray_health_sink sink_{};
};

/// Operations that a plugin adds to the host's batch. References must outlive it.
class BatchSink {
 public:
  BatchSink(const Sender& sender, const CallContext& context);
  BatchSink(const BatchSink&) = delete;
  BatchSink& operator=(const BatchSink&) = delete;
  const intray_batch_sink* raw() const { return &sink_; }
  std::vector<store::Operation> take() { return std::move(operations_); }

 private:
  Result<void> add(const intray_op* op);
  intray_batch_sink sink_{};
  const Sender& sender_;
  const CallContext& context_;
  std::vector<store::Operation> operations_;
};

}  // namespace intray::plugin
