// One device of the fleet: a real core, its transport, and storage in memory or in a directory.
#pragma once

#include <intray/device_openssl.h>
#include <intray/device_posix.h>

#include <intray/device.hpp>
#include <map>
#include <string>

#include "connection.hpp"
#include "member_list.hpp"

namespace devices {

class Member : private intray::DevicePanel, private intray::DeviceStorage {
 public:
  /// `directory` "" = storage in memory; `lan_port` is where it hears /doPolling if its line has an
  /// address. `curl` and `connection` outlive the member.
  Member(const MemberLine& line, const Connection& connection, intray_curl* curl,
         const std::string& directory, std::uint16_t lan_port);
  ~Member() override;

  /// Why it cannot run; "" = it can.
  const std::string& error() const { return error_; }
  void step_if_due(std::uint64_t now_ms);
  /// Of its listener; -1 when it cannot be woken.
  int lan_descriptor() const { return lan_ == nullptr ? -1 : intray_lan_fd(lan_.get()); }
  /// Takes what came in on the LAN, and steps.
  void hear(std::uint64_t now_ms);
  std::uint64_t next_ms() const { return next_ms_; }

  bool provisioned() const { return device_.provisioned(); }
  bool registered() const { return registered_; }
  std::uint64_t polls() const { return polls_; }
  std::uint64_t woken() const { return woken_; }
  /// Calls to neighbours, the dead ones too.
  std::uint64_t relayed() const { return relayed_; }
  const char* last_error() const { return device_.last_error(); }

 private:
  void tell(const intray_device_event& event) noexcept override;
  std::int32_t get(const char* key, void* buffer, std::size_t size) noexcept override;
  bool put(const char* key, const void* value, std::size_t size) noexcept override;
  bool introduce(const MemberLine& line);
  void listen(const MemberLine& line, std::uint16_t lan_port);

  Transport transport_;
  std::map<std::string, std::string> values_;
  intray_posix_storage files_{-1};
  intray::Device device_;
  Lan lan_;
  std::uint64_t next_ms_ = 0;
  std::uint64_t polls_ = 0;
  std::uint64_t woken_ = 0;
  std::uint64_t relayed_ = 0;
  bool registered_ = false;
  std::string error_;
};

}  // namespace devices
