// Fleets of a test, and their plans.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "plugins/registration/wake_plan.hpp"

namespace intray::registration {

// FIG. 9, customer C001.
inline std::vector<WakeDevice> c001() {
  return {{"D10010101", "111.222.111.1", 10},
          {"D10020102", "111.222.111.2", 30},
          {"D10020103", "111.222.111.3", 20}};
}

inline std::vector<WakeDevice> fleet(std::size_t count, std::size_t id_bytes = 9) {
  std::vector<WakeDevice> devices;
  for (std::size_t i = 0; i < count; ++i) {
    auto id = std::to_string(i);
    id.insert(0, id_bytes - std::min(id_bytes, id.size()), 'D');
    devices.push_back({id, "10." + std::to_string(i >> 16U) + "." + std::to_string(i >> 8U & 255U) +
                               "." + std::to_string(i & 255U)});
  }
  return devices;
}

inline WakePlan planned(std::vector<WakeDevice> devices, const WakeRequest& request) {
  auto plan = plan_wake(std::move(devices), request);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

}  // namespace intray::registration
