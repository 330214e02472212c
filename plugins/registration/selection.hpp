// Which of a customer's devices take part in an application, and why the others do not (patent
// steps S201, S101, S102, S203).
#pragma once

#include <string>
#include <vector>

#include "plugins/registration/changes.hpp"

namespace intray::registration {

/// One service's share of a request.
struct Criterion {
  Platform::ServiceRow service;
  std::vector<std::string> models;  // only these; empty = any
  bool reissue = false;             // take the place of what waits or is registered
  std::string administrator;        // principal
  std::string application;          // its id; empty while it is only being tried
  std::string body;                 // the request as sent; empty in a chunk
  std::int64_t received = 0;        // unix ns
};

/// What would happen to one device.
struct Choice {
  bool will = false;
  bool applicable = false;  // false: naming this device is a mistake
  std::string reason;       // why not; of one that will, what it replaces, if anything
  Enrolment enrolment;      // the newest generation so far
  bool canceled = false;    // its application was canceled, though it still looks open
};

/// Judges devices one by one. Borrows the scope and the criterion.
class Selector {
 public:
  Selector(const Scope& scope, const Criterion& criterion) : scope_(scope), criterion_(criterion) {}

  /// INTRAY_E_UNAVAILABLE: the service's plugin could not be asked.
  Result<Choice> choose(const DeviceRow& device);

 private:
  Result<std::string> objection(const DeviceRow* device) const;
  Result<Choice> by_enrolment(const DeviceRow& device) const;
  std::string not_applicable(const DeviceRow& device) const;

  const Scope& scope_;
  const Criterion& criterion_;
  bool asked_ = false;  // about the application as a whole
  std::string objection_;
};

/// Ends what the choice replaces and begins the next generation.
Result<void> issue(Changes& changes, Choice choice, const Posting& posting, std::int64_t now);

/// A new posting of the criterion's application.
Result<Posting> new_posting(const Scope& scope, const Criterion& criterion);

/// The notice that instructions wait (patent steps S121, S131, S141); with the devices or with the
/// URLs that wake them when the customer wants them, as many as fit a log row.
Result<void> add_notice(const Scope& scope, Batch& batch, const Criterion& criterion,
                        std::int64_t count, std::vector<std::string> device_ids);

/// How many device ids a notice carries at most.
inline constexpr std::size_t kNoticeDevicesMax = 400;

}  // namespace intray::registration
