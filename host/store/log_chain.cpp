#include "host/store/log_chain.hpp"

#include <openssl/evp.h>

#include <cassert>

#include "host/store/describe.hpp"

namespace intray::store {

std::array<unsigned char, 32> hash_of(const LogRow& row) {
  // Fetched once: OpenSSL looks an algorithm up by name each time it is not there.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, 32> hash{};
  auto bytes = encode(row);
  bytes.replace(bytes.size() - hash.size(), hash.size(), hash.size(), '\0');  // its last field
  unsigned size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, kSha256, nullptr);
  assert(ok == 1 && size == hash.size());
  (void)ok;
  return hash;
}

}  // namespace intray::store
