// What a batch does to enrolments: the edges it fires, with everything that belongs to each in the
// same batch - rows, mailbox, timer, counters, entitlement, log.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "plugins/registration/enrolment.hpp"

namespace intray::registration {

/// Which enrolment an instruction of this plugin's is about, as its own payload says.
struct Subject {
  std::string service;
  std::uint64_t generation = 0;
  bool has_nonce = false;  // as only a register-device instruction has
};
/// Nothing when the payload is not as this plugin writes it.
std::optional<Subject> subject_of(std::string_view payload);

/// How one generation begins (patent steps S204, S205, S103).
struct Posting {
  std::string application;
  std::string nonce;         // 16 bytes
  std::string url;           // where the device registers
  std::int64_t expires = 0;  // unix ns
};

/// More about one edge.
struct Because {
  std::string reason;
  std::int64_t until = 0;                                // of an edge to deferred
  std::uint32_t stop_reason = INTRAY_STOP_UNREGISTERED;  // of an edge to stopped
};

class Changes {
 public:
  explicit Changes(std::int64_t now) : now_(now) {}

  /// Fires an edge on the newest generation; call put() when all is done to the enrolment.
  /// INTRAY_E_BAD_STATE as edge() says; nothing is added then.
  Result<void> fire(Enrolment& enrolment, State to, Actor actor, const Because& because);
  /// Begins the next generation. The last one must be over.
  void post(Enrolment& enrolment, const Posting& posting);
  /// Writes the enrolment, expecting the revision that was read.
  void put(const Enrolment& enrolment);

  /// For what belongs to the batch besides.
  Batch& batch() { return batch_; }
  /// The batch, with the counters: nothing may be fired afterwards.
  Batch take();

 private:
  void leave_mailbox(const Enrolment& enrolment);
  void tell(const Enrolment& enrolment, std::string_view from, std::string_view step);

  std::int64_t now_;
  Batch batch_;
  std::map<std::string, std::int64_t> counts_;  // counter key -> delta
};

}  // namespace intray::registration
