#include "member.hpp"

#include <cstring>

namespace devices {

Member::Member(const MemberLine& line, const Connection& connection, intray_curl* curl,
               const std::string& directory, std::uint16_t lan_port)
    : transport_(intray_curl_transport_create(curl)) {
  intray_device_options options{};
  options.device_id = line.device_id.c_str();
  options.server = connection.server.c_str();
  options.transport = intray_curl_transport_table(transport_.get());
  options.storage = intray::table_of(static_cast<DeviceStorage&>(*this));
  options.random = intray_posix_random();
  options.panel = intray::table_of(static_cast<DevicePanel&>(*this));
  options.poll_s_max = connection.poll_s_max;
  options.verifier = intray_openssl_verifier();
  options.allow_loopback = connection.allow_loopback;
  if (!directory.empty()) {
    const auto path = directory + "/" + line.device_id;
    if (const char* why = intray_posix_storage_open(&files_, path.c_str())) {
      error_ = path + ": " + why;
      return;
    }
    options.storage = intray_posix_storage_table(&files_);
  }
  if (!device_.init(options) || !introduce(line)) {
    error_ = line.device_id + ": " + device_.last_error();
    return;
  }
  if (!line.address.empty()) listen(line, lan_port);
}

Member::~Member() { intray_posix_storage_close(&files_); }

bool Member::introduce(const MemberLine& line) {
  return line.code.empty() ? device_.adopt_token(line.token.c_str())
                           : device_.provision(line.code.c_str());
}

void Member::listen(const MemberLine& line, std::uint16_t lan_port) {
  intray_lan_options options{};
  options.address = line.address.c_str();
  options.port = lan_port;
  const char* why = "";
  lan_.reset(intray_lan_open(&options, &why));
  if (lan_ == nullptr) error_ = line.device_id + " at " + line.address + ": " + why;
}

void Member::hear(std::uint64_t now_ms) {
  intray_lan_step(lan_.get(), device_.get(), now_ms, unix_seconds());
  next_ms_ = device_.step(intray::Device::Milliseconds(now_ms)).count();
}

void Member::step_if_due(std::uint64_t now_ms) {
  if (now_ms < next_ms_ && !intray_curl_transport_has_news(transport_.get())) return;
  next_ms_ = device_.step(intray::Device::Milliseconds(now_ms)).count();
}

void Member::tell(const intray_device_event& event) noexcept {
  polls_ += event.kind == INTRAY_DEVICE_POLLED;
  woken_ += event.kind == INTRAY_DEVICE_WOKEN;
  relayed_ += event.kind == INTRAY_DEVICE_RELAYED;
  registered_ |= event.kind == INTRAY_DEVICE_REGISTERED;
}

std::int32_t Member::get(const char* key, void* buffer, std::size_t size) noexcept {
  const auto found = values_.find(key);
  if (found == values_.end()) return 0;
  if (found->second.size() > size) return -1;
  std::memcpy(buffer, found->second.data(), found->second.size());
  return static_cast<std::int32_t>(found->second.size());
}

bool Member::put(const char* key, const void* value, std::size_t size) noexcept {
  values_[key] = std::string(static_cast<const char*>(value), size);
  return true;
}

}  // namespace devices
