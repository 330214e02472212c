#include <intray/device_openssl.h>
#include <openssl/evp.h>

static bool verify_ed25519(void* context, const uint8_t public_key[32], const uint8_t signature[64],
                           const uint8_t* bytes, size_t size) {
  (void)context;
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
  EVP_MD_CTX* check = EVP_MD_CTX_new();
  const bool valid = key != NULL && check != NULL &&
                     EVP_DigestVerifyInit(check, NULL, NULL, NULL, key) == 1 &&
                     EVP_DigestVerify(check, signature, 64, bytes, size) == 1;
  EVP_MD_CTX_free(check);
  EVP_PKEY_free(key);
  return valid;
}

intray_device_verifier intray_openssl_verifier(void) {
  const intray_device_verifier table = {NULL, verify_ed25519};
  return table;
}
