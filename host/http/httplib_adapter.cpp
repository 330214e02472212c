#include "host/http/httplib_adapter.hpp"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "host/http/serialize.hpp"

namespace intray::http {
namespace {

constexpr const char* kPath = "/";  // of every message: routing is done

// The request that this thread is processing: httplib's handlers know only their own Request.
thread_local const std::function<Response(std::string)>* current = nullptr;

class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(const std::string& in) : in_(in) {}

  bool is_readable() const override { return position_ < in_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* bytes, std::size_t size) override {
    size = std::min(size, in_.size() - position_);
    std::memcpy(bytes, in_.data() + position_, size);
    position_ += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    out_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override { local(ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { local(ip, port); }
  socket_t socket() const override { return INVALID_SOCKET; }

  std::string take() { return std::move(out_); }

 private:
  static void local(std::string& ip, int& port) {
    ip = "127.0.0.1";
    port = 0;
  }
  const std::string& in_;
  std::size_t position_ = 0;
  std::string out_;
};

void answer(const httplib::Request& request, httplib::Response& out) {
  const auto response = (*current)(request.body);
  out.status = response.status;
  each_header(response, [&out](std::string_view name, std::string_view value) {
    out.set_header(std::string(name), std::string(value));
  });
  if (!response.body.empty()) out.set_content(response.body, content_type_of(response));
}

}  // namespace

// It never listens: process_request is the only way in (pinned by a test).
class HttplibAdapter::Server final : public httplib::Server {
 public:
  Server() {
    set_payload_max_length(std::numeric_limits<std::size_t>::max());
    const auto handler = [](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
    };
    Get(kPath, handler);
    Post(kPath, handler);
    Put(kPath, handler);
    Patch(kPath, handler);
    Delete(kPath, handler);
    set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
          const auto document = problem(Error{INTRAY_E_INTERNAL, ""});
          response.status = document.status;
          response.set_content(document.body, document.content_type);
        });
  }

  std::string process(const std::string& message, bool close) {
    MemoryStream stream(message);
    bool closed = false;
    process_request(stream, close, closed, nullptr);
    return stream.take();
  }
};

HttplibAdapter::HttplibAdapter() : server_(std::make_unique<Server>()) {}
HttplibAdapter::~HttplibAdapter() = default;

std::string HttplibAdapter::process(const std::string& message, bool close,
                                    const std::function<Response(std::string body)>& handle) {
  current = &handle;
  auto bytes = server_->process(message, close);
  current = nullptr;
  return bytes;
}

}  // namespace intray::http
