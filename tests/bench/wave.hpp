// One customer's wave: the administrator applies for many devices at once, and all of them answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/setting.hpp"

namespace intray::bench {

class Wave {
 public:
  /// Applies for the fleet's first `devices`, and has each poll until its instruction is there.
  Wave(Setting& setting, std::size_t devices);

  /// Each device registers; registrations a second with so many clients.
  double register_all(std::size_t clients);
  /// Each device declines; acknowledgements a second.
  double decline_all(std::size_t clients);
  /// The administrator stops the service on each device, and each acknowledges that; only the
  /// acknowledgements are timed.
  double acknowledge_stops(std::size_t clients);

 private:
  struct Instruction {
    std::uint64_t sequence = 0;
    std::string code;
  };
  void poll_for(std::string_view type);
  double acknowledge_all(std::size_t clients, std::string_view result);

  Setting& setting_;
  std::vector<Instruction> waiting_;  // one for each device
};

}  // namespace intray::bench
