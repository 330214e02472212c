// What crosses from a plugin, as checked and owned values. A plugin is not trusted to be right:
// every string is bounded and printable before anybody else sees it.
#pragma once

#include <intray/service.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intray/result.hpp"

namespace intray::plugin {

/// A plugin's descriptor.
struct PluginInfo {
  std::string id, name, vendor, version, description, license;
  std::uint32_t kind = 0;
  std::uint32_t concurrency = 0;
  std::vector<std::string> required;  // host extensions it cannot live without
};

struct ModelMatch {
  bool glob = false;
  std::string vendor;  // empty = any
  std::string model;
};

struct Param {
  std::string name, label, default_value;
  std::uint32_t type = 0;
  bool required = false;
};

/// A service's declaration.
struct ServiceInfo {
  std::string service_id, display_name, description, version;
  std::string registration_url;  // as declared; empty = the host's own
  std::vector<ModelMatch> models;
  std::vector<Param> params;
  std::vector<std::string> instruction_types;  // of its own
};

/// INTRAY_E_INVALID says which field is wrong and why.
Result<PluginInfo> checked(const intray_plugin_desc* desc);
Result<ServiceInfo> checked(const intray_service_desc* desc);

/// A string of at most `max` bytes of printable UTF-8; nothing otherwise.
std::optional<std::string> bounded(intray_str text, std::size_t max);

/// Whether a value is what INTRAY_PARAM_* says. Of an unknown type none is.
bool is_of_type(std::uint32_t type, std::string_view value);

/// [A-Za-z0-9][A-Za-z0-9._:-]* of at most `max` bytes.
bool is_id(std::string_view text, std::size_t max);

/// '*' any run, '?' one code point, ASCII case-insensitive.
bool glob_matches(std::string_view glob, std::string_view text);
bool matches(const ModelMatch& match, std::string_view vendor, std::string_view model);

}  // namespace intray::plugin
