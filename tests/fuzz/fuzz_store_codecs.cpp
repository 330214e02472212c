// Any bytes, opened and decoded as each record: refused or read back the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/store/codec.hpp"
#include "host/store/describe.hpp"

namespace intray::store {
namespace {

template <class Record>
void decode_as(std::string_view bytes) {
  const auto record = decode<Record>(bytes);
  if (record && encode(*record) != bytes) std::abort();
}

template <class... Records>
void decode_as_each(std::string_view bytes) {
  (decode_as<Records>(bytes), ...);
}

}  // namespace
}  // namespace intray::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intray::store;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto opened = open_sealed("key", bytes)) {
    if (seal("key", opened->revision, opened->payload) != bytes) std::abort();
  }
  decode_as_each<CustomerState, Number, Pointer, Device, Presence, Mail, Acquired, Entitlement,
                 LogRow, CustomerSettings, Token, ProvisioningCode, Timer, OutboxRow, Tries, Reply,
                 ServiceCounts>(bytes);
  return 0;
}
