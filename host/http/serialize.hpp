// An answer as bytes on the wire.
#pragma once

#include <string>

#include "host/http/route.hpp"

namespace intray::http {

/// What every answer carries: no caching unless the handler said otherwise, and no sniffing.
void add_common_headers(Response& response);

/// HTTP/1.1 with Content-Length; `close` adds Connection: close.
std::string serialize(const Response& response, bool close);

/// A refusal by the front itself.
Response refusal(int status, const std::string& detail);

}  // namespace intray::http
