// How a sample reaches the host: the flags that both programs share, and the stop signals.
#pragma once

#include <intray/device_curl.h>

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
};
using Curl = std::unique_ptr<intray_curl, Destroy>;
using Transport = std::unique_ptr<intray_curl_transport, Destroy>;

/// Outlives the Curl that is made of it.
struct Connection {
  std::string server;
  std::string ca;
  std::vector<std::string> connect_to;
  std::uint32_t poll_s_max = 0;

  void add_flags(CLI::App& app);
  /// Never null; ends the program when libcurl cannot be set up.
  Curl open(std::uint32_t connections_max);

 private:
  std::vector<const char*> connect_to_texts_;
};

/// From now on SIGTERM and SIGINT only make stop_requested() true.
void catch_stop_signals();
bool stop_requested();

}  // namespace devices
