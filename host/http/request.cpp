#include "host/http/route.hpp"

namespace intray::http {
namespace {

std::string_view first(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

std::string_view Request::path_param(std::string_view name) const {
  return first(path_params, name);
}
std::string_view Request::query_param(std::string_view name) const { return first(query, name); }
std::string_view Request::header(std::string_view lower_case_name) const {
  return first(headers, lower_case_name);
}

}  // namespace intray::http
