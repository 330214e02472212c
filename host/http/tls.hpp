// TLS 1.2 and later over non-blocking sockets (OpenSSL).
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "intray/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace intray::http {

/// What a non-blocking read or write came to: bytes when > 0.
inline constexpr ssize_t kBlocked = -1;
inline constexpr ssize_t kClosed = 0;

/// One connection's TLS. Used by one thread at a time.
class TlsSession {
 public:
  TlsSession(ssl_ctx_st* context, int socket);
  /// Bytes, kBlocked, or kClosed (also on any TLS error).
  ssize_t read(char* bytes, std::size_t size);
  ssize_t write(const char* bytes, std::size_t size);
  /// Says goodbye, as far as the socket takes it now.
  void close();

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };
  std::unique_ptr<ssl_st, Free> session_;
};

/// A listener's certificate and settings.
class TlsContext {
 public:
  /// INTRAY_E_INVALID when the files are no PEM chain and its key, in words.
  static Result<std::shared_ptr<TlsContext>> load(const std::filesystem::path& certificate,
                                                  const std::filesystem::path& key);
  std::unique_ptr<TlsSession> session(int socket) const;

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

}  // namespace intray::http
