// The panel of the virtual MFP: one line for each event, for people or (--json) for scripts.
#pragma once

#include <intray/device.hpp>
#include <string>

namespace devices {

class Screen : public intray::DevicePanel {
 public:
  Screen(std::string device_id, bool json) : device_id_(std::move(device_id)), json_(json) {}

  void tell(const intray_device_event& event) noexcept override;

  bool polled() const { return polled_; }
  bool failed() const { return failed_; }

 private:
  void print(const intray_device_event& event) const;
  void print_json(const intray_device_event& event) const;

  std::string device_id_;
  bool json_;
  bool polled_ = false, failed_ = false;
  std::string last_failure_;
};

}  // namespace devices
