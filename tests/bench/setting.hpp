// What the measures are taken on: a real daemon with a provisioned fleet, and the yardstick.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/load.hpp"
#include "tests/e2e/daemon.hpp"
#include "tests/support/process.hpp"

namespace intray::bench {

/// Runs this process's thread, and what it starts, on one core; the load on another one.
void pin(int core);

struct Fleet {
  std::vector<std::string> devices;
  std::vector<std::string> tokens;  // one for each
};

class Setting {
 public:
  /// A daemon on core 0 with `devices` provisioned devices of C001.
  explicit Setting(std::size_t devices);

  const Fleet& fleet() const { return fleet_; }
  std::string device_address() const;
  std::string customer_address() const;
  e2e::Daemon& daemon() { return daemon_; }

 private:
  void provision();
  e2e::Daemon daemon_;
  Fleet fleet_;
};

/// cpp-httplib alone, on core 0.
class BareHttplib {
 public:
  BareHttplib();
  std::string address() const { return address_; }
  pid_t pid() const { return process_.pid(); }

 private:
  testing_support::TempDir dir_;
  testing_support::Process process_;
  std::string address_;
};

/// What a process used so far, all its threads.
std::chrono::duration<double> cpu_time(pid_t pid);

double median(std::vector<double> values);

}  // namespace intray::bench
