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

}  // namespace
}  // namespace intray::store

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intray::store;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto opened = open_sealed("key", bytes)) {
    if (seal("key", opened->revision, opened->payload) != bytes) std::abort();
  }
  decode_as<Mail>(bytes);
  decode_as<Device>(bytes);
  decode_as<LogRow>(bytes);
  decode_as<CustomerSettings>(bytes);
  decode_as<ProvisioningCode>(bytes);
  decode_as<Reply>(bytes);
  decode_as<Pointer>(bytes);
  return 0;
}
