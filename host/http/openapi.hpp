// The HTTP contract, compiled in from api/openapi.yaml.
#pragma once

#include <string_view>

namespace intray::http {

std::string_view openapi_yaml();

}  // namespace intray::http
