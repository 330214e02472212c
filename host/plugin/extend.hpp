// Asking platform plugins: the owner of an instruction that was acknowledged, everybody when a
// device leaves, and whoever can prove its rows sound.
#pragma once

#include <string>
#include <vector>

#include "host/plugin/host.hpp"
#include "host/plugin/instance.hpp"
#include "host/plugin/sinks.hpp"

namespace intray::plugin {

using Operations = std::vector<store::Operation>;

/// Who a plugin is when it sends operations.
Sender sender_of(const Instance& instance);

/// The plugin that owns an instruction type; nullptr when none does.
std::shared_ptr<Instance> owner_of(const Services& services, std::string_view instruction_type);

/// See PluginHost.
Result<Operations> acknowledge(Services& services, const CallContext& context,
                               const store::Device& device, const store::Mail& mail,
                               const Acknowledgement& acknowledgement);
Result<Operations> leaving(Services& services, const CallContext& context,
                           const store::Device& device);
Result<std::vector<std::string>> check(Services& services, const store::Snapshot& snapshot,
                                       std::size_t limit);

}  // namespace intray::plugin
