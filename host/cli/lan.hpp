// Waking devices from this machine: their URLs called, each at its time (patent steps S314, S315).
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "intray/result.hpp"

namespace intray::cli {

struct WakeCall {
  std::string device_id;
  std::string url;  // with its command: a capability, shown only to who asked for it
  std::chrono::milliseconds wait{0};  // counted from the first one
};

/// How a device took it.
enum class Reached { kPolled, kWill, kRefused, kBusy, kStrange, kUnreachable };
std::string_view word_of(Reached reached);

/// What an HTTP status of a device means; 0 = it did not answer.
Reached reached_by(int status);

/// Calls all of them, at most 32 at a time, each at its time or later, with 3 seconds and two
/// tries. `told` hears of each as it ends. No redirect is followed and no body is read. A device's
/// certificate is not verified: most make their own, and a command is signed, works once, and is
/// good for nothing but an early poll.
/// INTRAY_E_INTERNAL when libcurl cannot be started.
Result<void> wake_all(const std::vector<WakeCall>& calls,
                      const std::function<void(const WakeCall&, Reached)>& told);

}  // namespace intray::cli
