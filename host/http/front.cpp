#include "host/http/front.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "host/http/loop.hpp"
#include "host/security/crypto.hpp"

namespace intray::http {
namespace {

std::string lower_host(std::string_view address) {
  std::string host(address);
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    host.resize(colon);
  }
  for (auto& c : host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return host;
}

// Each connection takes a file descriptor; the rest of the process keeps some.
void raise_file_limit(std::size_t connections) {
  constexpr std::size_t kOwnFiles = 1024;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const auto wanted = static_cast<rlim_t>(connections + kOwnFiles);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

class Front::Impl {
 public:
  Impl(FrontOptions options, Router& router)
      : owned(std::make_shared<Shared>(std::move(options), router)), shared(*owned) {}

  Result<void> listen();
  void close_sockets();

  std::shared_ptr<Shared> owned;
  Shared& shared;
  std::vector<std::unique_ptr<Loop>> loops;
};

Result<void> Front::Impl::listen() {
  for (const auto& listener : shared.options.listeners) {
    auto socket = listen_on(listener.address);
    if (!socket) return fail(socket.error());
    if (!socket->is_unix) shared.hosts.push_back(lower_host(socket->address));
    shared.sockets.push_back(std::move(*socket));
    if (!listener.address.empty()) shared.hosts.push_back(lower_host(listener.address));
    std::shared_ptr<TlsContext> context;
    if (!listener.tls_certificate.empty()) {
      auto loaded = TlsContext::load(listener.tls_certificate, listener.tls_key);
      if (!loaded) return fail(loaded.error());
      context = std::move(*loaded);
    }
    shared.tls.push_back(std::move(context));
  }
  return {};
}

void Front::Impl::close_sockets() {
  for (const auto& socket : shared.sockets) {
    ::close(socket.file);
    constexpr std::size_t kUnixPrefix = 5;
    if (socket.is_unix) unlink(socket.address.c_str() + kUnixPrefix);
  }
  shared.sockets.clear();
}

Front::Front(FrontOptions options, Router& router)
    : impl_(std::make_unique<Impl>(std::move(options), router)) {}

Front::~Front() { stop(); }

Result<void> Front::listen() {
  auto& shared = impl_->shared;
  raise_file_limit(shared.options.connections_max);
  for (const auto& host : shared.options.hosts) shared.hosts.push_back(lower_host(host));
  shared.hosts.emplace_back("localhost");
  shared.trace_prefix = security::hex(security::random_bytes(3)) + "-";
  auto listening = impl_->listen();
  if (!listening) impl_->close_sockets();
  return listening;
}

Result<void> Front::start() {
  auto& shared = impl_->shared;
  if (shared.sockets.empty()) {
    if (auto listening = listen(); !listening) return listening;
  }
  shared.pool =
      std::make_unique<plugin::WorkerPool>(shared.options.workers, shared.options.queue_max);
  for (std::size_t i = 0; i < shared.options.loops; ++i) {
    impl_->loops.push_back(std::make_unique<Loop>(impl_->owned));
    if (auto started = impl_->loops.back()->start(); !started) return started;
  }
  return {};
}

void Front::stop(std::chrono::milliseconds drain) {
  const auto until = std::chrono::steady_clock::now() + drain;
  for (auto& loop : impl_->loops) loop->stop(until);
  for (auto& loop : impl_->loops) loop->join();
  impl_->shared.pool.reset();
  impl_->loops.clear();
  impl_->close_sockets();
}

std::vector<std::string> Front::addresses() const {
  std::vector<std::string> addresses;
  for (const auto& socket : impl_->shared.sockets) addresses.push_back(socket.address);
  return addresses;
}

const FrontStats& Front::stats() const { return impl_->shared.stats; }
std::size_t Front::queued() const { return impl_->shared.pool ? impl_->shared.pool->waiting() : 0; }

}  // namespace intray::http
