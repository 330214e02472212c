// Looking at a customer's devices for a request, a page at a time.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <vector>

#include "plugins/registration/request.hpp"

namespace intray::registration {

inline constexpr std::size_t kPairsAtOnce = 200;  // (device, service) pairs answered with 201

/// One device that will take part in one service.
struct Pair {
  std::size_t criterion = 0;  // index
  std::string device_id;
  Choice choice;
};

struct Survey {
  std::vector<Pair> pairs;      // at most kPairsAtOnce + 1: more is large
  boost::json::array mistakes;  // named devices that cannot take part: {device_id, reason}
  boost::json::array skipped;   // the first of those that have it already: {..., service, reason}
  std::int64_t skipped_count = 0;
  bool large() const { return pairs.size() > kPairsAtOnce; }
};

/// Visits every device named, or else every device held. A device that is named but not held is
/// visited with an empty customer_id. more: called before each device; false ends the walk.
Result<void> each_device(const Scope& scope, const std::vector<std::string>& named,
                         const std::function<bool()>& more,
                         const std::function<Result<void>(const DeviceRow&)>& visit);

/// What is said of a device that is named but not held: a foreign one looks like an unknown one.
boost::json::object not_held(std::string_view device_id);

/// Looks until more pairs are found than are done at once; at every device that is named.
Result<Survey> survey(const Scope& scope, const Wanted& wanted);

/// The dry run: a row for each held device and service, will or will not, because.
Result<HttpAnswer> dry_run(const Scope& scope, const Wanted& wanted, const Page& page);

}  // namespace intray::registration
