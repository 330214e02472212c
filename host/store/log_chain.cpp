#include "host/store/log_chain.hpp"

#include <openssl/evp.h>

#include <cassert>

#include "host/store/describe.hpp"

namespace intray::store {

std::array<unsigned char, 32> hash_of(LogRow row) {
  row.hash = {};
  const auto bytes = encode(row);
  std::array<unsigned char, 32> hash{};
  unsigned size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), hash.data(), &size, EVP_sha256(), nullptr);
  assert(ok == 1 && size == hash.size());
  (void)ok;
  return hash;
}

}  // namespace intray::store
