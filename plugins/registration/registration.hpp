// The plugin: applications, enrolments, collation and notices (patent: service server 20, and the
// instruction writing of the apparatus management server 10). Sees the host only through
// intray/platform.h. CONCURRENT: all its state is in the store.
#pragma once

#include <intray/platform.hpp>
#include <intray/platform_plugin.hpp>
#include <intray/routes.hpp>
#include <optional>

namespace intray::registration {

class Registration final : public PlatformPlugin {
 public:
  explicit Registration(Host host);
  static const intray_plugin_desc& descriptor();

  Result<void> init() override;
  Result<void> start() override;
  Result<void> stop(std::int64_t deadline_mono_ns) override;

  Result<void> acknowledged(const intray_call& call, const intray_device& device,
                            const intray_acknowledgement& ack,
                            const intray_batch_sink& sink) override;
  Result<void> due(const intray_call& call, std::string_view customer, std::string_view name,
                   const intray_batch_sink& sink) override;
  Result<void> device_leaving(const intray_call& call, const intray_device& device,
                              const intray_batch_sink& sink) override;
  Result<void> check(const intray_call& call, std::string_view customer, std::uint64_t snapshot,
                     const intray_kv_sink& broken) override;

 private:
  HttpRoutes routes_;
  std::optional<Platform> platform_;  // from init() on
};

}  // namespace intray::registration
