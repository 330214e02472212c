#include "host/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <limits>

namespace intray::http {
namespace {

ssize_t outcome(ssl_st* session, int result) {
  if (result > 0) return result;
  const int error = SSL_get_error(session, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? kBlocked : kClosed;
}

int as_int(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

std::string openssl_says() {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return text;
}

}  // namespace

void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }
void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsSession::TlsSession(ssl_ctx_st* context, int socket) : session_(SSL_new(context)) {
  SSL_set_fd(session_.get(), socket);
  SSL_set_accept_state(session_.get());
}

ssize_t TlsSession::read(char* bytes, std::size_t size) {
  ERR_clear_error();
  return outcome(session_.get(), SSL_read(session_.get(), bytes, as_int(size)));
}

ssize_t TlsSession::write(const char* bytes, std::size_t size) {
  ERR_clear_error();
  return outcome(session_.get(), SSL_write(session_.get(), bytes, as_int(size)));
}

void TlsSession::close() {
  ERR_clear_error();
  if (SSL_is_init_finished(session_.get()) != 0) SSL_shutdown(session_.get());
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::filesystem::path& certificate,
                                                     const std::filesystem::path& key) {
  auto tls = std::make_shared<TlsContext>();
  tls->context_.reset(SSL_CTX_new(TLS_server_method()));
  auto* context = tls->context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return fail(INTRAY_E_INVALID,
                certificate.string() + " is no PEM certificate chain: " + openssl_says());
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fail(INTRAY_E_INVALID, key.string() + " is not the PEM key of " + certificate.string() +
                                      ": " + openssl_says());
  }
  return tls;
}

std::unique_ptr<TlsSession> TlsContext::session(int socket) const {
  return std::make_unique<TlsSession>(context_.get(), socket);
}

}  // namespace intray::http
