// The host's invariants, each in a sentence for the operator.
#include <map>
#include <set>

#include "host/store/describe.hpp"
#include "host/store/keys.hpp"
#include "host/store/log_chain.hpp"
#include "host/store/reader.hpp"
#include "host/store/snapshot.hpp"
#include "host/store/store.hpp"

namespace intray::store {

using keys::Table;

namespace {

std::string customer_in(const Walk& walk) {
  return std::string(walk.suffix().substr(0, walk.suffix().find('\0')));
}

std::string whose(const std::string& customer) {
  return customer.empty() ? "the system" : "customer " + customer;
}

class Checker {
 public:
  Checker(const Reader& reader, std::size_t limit) : reader_(reader), limit_(limit) {}

  std::vector<std::string> run() {
    states();
    devices();
    mailboxes();
    entitlements();
    counters();
    logs();
    credentials();
    timers();
    rest();
    return std::move(broken_);
  }

 private:
  void broken(const std::string& sentence) {
    if (broken_.size() < limit_) broken_.push_back(sentence);
  }

  // Visits what verifies, names what does not.
  template <class Record, class Visit>
  void scan(Table table, const std::string& name, Visit visit) {
    Walk walk(reader_.rows(), keys::prefix(table));
    for (std::size_t row = 1;; ++row) {
      const auto more = walk.next();
      if (more && !*more) return;
      const std::string where = name + " row " + std::to_string(row);
      if (!more) {
        broken(where + ": " + more.error().message);
        if (walk.key().empty()) return;
        continue;
      }
      const auto record = decode<Record>(walk.row().payload);
      if (record) {
        visit(*record, walk);
      } else {
        broken(where + ": " + record.error().message);
      }
    }
  }

  // Rows whose payload is their owner's: only the envelope is ours.
  void scan_raw(Table table, const std::string& name) {
    Walk walk(reader_.rows(), keys::prefix(table));
    for (std::size_t row = 1;; ++row) {
      const auto more = walk.next();
      if (more && !*more) return;
      if (!more) {
        broken(name + " row " + std::to_string(row) + ": " + more.error().message);
        if (walk.key().empty()) return;
      }
    }
  }

  template <class Record>
  std::optional<Record> at(const std::string& key) const {
    return read<Record>(reader_, key);
  }

  void states();
  void devices();
  void mailboxes();
  void entitlements();
  void counters();
  void logs();
  void credentials();
  void timers();
  void rest();

  const Reader& reader_;
  std::size_t limit_;
  std::vector<std::string> broken_;
  std::map<std::string, CustomerState> states_;
  std::map<std::string, std::uint64_t> devices_;             // by customer
  std::map<std::string, std::uint64_t> models_;              // by key of the model's row
  std::map<std::string, ServiceCounts> counts_;              // by key of the counts' row
  std::map<std::string, std::set<std::string>> device_ids_;  // by customer
};

void Checker::states() {
  scan<CustomerState>(Table::kState, "customer state", [&](const CustomerState& s, const Walk& w) {
    states_[std::string(w.suffix())] = s;
  });
}

void Checker::devices() {
  scan<Device>(Table::kDevice, "device", [&](const Device& device, const Walk& walk) {
    const auto customer = customer_in(walk);
    ++devices_[customer];
    ++models_[keys::key(Table::kModel, customer, device.vendor, device.model)];
    device_ids_[customer].insert(device.device_id);
    const auto holder = at<Pointer>(keys::key(Table::kCustomerOf, device.device_id));
    if (!holder || holder->to != customer) {
      broken("device " + device.device_id + " of customer " + customer +
             " is not in the index from device to customer");
    }
  });
  scan<Pointer>(Table::kCustomerOf, "customer of device", [&](const Pointer& to, const Walk& w) {
    if (device_ids_[to.to].count(std::string(w.suffix())) == 0) {
      broken("the index says that customer " + to.to + " holds device " + std::string(w.suffix()) +
             ", which is not in its inventory");
    }
  });
  for (const auto& [customer, state] : states_) {
    if (state.devices != devices_[customer]) {
      broken(whose(customer) + " holds " + std::to_string(devices_[customer]) +
             " devices, its counter says " + std::to_string(state.devices));
    }
  }
}

void Checker::mailboxes() {
  std::string mailbox;
  std::set<std::string> references;
  scan<Mail>(Table::kMail, "mailbox", [&](const Mail& mail, const Walk& walk) {
    const auto customer = customer_in(walk);
    if (mailbox != customer + '\0' + mail.device_id) references.clear();
    mailbox = customer + '\0' + mail.device_id;
    const auto name = "instruction " + mail.reference + " of device " + mail.device_id;
    if (!references.insert(mail.reference).second) broken(name + " waits twice");
    if (device_ids_[customer].count(mail.device_id) == 0) {
      broken(name + " waits for a device that customer " + customer + " does not hold");
    }
    if (mail.sequence > states_[customer].last_mail_sequence) {
      broken(name + " has a sequence beyond the customer's last one");
    }
    if (mail.type == "register-device") {
      ++counts_[keys::key(Table::kCounts, customer, mail.service)].waiting;
    }
  });
  scan<Acquired>(Table::kAcquired, "acquired instruction", [](const Acquired&, const Walk&) {});
}

void Checker::entitlements() {
  scan<Entitlement>(Table::kEntitlement, "entitlement", [&](const Entitlement& e, const Walk& w) {
    const auto customer = customer_in(w);
    ++counts_[keys::key(Table::kCounts, customer, e.service)].registered;
    if (device_ids_[customer].count(e.device_id) == 0) {
      broken("device " + e.device_id + " is entitled to " + e.service + ", but customer " +
             customer + " does not hold it");
    }
  });
}

void Checker::counters() {
  scan<Number>(Table::kModel, "model count", [&](const Number& count, const Walk& walk) {
    const auto found = models_.find(std::string(walk.key()));
    const auto held = found == models_.end() ? 0 : found->second;
    if (held != count.value) {
      broken("a model count of customer " + customer_in(walk) + " says " +
             std::to_string(count.value) + ", " + std::to_string(held) + " devices are held");
    }
    if (found != models_.end()) models_.erase(found);
  });
  for (const auto& [key, held] : models_) {
    broken("a model with " + std::to_string(held) + " devices has no count");
  }
  scan<ServiceCounts>(Table::kCounts, "service count", [&](const ServiceCounts& c, const Walk& w) {
    const auto recount = counts_[std::string(w.key())];
    if (recount.registered != c.registered || recount.waiting != c.waiting) {
      broken("a service count of customer " + customer_in(w) + " says " +
             std::to_string(c.registered) + " registered and " + std::to_string(c.waiting) +
             " waiting, a recount " + std::to_string(recount.registered) + " and " +
             std::to_string(recount.waiting));
    }
    counts_.erase(std::string(w.key()));
  });
  if (!counts_.empty()) {
    broken(std::to_string(counts_.size()) + " services with devices have no count");
  }
}

void Checker::logs() {
  std::string log;
  std::optional<LogRow> before;
  const auto close = [&] {
    if (!before) return;
    const auto& state = states_[log];
    if (before->sequence != state.last_log_sequence || before->hash != state.last_hash) {
      broken("the log of " + whose(log) + " does not end where its state says: rows are missing");
    }
  };
  scan<LogRow>(Table::kLog, "log", [&](const LogRow& row, const Walk& walk) {
    const auto customer = customer_in(walk);
    if (before && customer != log) {
      close();
      before.reset();
    }
    log = customer;
    const auto name = "log row " + std::to_string(row.sequence) + " of " + whose(customer);
    if (row.hash != hash_of(row)) broken(name + " was changed: its hash does not fit");
    if (before && row.previous_hash != before->hash) {
      broken(name + " does not follow the row before it: a row was taken out or put in");
    }
    before = row;
  });
  close();
}

void Checker::credentials() {
  scan<Token>(Table::kToken, "token", [&](const Token& token, const Walk& walk) {
    const auto id = token.role == "device" ? "device:" + token.id : token.id;
    const auto index = at<Pointer>(keys::key(Table::kTokenOfId, id));
    if (!index || index->to != walk.suffix()) broken("token " + id + " is not in the index of ids");
  });
  scan<Pointer>(Table::kTokenOfId, "token id", [&](const Pointer& to, const Walk& walk) {
    if (!at<Token>(keys::key(Table::kToken, to.to))) {
      broken("the index of ids names token " + std::string(walk.suffix()) + ", which is not there");
    }
  });
  scan<ProvisioningCode>(Table::kProvisioningCode, "provisioning code",
                         [](const ProvisioningCode&, const Walk&) {});
  scan<Pointer>(Table::kCodeOfDevice, "code of device", [&](const Pointer& to, const Walk& walk) {
    if (!at<ProvisioningCode>(keys::key(Table::kProvisioningCode, to.to))) {
      broken("device " + std::string(walk.suffix()) + " points to a code that is not there");
    }
  });
}

void Checker::timers() {
  scan<Timer>(Table::kTimer, "timer", [&](const Timer& timer, const Walk&) {
    const auto name = keys::timer_name(timer.customer, timer.owner, timer.name);
    const auto due = at<Number>(keys::key(Table::kDueOfTimer, name));
    if (!due || due->value != static_cast<std::uint64_t>(timer.due)) {
      broken("timer " + timer.name + " of " + timer.owner + " is not in the index of names");
    }
  });
  scan<Number>(Table::kDueOfTimer, "timer name", [&](const Number& due, const Walk& walk) {
    const auto key = keys::big_endian(due.value) + std::string(walk.suffix());
    if (!at<Timer>(keys::key(Table::kTimer, key))) {
      broken("the index of names has a timer that is not there");
    }
  });
}

void Checker::rest() {
  const auto last = at<Number>(keys::key(Table::kMeta, "outbox")).value_or(Number());
  scan<OutboxRow>(Table::kOutbox, "outbox", [&](const OutboxRow& row, const Walk&) {
    if (row.sequence > last.value) {
      broken("outbox row " + std::to_string(row.sequence) + " has a sequence beyond the last one");
    }
  });
  scan<Presence>(Table::kPresence, "presence", [](const Presence&, const Walk&) {});
  scan<CustomerSettings>(Table::kSettings, "settings", [](const CustomerSettings&, const Walk&) {});
  scan<Tries>(Table::kTries, "tries", [](const Tries&, const Walk&) {});
  scan<Reply>(Table::kReply, "reply", [](const Reply&, const Walk&) {});
  scan<Number>(Table::kMeta, "meta", [](const Number&, const Walk&) {});
  scan_raw(Table::kOwn, "plugin");
  scan_raw(Table::kHostRow, "host job");
}

}  // namespace

Result<std::vector<std::string>> check(const Snapshot& snapshot, std::size_t limit) {
  return Checker(*snapshot.reader_, limit).run();
}

}  // namespace intray::store
