// intray/declare.hpp - what a plugin declares, from C++ values: the tables of pointers that the C
// ABI wants, and the memory behind them. C++17.
#ifndef INTRAY_DECLARE_HPP
#define INTRAY_DECLARE_HPP

#include <intray/service.h>

#include <deque>
#include <intray/crossing.hpp>
#include <string>
#include <vector>

namespace intray {

/// A service's declaration. Build it once, keep it as long as the plugin; not copied or moved, as
/// its pointers lead into itself.
///   ServiceDeclaration x("service-x", "Scan to cloud");
///   x.model("M1001").model("M10*");
class ServiceDeclaration {
 public:
  ServiceDeclaration(std::string_view id, std::string_view display_name) {
    desc_.struct_size = sizeof desc_;
    desc_.service_id = keep(id);
    desc_.display_name = keep(display_name);
  }
  ServiceDeclaration(const ServiceDeclaration&) = delete;
  ServiceDeclaration& operator=(const ServiceDeclaration&) = delete;

  ServiceDeclaration& description(std::string_view text) {
    desc_.description = keep(text);
    return *this;
  }
  ServiceDeclaration& version(std::string_view text) {
    desc_.version = keep(text);
    return *this;
  }
  /// An https URL that leads to this host; empty = the host's own.
  ServiceDeclaration& registration_url(std::string_view url) {
    desc_.registration_url = keep(url);
    return *this;
  }
  /// An applied model (FIG. 3): exact, or a glob when it holds '*' or '?'.
  ServiceDeclaration& model(std::string_view model, std::string_view vendor = {}) {
    const bool glob = model.find_first_of("*?") != std::string_view::npos;
    models_.push_back({sizeof(intray_model_match), glob ? INTRAY_MATCH_GLOB : INTRAY_MATCH_EXACT,
                       keep(vendor), keep(model)});
    model_pointers_.push_back(&models_.back());
    desc_.models = model_pointers_.data();
    desc_.model_count = static_cast<std::uint32_t>(model_pointers_.size());
    return *this;
  }
  /// A registration parameter. type is INTRAY_PARAM_*.
  ServiceDeclaration& param(std::string_view name, std::string_view label, std::uint32_t type,
                            std::string_view default_value = {}, bool required = false) {
    params_.push_back({sizeof(intray_param_decl), type, required ? INTRAY_PARAM_REQUIRED : 0U, 0,
                       keep(name), keep(label), keep(default_value)});
    param_pointers_.push_back(&params_.back());
    desc_.params = param_pointers_.data();
    desc_.param_count = static_cast<std::uint32_t>(param_pointers_.size());
    return *this;
  }

  const intray_service_desc* get() const noexcept { return &desc_; }

 private:
  intray_str keep(std::string_view text) { return str(texts_.emplace_back(text)); }

  // A deque never moves what it holds.
  std::deque<std::string> texts_;
  std::deque<intray_model_match> models_;
  std::deque<intray_param_decl> params_;
  std::vector<const intray_model_match*> model_pointers_;
  std::vector<const intray_param_decl*> param_pointers_;
  intray_service_desc desc_{};
};

/// A descriptor with no required extensions; append them to the result where they are needed.
inline intray_plugin_desc plugin_desc(std::uint32_t kind, std::uint32_t concurrency,
                                      std::string_view id, std::string_view name,
                                      std::string_view vendor, std::string_view version,
                                      std::string_view description) {
  intray_plugin_desc desc{};
  desc.struct_size = sizeof desc;
  desc.kind = kind;
  desc.concurrency = concurrency;
  desc.id = str(id);
  desc.name = str(name);
  desc.vendor = str(vendor);
  desc.version = str(version);
  desc.description = str(description);
  desc.license = str("Apache-2.0");
  return desc;
}

}  // namespace intray
#endif
