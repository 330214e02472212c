#include "host/plugin/sinks.hpp"

#include <algorithm>

#include "intray/crossing.hpp"

namespace intray::plugin {
namespace {

constexpr std::size_t kPairsBytesMax = 64 * 1024;
constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kRefusedMax = 8;
constexpr std::size_t kReasonCodeBytesMax = 64;
constexpr std::size_t kMessageBytesMax = 1024;
constexpr std::size_t kComponentBytesMax = 128;
constexpr std::size_t kHostOperations = 16;  // room for the host's own part of a batch
constexpr std::size_t kUsualOperations = 12;

bool is_reason_code(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
  });
}

}  // namespace

KvSink::KvSink(Vet vet) : vet_(std::move(vet)) {
  sink_.struct_size = sizeof sink_;
  sink_.impl = this;
  sink_.add = [](const intray_kv_sink* sink, intray_str key, intray_str value) noexcept {
    return guard(nullptr, [&] { return static_cast<KvSink*>(sink->impl)->add(key, value); });
  };
}

Result<void> KvSink::add(intray_str key, intray_str value) {
  const auto refuse = [this](Failure failure) {
    if (refused_.size() < kRefusedMax) refused_.push_back(failure.error.message);
    return failure;
  };
  const auto name = bounded(key, kKeyBytesMax);
  const auto text = bounded(value, kPairsBytesMax);
  if (!name || name->empty() || !text) {
    return refuse(fail(INTRAY_E_INVALID, "a name or a value is not printable UTF-8"));
  }
  if (auto wanted = vet_(*name, *text); !wanted) return refuse(fail(wanted.error()));
  bytes_ += name->size() + text->size();
  if (bytes_ > kPairsBytesMax) {
    return refuse(fail(INTRAY_E_TOO_LARGE, "the answer is above 64 KiB"));
  }
  pairs_.emplace_back(*name, *text);
  return {};
}

const std::string* KvSink::find(const std::string& key) const {
  const auto found = std::find_if(pairs_.begin(), pairs_.end(),
                                  [&](const auto& pair) { return pair.first == key; });
  return found == pairs_.end() ? nullptr : &found->second;
}

VerdictSink::VerdictSink() {
  sink_.struct_size = sizeof sink_;
  sink_.impl = this;
  sink_.set = [](const intray_verdict_sink* sink, std::uint32_t given, intray_str code,
                 intray_str text) noexcept {
    return guard(nullptr, [&]() -> Result<void> {
      auto& self = *static_cast<VerdictSink*>(sink->impl);
      auto reason = bounded(code, kReasonCodeBytesMax);
      auto words = bounded(text, kMessageBytesMax);
      if (given > INTRAY_VERDICT_VETO || !reason || !words || !is_reason_code(*reason) ||
          (given == INTRAY_VERDICT_VETO && reason->empty())) {
        return fail(INTRAY_E_INVALID, "an unknown verdict, or a veto without a reason_code");
      }
      self.verdict = given;
      self.reason_code = std::move(*reason);
      self.message = std::move(*words);
      return {};
    });
  };
}

HealthSink::HealthSink() {
  sink_.struct_size = sizeof sink_;
  sink_.impl = this;
  sink_.report = [](const intray_health_sink* sink, intray_str component, std::uint32_t state,
                    intray_str text) noexcept {
    return guard(nullptr, [&]() -> Result<void> {
      auto& self = *static_cast<HealthSink*>(sink->impl);
      const auto name = bounded(component, kComponentBytesMax);
      const auto words = bounded(text, kMessageBytesMax);
      if (state < INTRAY_HEALTH_OK || state > INTRAY_HEALTH_DOWN || !name || name->empty()) {
        return fail(INTRAY_E_INVALID, "an unknown state, or a component without a name");
      }
      if (state <= self.worst) return {};
      self.worst = state;
      self.message = *name + ": " + words.value_or("");
      return {};
    });
  };
}

BatchSink::BatchSink(const Sender& sender, const CallContext& context)
    : sender_(sender), context_(context) {
  sink_.struct_size = sizeof sink_;
  sink_.impl = this;
  sink_.add = [](const intray_batch_sink* sink, const intray_op* op) noexcept {
    return guard(nullptr, [&] { return static_cast<BatchSink*>(sink->impl)->add(op); });
  };
}

Result<void> BatchSink::add(const intray_op* op) {
  auto operation = translate(sender_, context_, op);
  if (!operation) return fail(operation.error());
  if (!*operation) return {};
  if (operations_.size() >= INTRAY_OPS_MAX - kHostOperations) {
    return fail(INTRAY_E_TOO_LARGE, "the batch is full");
  }
  if (operations_.empty()) operations_.reserve(kUsualOperations);
  operations_.push_back(std::move(**operation));
  return {};
}

}  // namespace intray::plugin
