#include "plugins/registration/changes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cassert>

#include "plugins/registration/application.hpp"
#include "plugins/registration/format.hpp"
#include "plugins/registration/row.hpp"

namespace intray::registration {
namespace {

// What a poll shows, once the host has put the code in the nonce's place (FIG. 6).
std::string instruction_of(const Enrolment& enrolment, const std::string& url) {
  Scratch scratch;
  return boost::json::serialize(boost::json::object({{"service", enrolment.service},
                                                     {"generation", enrolment.generation},
                                                     {"nonce", hex(enrolment.nonce)},
                                                     {"url", url},
                                                     {"expires", rfc3339(enrolment.expires)}},
                                                    scratch.storage()));
}

}  // namespace

std::optional<Subject> subject_of(std::string_view payload) {
  Scratch scratch;
  boost::json::error_code error;
  const auto value = boost::json::parse(payload, error, scratch.storage());
  const auto* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto* service = object->if_contains("service");
  const auto* generation = object->if_contains("generation");
  if (service == nullptr || !service->is_string() || generation == nullptr) return std::nullopt;
  const auto number = whole_number(*generation, kCountMax);
  if (!number) return std::nullopt;
  return Subject{std::string(std::string_view(service->get_string())), *number,
                 object->contains("nonce")};
}

Result<void> Changes::fire(Enrolment& enrolment, State to, Actor actor, const Because& because) {
  const auto fired = edge(enrolment.state, to, actor);
  if (!fired) return fail(fired.error());
  const auto from = enrolment.state;
  enrolment.state = to;
  enrolment.since = now_;
  enrolment.reason = because.reason;
  enrolment.until = to == State::kDeferred ? because.until : 0;

  if (is_open(from) && !is_open(to)) leave_mailbox(enrolment);
  if (to == State::kDeferred) {
    batch_.defer(enrolment.device_id, register_reference(enrolment), enrolment.until);
  }
  if (is_open(to)) {
    const auto due =
        to == State::kDeferred ? std::min(enrolment.until, enrolment.expires) : enrolment.expires;
    batch_.timer(enrolment_timer(enrolment), due);
  }
  if (to == State::kStopped) {
    batch_.disentitle(enrolment.device_id, enrolment.service, because.stop_reason);
  }
  --counts_[count_key(enrolment.application, from)];
  ++counts_[count_key(enrolment.application, to)];
  tell(enrolment, name_of(from), fired->step);
  return {};
}

void Changes::post(Enrolment& enrolment, const Posting& posting) {
  assert(enrolment.generation == 0 ||
         (!is_open(enrolment.state) && enrolment.state != State::kRegistered));
  if (enrolment.generation > 0) {
    // A device that learns of the old stop after its new registration would undo it.
    if (enrolment.state == State::kStopped) {
      batch_.take_off(enrolment.device_id, stop_reference(enrolment));
      batch_.timer(stop_timer(enrolment), 0);
    }
    enrolment.ended.add({enrolment.generation, enrolment.nonce});
  }
  ++enrolment.generation;
  enrolment.state = State::kPosted;
  enrolment.application = posting.application;
  enrolment.since = now_;
  enrolment.nonce = posting.nonce;
  enrolment.expires = posting.expires;
  enrolment.until = 0;
  enrolment.reason.clear();
  batch_.send(enrolment.device_id, kRegisterDevice, register_reference(enrolment),
              instruction_of(enrolment, posting.url));
  batch_.timer(enrolment_timer(enrolment), enrolment.expires);
  ++counts_[count_key(enrolment.application, State::kPosted)];
  tell(enrolment, "", "S103");
}

void Changes::put(const Enrolment& enrolment) {
  batch_.put(enrolment_key(enrolment.device_id, enrolment.service), encode(enrolment),
             enrolment.revision);
}

Batch Changes::take() {
  for (const auto& [key, delta] : counts_) {
    if (delta != 0) batch_.add_to_counter(key, delta);
  }
  counts_.clear();
  return std::move(batch_);
}

void Changes::leave_mailbox(const Enrolment& enrolment) {
  batch_.take_off(enrolment.device_id, register_reference(enrolment));
  batch_.timer(enrolment_timer(enrolment), 0);
}

// The member row and the log row say the same of every edge.
void Changes::tell(const Enrolment& enrolment, std::string_view from, std::string_view step) {
  const Member member{enrolment.device_id, enrolment.generation, enrolment.state, enrolment.since,
                      enrolment.reason};
  batch_.put(member_key(enrolment.application, enrolment.device_id), encode(member),
             Batch::kAnyRevision);
  Scratch scratch;
  boost::json::object payload({{"application", enrolment.application},
                               {"service", enrolment.service},
                               {"device_id", enrolment.device_id},
                               {"generation", enrolment.generation}},
                              scratch.storage());
  if (!from.empty()) payload["from"] = from;
  if (!enrolment.reason.empty()) payload["reason"] = enrolment.reason;
  if (enrolment.until > 0) payload["until"] = rfc3339(enrolment.until);
  if (!step.empty()) payload["step"] = step;
  batch_.event("enrolment." + std::string(name_of(enrolment.state)), "ok", enrolment.device_id,
               boost::json::serialize(payload));
}

}  // namespace intray::registration
