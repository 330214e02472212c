// Any bytes as a request's head: refused with a status, or a head that keeps every promise.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/http/vet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intray::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Head head;
  const auto vetted = vet(bytes, head);
  Fields fields;
  parse_query(bytes, fields);
  if (vetted.status != 0) {
    if (vetted.status < 400 || vetted.status >= 600) std::abort();
    return 0;
  }
  const bool sound = !head.path.empty() && head.path[0] == '/' && !head.host.empty() &&
                     head.path.find_first_of("\r\n \t?#\\") == std::string::npos &&
                     head.headers.size() <= kHeadersMax;
  if (!sound) std::abort();
  for (const auto& [name, value] : head.headers) {
    if (value.find_first_of("\r\n%") != std::string::npos || name.find('_') != std::string::npos) {
      std::abort();
    }
  }
  return 0;
}
