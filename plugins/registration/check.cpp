#include "plugins/registration/check.hpp"

#include <map>

#include "plugins/registration/application.hpp"
#include "plugins/registration/changes.hpp"
#include "plugins/registration/format.hpp"
#include "plugins/registration/wake_rows.hpp"

namespace intray::registration {
namespace {

// All rows of a store in order, a page at a time.
class Rows {
 public:
  Rows(const Scope& scope, std::uint32_t store, std::string prefix, std::uint64_t snapshot)
      : scope_(scope), store_(store), prefix_(std::move(prefix)), snapshot_(snapshot) {}

  /// The row at hand; nullptr at the end.
  Result<const StoredRow*> current() {
    if (at_ < page_.size()) return &page_[at_];
    if (ended_) return nullptr;
    const auto after = page_.empty() ? std::string() : page_.back().key;
    auto page = scope_.platform.walk(scope_.customer, store_, prefix_, after, INTRAY_PAGE_ROWS_MAX,
                                     snapshot_);
    if (!page) return fail(page.error());
    ended_ = page->size() < INTRAY_PAGE_ROWS_MAX;
    at_ = 0;
    page_ = std::move(*page);
    return page_.empty() ? nullptr : &page_.front();
  }
  void advance() { ++at_; }

 private:
  const Scope& scope_;
  std::uint32_t store_;
  std::string prefix_;
  std::uint64_t snapshot_;
  std::vector<StoredRow> page_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

// (service, generation) -> how many register-device instructions, of one device.
using Mails = std::map<std::pair<std::string, std::uint64_t>, int>;

std::string device_of(const StoredRow& mail) { return mail.key.substr(0, mail.key.find('\0')); }

void count_mail(const StoredRow& row, Mails& mails) {
  const auto subject = subject_of(row.value);
  if (subject && subject->has_nonce) ++mails[{subject->service, subject->generation}];
}

class Checker {
 public:
  Checker(const Scope& scope, std::uint64_t snapshot, const intray_kv_sink& broken)
      : scope_(scope),
        snapshot_(snapshot),
        broken_(broken),
        mailboxes_(scope, INTRAY_STORE_MAILBOX, "", snapshot) {}

  Result<void> run() {
    auto done = enrolments();
    if (done) done = mailboxes_before("");
    if (done) done = entitlements();
    if (done) done = applications();
    return done ? wakes() : done;
  }

 private:
  void tell(std::string_view where, const std::string& what) const {
    broken_.add(&broken_, str(where), str(what));
  }

  // Both stores are in the order of device ids, so one walk over each is enough.
  Result<void> enrolments() {
    Rows rows(scope_, INTRAY_STORE_OWN, "enrolment ", snapshot_);
    std::string device;
    for (;; rows.advance()) {
      const auto row = rows.current();
      if (!row) return fail(row.error());
      if (*row == nullptr) break;
      const auto enrolment = decode_enrolment(**row);
      if (!enrolment) {
        tell((*row)->key, "cannot be read");
        continue;
      }
      if (enrolment->device_id != device) {
        device = enrolment->device_id;
        if (auto left = mailboxes_before(device); !left) return left;
        if (auto read = mailbox_of(device); !read) return read;
      }
      if (auto checked = one(**row, *enrolment); !checked) return checked;
    }
    leftover(device);
    return {};
  }

  Result<void> mailbox_of(const std::string& device) {
    mails_.clear();
    for (;; mailboxes_.advance()) {
      const auto row = mailboxes_.current();
      if (!row) return fail(row.error());
      if (*row == nullptr || device_of(**row) != device) return {};
      count_mail(**row, mails_);
    }
  }

  // Mailboxes of devices without an enrolment, up to a device; up to the end when it is empty.
  Result<void> mailboxes_before(const std::string& device) {
    leftover(previous_);
    previous_ = device;
    for (;; mailboxes_.advance()) {
      const auto row = mailboxes_.current();
      if (!row) return fail(row.error());
      if (*row == nullptr) return {};
      const auto owner = device_of(**row);
      if (!device.empty() && owner >= device) return {};
      count_mail(**row, mails_);
      leftover(owner);
    }
  }

  // What no open enrolment claimed.
  void leftover(const std::string& device) {
    for (const auto& [subject, count] : mails_) {
      if (count == 0) continue;
      tell("mailbox " + device, "holds " + std::to_string(count) + " instruction(s) for " +
                                    subject.first + ", generation " +
                                    std::to_string(subject.second) + ", which is not open");
    }
    mails_.clear();
  }

  Result<void> one(const StoredRow& row, const Enrolment& enrolment) {
    if (is_open(enrolment.state)) {
      auto& mails = mails_[{enrolment.service, enrolment.generation}];
      if (mails != 1) tell(row.key, "is open with " + std::to_string(mails) + " instructions");
      mails = 0;
      if (enrolment.expires <= 0) tell(row.key, "is open and never expires");
    }
    if (enrolment.state == State::kDeferred && enrolment.until <= 0) {
      tell(row.key, "is deferred without a time");
    }
    const auto entitlement =
        scope_.platform.get(scope_.customer, INTRAY_STORE_ENTITLEMENT,
                            enrolment.service + '\0' + enrolment.device_id, snapshot_);
    if (!entitlement) return fail(entitlement.error());
    if (entitlement->has_value() != (enrolment.state == State::kRegistered)) {
      tell(row.key, std::string("is ") + std::string(name_of(enrolment.state)) +
                        (*entitlement ? " and entitled" : " and not entitled"));
    }
    return member_of(row, enrolment);
  }

  Result<void> member_of(const StoredRow& row, const Enrolment& enrolment) {
    const auto found =
        scope_.get(member_key(enrolment.application, enrolment.device_id), snapshot_);
    if (!found) return fail(found.error());
    if (!*found) {
      tell(row.key, "is no member of its application " + enrolment.application);
      return {};
    }
    const auto member = decode_member(**found);
    if (!member) {
      tell((*found)->key, "cannot be read");
    } else if (member->generation != enrolment.generation || member->state != enrolment.state) {
      tell(row.key, "is " + std::string(name_of(enrolment.state)) + ", its member row says " +
                        std::string(name_of(member->state)));
    }
    return {};
  }

  Result<void> entitlements() {
    Rows rows(scope_, INTRAY_STORE_ENTITLEMENT, "", snapshot_);
    for (;; rows.advance()) {
      const auto row = rows.current();
      if (!row) return fail(row.error());
      if (*row == nullptr) return {};
      const auto& key = (*row)->key;
      const auto service = key.substr(0, key.find('\0'));
      const auto device = key.substr(std::min(key.size(), service.size() + 1));
      const auto enrolment = find_enrolment(scope_, device, service, snapshot_);
      if (!enrolment) continue;  // told above: it cannot be read
      if (enrolment->generation == 0 || enrolment->state != State::kRegistered) {
        tell("entitlement " + service + " " + device, "has no registered enrolment");
      }
    }
  }

  Result<void> applications() {
    Rows rows(scope_, INTRAY_STORE_OWN, "application ", snapshot_);
    for (;; rows.advance()) {
      const auto row = rows.current();
      if (!row) return fail(row.error());
      if (*row == nullptr) return {};
      const auto application = decode_application(**row);
      if (!application) {
        tell((*row)->key, "cannot be read");
        continue;
      }
      if (auto checked = one(**row, *application); !checked) return checked;
    }
  }

  Result<void> one(const StoredRow& row, const Application& application) {
    const auto counted = counts_of(scope_, application.id, snapshot_);
    if (!counted) return fail(counted.error());
    const auto members = count_members(application);
    if (!members) return fail(members.error());
    for (std::size_t i = 0; i < kStates; ++i) {
      if (counted->by_state[i] == members->by_state[i]) continue;
      tell(row.key, "counts " + std::to_string(counted->by_state[i]) + " " +
                        std::string(name_of(static_cast<State>(i))) + ", it has " +
                        std::to_string(members->by_state[i]));
    }
    if (is_finished(application.phase) && members->open() > 0) {
      tell(row.key, "is " + std::string(name_of(application.phase)) + " with " +
                        std::to_string(members->open()) + " devices still open");
    }
    const auto mark = scope_.get(canceled_key(application.id), snapshot_);
    if (!mark) return fail(mark.error());
    if (mark->has_value() != is_canceled(application.phase)) {
      tell(row.key, *mark ? "is marked as canceled but is not" : "is canceled without its mark");
    }
    return {};
  }

  Result<void> wakes() {
    Rows rows(scope_, INTRAY_STORE_OWN, "wake ", snapshot_);
    for (;; rows.advance()) {
      const auto row = rows.current();
      if (!row) return fail(row.error());
      if (*row == nullptr) return {};
      const auto wake = decode_wake(**row);
      if (!wake) {
        tell((*row)->key, "cannot be read");
        continue;
      }
      const auto owner = scope_.get(application_key(wake->application), snapshot_);
      if (!owner) return fail(owner.error());
      if (!*owner) tell((*row)->key, "is a wake of no application");
    }
  }

  // Counts them, and proves that an open one is the newest generation of its pair.
  Result<Counts> count_members(const Application& application) {
    Counts counts;
    Rows rows(scope_, INTRAY_STORE_OWN, members_of(application.id), snapshot_);
    for (;; rows.advance()) {
      const auto row = rows.current();
      if (!row) return fail(row.error());
      if (*row == nullptr) return counts;
      const auto member = decode_member(**row);
      if (!member) {
        tell((*row)->key, "cannot be read");
        continue;
      }
      ++counts.by_state[static_cast<std::size_t>(member->state)];
      if (!is_open(member->state) && member->state != State::kRegistered) continue;
      const auto enrolment =
          find_enrolment(scope_, member->device_id, application.service, snapshot_);
      if (enrolment &&
          (enrolment->generation != member->generation || enrolment->state != member->state)) {
        tell((*row)->key, "is " + std::string(name_of(member->state)) +
                              ", but the newest enrolment of the pair is another");
      }
    }
  }

  const Scope& scope_;
  std::uint64_t snapshot_;
  const intray_kv_sink& broken_;
  Rows mailboxes_;
  Mails mails_;
  std::string previous_;
};

}  // namespace

Result<void> check(const Scope& scope, std::uint64_t snapshot, const intray_kv_sink& broken) {
  return Checker(scope, snapshot, broken).run();
}

}  // namespace intray::registration
