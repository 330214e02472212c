// Takes the answer of a plugin's route: what HTTP does not allow, or the host writes itself, does
// not get in.
#pragma once

#include <intray/http.h>

#include "host/plugin/platform.hpp"

namespace intray::plugin {

class AnswerSink {
 public:
  AnswerSink();
  AnswerSink(const AnswerSink&) = delete;
  AnswerSink& operator=(const AnswerSink&) = delete;
  const intray_http_response* raw() const { return &response_; }
  PluginAnswer take() { return std::move(answer_); }

 private:
  Result<void> head(std::uint32_t status, const intray_kv* headers, std::uint32_t count);
  Result<void> write(intray_bytes chunk);

  intray_http_response response_{};
  bool has_head_ = false;
  PluginAnswer answer_;
};

}  // namespace intray::plugin
