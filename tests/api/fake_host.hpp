// A host that grants its plugin a log and a configuration, and remembers what it is told.
#pragma once

#include <intray/service.h>

#include <intray/crossing.hpp>
#include <map>
#include <string>

namespace intray::testing_support {

struct FakeHost {
  intray_host table{};
  std::map<std::string, std::string, std::less<>> config;
  std::string last_line;

  FakeHost() {
    table.struct_size = sizeof table;
    table.impl = this;
    table.get_extension = [](const intray_host*, const char* id) noexcept -> const void* {
      static const intray_host_log log = {sizeof(intray_host_log), 0, &write};
      static const intray_host_config settings = {sizeof(intray_host_config), 0, &get, nullptr};
      if (std::string_view(id) == INTRAY_HOST_LOG) return &log;
      return std::string_view(id) == INTRAY_HOST_CONFIG ? &settings : nullptr;
    };
  }
  static FakeHost& of(const intray_host* host) { return *static_cast<FakeHost*>(host->impl); }
  static void INTRAY_CC write(const intray_host* host, std::uint32_t, intray_str message,
                              const intray_kv*, std::uint32_t) noexcept {
    of(host).last_line = copy(message);
  }
  static intray_status INTRAY_CC get(const intray_host* host, intray_str key, intray_kv_visit visit,
                                     void* user, intray_error* error) noexcept {
    const auto found = of(host).config.find(view(key));
    if (found == of(host).config.end()) return report(error, INTRAY_E_NOT_FOUND, "not set");
    const intray_kv kv = {key, str(found->second)};
    return visit(user, &kv);
  }
};

/// Keeps the parameters that a hook gave.
class KeptParams {
 public:
  KeptParams() = default;
  KeptParams(const KeptParams&) = delete;
  KeptParams& operator=(const KeptParams&) = delete;

  std::map<std::string, std::string> values;
  intray_kv_sink sink{sizeof(intray_kv_sink), 0, this, &add};

 private:
  static intray_status INTRAY_CC add(const intray_kv_sink* self, intray_str key,
                                     intray_str value) noexcept {
    static_cast<KeptParams*>(self->impl)->values[copy(key)] = copy(value);
    return INTRAY_OK;
  }
};

/// Keeps the last verdict that a hook gave.
class KeptVerdict {
 public:
  KeptVerdict() = default;
  KeptVerdict(const KeptVerdict&) = delete;
  KeptVerdict& operator=(const KeptVerdict&) = delete;

  std::uint32_t verdict = INTRAY_VERDICT_ABSTAIN;
  std::string reason_code;
  std::string message;
  intray_verdict_sink sink{sizeof(intray_verdict_sink), 0, this, &set};

 private:
  static intray_status INTRAY_CC set(const intray_verdict_sink* self, std::uint32_t given,
                                     intray_str code, intray_str sentence) noexcept {
    auto& kept = *static_cast<KeptVerdict*>(self->impl);
    kept.verdict = given;
    kept.reason_code = copy(code);
    kept.message = copy(sentence);
    return INTRAY_OK;
  }
};

}  // namespace intray::testing_support
