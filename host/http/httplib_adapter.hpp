// cpp-httplib without a socket: it parses a vetted request and formats the answer, in memory.
//
// Why it never owns a socket, and what it must not be given: ARCHITECTURE.md, HTTP.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "host/http/route.hpp"

namespace intray::http {

class HttplibAdapter {
 public:
  HttplibAdapter();
  ~HttplibAdapter();
  HttplibAdapter(const HttplibAdapter&) = delete;
  HttplibAdapter& operator=(const HttplibAdapter&) = delete;

  /// The answer's bytes as they go on the wire. `message` is a whole request for "/" that
  /// passed vet(), with no header but Content-Length; `handle` gets its body and runs on this
  /// thread. Any thread; an exception of handle becomes a 500 without its text.
  std::string process(const std::string& message, bool close,
                      const std::function<Response(std::string body)>& handle);

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace intray::http
