// An answer as bytes on the wire.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/http/route.hpp"

namespace intray::http {

/// The handler's headers, each one line whatever it holds, and what every answer carries: no
/// caching unless the handler said otherwise, and no sniffing. Without those that serialize() adds.
void each_header(const Response& response,
                 const std::function<void(std::string_view name, std::string_view value)>& take);
std::string content_type_of(const Response& response);

/// HTTP/1.1 with Content-Length; `close` adds Connection: close.
std::string serialize(const Response& response, bool close);
/// The same, behind the answers that are there already.
void append(const Response& response, bool close, std::string& bytes);

/// A refusal by the front itself.
Response refusal(int status, const std::string& detail);

}  // namespace intray::http
