#include "host/plugin/values.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <set>

#include "intray/plugin.h"

namespace intray::plugin {
namespace {

constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kDescriptionBytesMax = 1024;
constexpr std::size_t kUrlBytesMax = 512;
constexpr std::size_t kServiceIdBytesMax = 64;
constexpr std::uint32_t kModelsMax = 1024;
constexpr std::uint32_t kParamsMax = 32;
constexpr std::uint32_t kTypesMax = 32;
constexpr std::size_t kExtensionsMax = 64;

Failure invalid(const std::string& what) { return fail(INTRAY_E_INVALID, what); }

// Takes one field into `out`, or says which one is wrong.
Result<void> take(intray_str text, std::size_t min, std::size_t max, const char* field,
                  std::string& out) {
  auto value = bounded(text, max);
  if (!value || value->size() < min) {
    return invalid(std::string(field) + " is not " + std::to_string(min) + " to " +
                   std::to_string(max) + " bytes of printable UTF-8");
  }
  out = std::move(*value);
  return {};
}

bool only(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::islower(byte) != 0 || std::isdigit(byte) != 0 ||
           more.find(c) != std::string_view::npos;
  });
}

// How many bytes the code point at the start takes; 0 when it is no UTF-8.
std::size_t code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  return size;
}

Result<std::vector<std::string>> extensions(const char* const* list) {
  std::vector<std::string> ids;
  for (; list != nullptr && *list != nullptr; ++list) {
    if (ids.size() == kExtensionsMax) return invalid("more than 64 required extensions");
    const auto id = bounded({*list, strnlen(*list, kNameBytesMax + 1)}, kNameBytesMax);
    if (!id) return invalid("a required extension has no proper id");
    ids.push_back(*id);
  }
  return ids;
}

Result<void> take_models(const intray_service_desc& desc, ServiceInfo& service) {
  if (desc.model_count == 0 || desc.model_count > kModelsMax || desc.models == nullptr) {
    return invalid("it declares no applied models (1 to 1024)");
  }
  for (std::uint32_t i = 0; i < desc.model_count; ++i) {
    const auto* match = desc.models[i];
    if (match == nullptr || !INTRAY_HAS(match, intray_model_match, model)) {
      return invalid("an applied model is missing or too small");
    }
    ModelMatch model;
    model.glob = match->kind == INTRAY_MATCH_GLOB;
    if (auto done =
            take(match->vendor, 0, kNameBytesMax, "an applied model's vendor", model.vendor);
        !done) {
      return done;
    }
    if (auto done = take(match->model, 1, kNameBytesMax, "an applied model", model.model); !done) {
      return done;
    }
    // A kind of a later release matches nothing here.
    if (match->kind == INTRAY_MATCH_EXACT || model.glob) service.models.push_back(std::move(model));
  }
  return {};
}

Result<void> take_params(const intray_service_desc& desc, ServiceInfo& service) {
  if (desc.param_count > kParamsMax || (desc.param_count > 0 && desc.params == nullptr)) {
    return invalid("it declares more than 32 parameters");
  }
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < desc.param_count; ++i) {
    const auto* decl = desc.params[i];
    if (decl == nullptr || !INTRAY_HAS(decl, intray_param_decl, default_value)) {
      return invalid("a parameter is missing or too small");
    }
    Param param;
    param.type = decl->type;
    param.required = (decl->flags & INTRAY_PARAM_REQUIRED) != 0;
    if (auto done = take(decl->name, 1, 64, "a parameter's name", param.name); !done) return done;
    if (auto done = take(decl->label, 0, kNameBytesMax, "a parameter's label", param.label);
        !done) {
      return done;
    }
    if (auto done = take(decl->default_value, 0, kDescriptionBytesMax, "a parameter's default",
                         param.default_value);
        !done) {
      return done;
    }
    if (param.type < INTRAY_PARAM_STRING || param.type > INTRAY_PARAM_BOOL ||
        (!param.default_value.empty() && !is_of_type(param.type, param.default_value))) {
      return invalid("parameter '" + param.name + "' has an unknown type or another's default");
    }
    if (!only(param.name, "_.-") || !names.insert(param.name).second) {
      return invalid("parameter '" + param.name + "' is malformed or declared twice");
    }
    service.params.push_back(std::move(param));
  }
  return {};
}

Result<void> take_types(const intray_service_desc& desc, ServiceInfo& service) {
  if (desc.instruction_type_count > kTypesMax ||
      (desc.instruction_type_count > 0 && desc.instruction_types == nullptr)) {
    return invalid("it declares more than 32 instruction types");
  }
  for (std::uint32_t i = 0; i < desc.instruction_type_count; ++i) {
    std::string type;
    auto done = take(desc.instruction_types[i], 1, 64, "an instruction type", type);
    if (!done) return done;
    service.instruction_types.push_back(std::move(type));
  }
  return {};
}

Result<void> check_url(const std::string& url) {
  constexpr std::string_view kHttps = "https://";
  if (url.empty()) return {};
  const auto host_end = url.find('/', kHttps.size());
  if (url.rfind(kHttps, 0) != 0 || host_end == std::string::npos || host_end == kHttps.size() ||
      url.find_first_of(" \"<>\\^`{|}@#?") != std::string::npos) {
    return invalid("registration_url '" + url + "' is no https://HOST/PATH");
  }
  return {};
}

}  // namespace

std::optional<std::string> bounded(intray_str text, std::size_t max) {
  if (text.size > max || (text.size > 0 && text.data == nullptr)) return std::nullopt;
  std::string value = text.size == 0 ? std::string() : std::string(text.data, text.size);
  for (std::string_view rest = value; !rest.empty();) {
    const auto size = code_point(rest);
    const auto byte = static_cast<unsigned char>(rest[0]);
    if (size == 0 || byte < 32 || byte == 127) return std::nullopt;
    rest.remove_prefix(size);
  }
  return value;
}

bool is_of_type(std::uint32_t type, std::string_view value) {
  if (type == INTRAY_PARAM_BOOL) return value == "true" || value == "false";
  if (type != INTRAY_PARAM_INT) return type == INTRAY_PARAM_STRING;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size();
}

bool is_id(std::string_view text, std::size_t max) {
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == ':' || c == '-';
  };
  return !text.empty() && text.size() <= max &&
         std::isalnum(static_cast<unsigned char>(text[0])) != 0 &&
         std::all_of(text.begin(), text.end(), fits);
}

Result<PluginInfo> checked(const intray_plugin_desc* desc) {
  if (desc == nullptr || !INTRAY_HAS(desc, intray_plugin_desc, optional_extensions)) {
    return invalid("its descriptor is missing or too small");
  }
  PluginInfo info;
  info.kind = desc->kind;
  info.concurrency = desc->concurrency;
  if (auto done = take(desc->id, 3, 128, "its id", info.id); !done) return fail(done.error());
  if (!only(info.id, ".-")) return invalid("its id '" + info.id + "' is not [a-z0-9.-]");
  auto done = take(desc->name, 1, kNameBytesMax, "its name", info.name);
  if (done) done = take(desc->vendor, 0, kNameBytesMax, "its vendor", info.vendor);
  if (done) done = take(desc->version, 1, kNameBytesMax, "its version", info.version);
  if (done)
    done = take(desc->description, 0, kDescriptionBytesMax, "its description", info.description);
  if (done) done = take(desc->license, 0, kNameBytesMax, "its license", info.license);
  if (!done) return fail(done.error());
  if (desc->kind != INTRAY_KIND_SERVICE && desc->kind != INTRAY_KIND_PLATFORM) {
    return invalid("its kind " + std::to_string(desc->kind) + " is not known");
  }
  if (desc->concurrency != INTRAY_SERIAL && desc->concurrency != INTRAY_CONCURRENT) {
    return invalid("its concurrency " + std::to_string(desc->concurrency) + " is not known");
  }
  if (desc->flags != 0) return invalid("it asks for flags that this host does not know");
  auto required = extensions(desc->required_extensions);
  if (!required) return fail(required.error());
  info.required = std::move(*required);
  return info;
}

Result<ServiceInfo> checked(const intray_service_desc* desc) {
  if (desc == nullptr || !INTRAY_HAS(desc, intray_service_desc, registration_url)) {
    return invalid("a service's declaration is missing or too small");
  }
  ServiceInfo service;
  auto done = take(desc->service_id, 1, kServiceIdBytesMax, "a service's id", service.service_id);
  if (!done) return fail(done.error());
  if (!is_id(service.service_id, kServiceIdBytesMax)) {
    return invalid("the service id '" + service.service_id + "' is malformed");
  }
  const auto name = "service " + service.service_id + ": ";
  done = take(desc->display_name, 1, kNameBytesMax, "its display name", service.display_name);
  if (done) {
    done = take(desc->description, 0, kDescriptionBytesMax, "its description", service.description);
  }
  if (done) done = take(desc->version, 0, kNameBytesMax, "its version", service.version);
  if (done) {
    done = take(desc->registration_url, 0, kUrlBytesMax, "its registration URL",
                service.registration_url);
  }
  if (done) done = check_url(service.registration_url);
  if (done) done = take_models(*desc, service);
  if (done) done = take_params(*desc, service);
  if (done) done = take_types(*desc, service);
  if (!done) return invalid(name + done.error().message);
  return service;
}

bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t after_star = 0;
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  while (t < text.size()) {
    const auto step = std::max<std::size_t>(code_point(text.substr(t)), 1);
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      after_star = t;
    } else if (g < glob.size() && (glob[g] == '?' || lower(glob[g]) == lower(text[t]))) {
      t += glob[g] == '?' ? step : 1;
      ++g;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      after_star += std::max<std::size_t>(code_point(text.substr(after_star)), 1);
      t = after_star;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

bool matches(const ModelMatch& match, std::string_view vendor, std::string_view model) {
  if (!match.vendor.empty() && match.vendor != vendor) return false;
  return match.glob ? glob_matches(match.model, model) : match.model == model;
}

}  // namespace intray::plugin
