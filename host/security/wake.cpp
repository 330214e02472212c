#include "host/security/wake.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "host/security/keys.hpp"
#include "host/security/wake_bytes.hpp"

namespace intray::security {
namespace {

constexpr std::size_t kKeyIdBytes = 16;
constexpr std::size_t kCommandIdBytes = 16;
constexpr std::size_t kPublicKeyBytes = 32;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string sign(const Secret& wake_key, std::string_view customer, std::string_view bytes) {
  auto seed = hmac_sha256(wake_key.reveal(), customer);
  const Secret seed_text{std::string(view(seed))};  // wiped when it goes
  seed.fill(0);
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed_text.reveal()),
                                             seed_text.reveal().size()),
                &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, kWakeSignatureBytes> signature{};
  std::size_t size = signature.size();
  if (!key || !context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, raw(bytes), bytes.size()) != 1) {
    std::abort();
  }
  return std::string(view(signature));
}

bool is_signed(std::string_view public_key, std::string_view bytes, std::string_view signature) {
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), public_key.size()),
      &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(bytes),
                          bytes.size()) == 1;
}

}  // namespace

std::uint64_t wake_tag(std::string_view device_id) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : device_id) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  }
  return hash;
}

Result<Secret> mint_wake(const Secret& wake_key, std::string_view customer, const WakeOrder& order,
                         std::int64_t now_unix_s) {
  const auto public_key = from_base64url(wake_public_key(wake_key, customer));
  if (!public_key) std::abort();
  auto bytes = encode_wake(order, std::string_view(*public_key).substr(0, kKeyIdBytes),
                           random_bytes(kCommandIdBytes), now_unix_s);
  if (!bytes) return fail(bytes.error());
  return Secret(base64url(*bytes + sign(wake_key, customer, *bytes)));
}

Result<WakeCommand> read_wake(std::string_view token, std::string_view public_key) {
  const auto denied = [](const char* why) { return fail(INTRAY_E_DENIED, why); };
  if (token.size() > kWakeCharactersMax) return denied("the wake command is too long");
  const auto whole = from_base64url(token);
  const auto key = from_base64url(public_key);
  if (!whole || !key || key->size() != kPublicKeyBytes) {
    return denied("the wake command, or its key, is no base64url");
  }
  if (whole->size() < kWakeHeaderBytes + kWakeSignatureBytes) {
    return denied("the wake command is too short");
  }
  const auto bytes = std::string_view(*whole).substr(0, whole->size() - kWakeSignatureBytes);
  const auto signature = std::string_view(*whole).substr(bytes.size());
  constexpr std::size_t kKeyIdAt = 4;
  if (bytes.substr(kKeyIdAt, kKeyIdBytes) != std::string_view(*key).substr(0, kKeyIdBytes)) {
    return denied("the wake command is of another key");
  }
  if (!is_signed(*key, bytes, signature)) return denied("the wake command is not signed");
  return decode_wake(bytes);
}

}  // namespace intray::security
