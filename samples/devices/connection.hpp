// How a sample reaches the host: the flags that both programs share, and the stop signals.
#pragma once

#include <intray/device_curl.h>
#include <intray/device_lan.h>

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

namespace devices {

struct Destroy {
  void operator()(intray_curl* curl) const { intray_curl_destroy(curl); }
  void operator()(intray_curl_transport* transport) const {
    intray_curl_transport_destroy(transport);
  }
  void operator()(intray_lan* lan) const { intray_lan_close(lan); }
};
using Curl = std::unique_ptr<intray_curl, Destroy>;
using Transport = std::unique_ptr<intray_curl_transport, Destroy>;
using Lan = std::unique_ptr<intray_lan, Destroy>;

/// Outlives the Curl that is made of it.
struct Connection {
  std::string server;
  std::string ca;
  std::string lan_ca;
  std::vector<std::string> connect_to;
  std::uint32_t poll_s_max = 0;
  bool allow_loopback = false;

  void add_flags(CLI::App& app);
  /// Never null; ends the program when libcurl cannot be set up.
  Curl open(std::uint32_t connections_max);

 private:
  std::vector<const char*> connect_to_texts_;
};

/// The time of day, as wake commands have it.
std::int64_t unix_seconds();

/// From now on SIGTERM and SIGINT only make stop_requested() true, and SIGPIPE does nothing.
void handle_signals();
bool stop_requested();

}  // namespace devices
