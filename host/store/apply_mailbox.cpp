// Mailboxes, entitlements, the log, timers, replies.
#include "host/store/apply.hpp"
#include "host/store/keys.hpp"
#include "host/store/log_chain.hpp"

namespace intray::store {

using keys::Table;

namespace {

constexpr std::string_view kRegisterDevice = "register-device";

}  // namespace

std::string Application::mail_key(const std::string& device_id, std::uint64_t sequence) const {
  return keys::key(Table::kMail, batch_.customer, device_id, keys::big_endian(sequence));
}

Result<std::optional<Mail>> Application::find_mail(const std::string& device_id,
                                                   const std::string& reference) const {
  Walk walk(rows_, keys::prefix(Table::kMail, batch_.customer, device_id));
  for (;;) {
    const auto more = walk.next();
    if (!more) return fail(more.error());
    if (!*more) return std::optional<Mail>();
    auto mail = decode<Mail>(walk.row().payload);
    if (!mail) return fail(mail.error());
    if (mail->reference == reference) return std::optional<Mail>(std::move(*mail));
  }
}

Result<void> Application::apply(const Send& operation) {
  const auto device = rows_.get(keys::key(Table::kDevice, batch_.customer, operation.device_id));
  if (!device) return fail(device.error());
  if (!*device) {
    return fail(INTRAY_E_NOT_FOUND, "customer " + batch_.customer + " holds no device " +
                                        operation.device_id + ": nothing can be sent to it");
  }
  std::size_t waiting = 0;
  Walk walk(rows_, keys::prefix(Table::kMail, batch_.customer, operation.device_id));
  for (;; ++waiting) {
    const auto more = walk.next();
    if (!more) return fail(more.error());
    if (!*more) break;
    const auto mail = decode<Mail>(walk.row().payload);
    if (!mail) return fail(mail.error());
    if (mail->reference == operation.reference) {
      return fail(INTRAY_E_CONFLICT, "instruction " + operation.reference + " waits already for " +
                                         operation.device_id);
    }
  }
  if (waiting >= kMailboxRowsMax) {
    return fail(INTRAY_E_TOO_LARGE, "the mailbox of " + operation.device_id + " is full: " +
                                        std::to_string(kMailboxRowsMax) + " instructions wait");
  }
  state_.last_mail_sequence = next_sequence(state_.last_mail_sequence);
  state_changed_ = true;
  const Mail mail{
      state_.last_mail_sequence, operation.device_id, operation.type,    operation.reference,
      operation.owner,           operation.service,   operation.payload, now_,
      operation.visible};
  if (auto put = rows_.put(mail_key(mail.device_id, mail.sequence), mail); !put) return put;
  return mail.type == kRegisterDevice ? count(mail.service, 0, 1) : Result<void>();
}

Result<void> Application::remove_mail(const Mail& mail, bool keep) {
  const auto erased = rows_.erase(mail_key(mail.device_id, mail.sequence));
  if (!erased) return fail(erased.error());
  if (keep) {
    const auto key = keys::key(Table::kAcquired, batch_.customer, mail.device_id,
                               keys::big_endian(mail.sequence));
    if (auto put = rows_.put(key, Acquired{mail, now_}); !put) return put;
  }
  return mail.type == kRegisterDevice ? count(mail.service, 0, -1) : Result<void>();
}

Result<void> Application::apply(const TakeOff& operation) {
  const auto mail = find_mail(operation.device_id, operation.reference);
  if (!mail) return fail(mail.error());
  if (!*mail) return {};
  const auto settings = rows_.find<CustomerSettings>(keys::key(Table::kSettings, batch_.customer));
  if (!settings) return fail(settings.error());
  return remove_mail(**mail, *settings && (*settings)->keep_acquired);
}

Result<void> Application::apply(const Defer& operation) {
  auto mail = find_mail(operation.device_id, operation.reference);
  if (!mail) return fail(mail.error());
  if (!*mail) return {};
  (*mail)->visible = operation.visible;
  return rows_.put(mail_key((*mail)->device_id, (*mail)->sequence), **mail);
}

Result<void> Application::apply(const Entitle& operation) {
  const auto key =
      keys::key(Table::kEntitlement, batch_.customer, operation.service, operation.device_id);
  const auto found = rows_.find<Entitlement>(key);
  if (!found) return fail(found.error());
  Entitlement row{operation.service, operation.device_id, now_, operation.answer};
  if (*found) {
    row.since = (*found)->since;
    return rows_.put(key, row);
  }
  if (auto put = rows_.put(key, row); !put) return put;
  if (auto counted = count(operation.service, 1, 0); !counted) return counted;
  return add_outbox("registered", operation.service, operation.device_id, 0);
}

Result<void> Application::apply(const Disentitle& operation) {
  const auto erased = rows_.erase(
      keys::key(Table::kEntitlement, batch_.customer, operation.service, operation.device_id));
  if (!erased) return fail(erased.error());
  if (!*erased) return {};
  if (auto counted = count(operation.service, -1, 0); !counted) return counted;
  return add_outbox("stopped", operation.service, operation.device_id, operation.reason);
}

Result<void> Application::apply(const Event& operation) {
  LogRow row;
  row.sequence = next_sequence(state_.last_log_sequence);
  row.time = now_;
  row.principal = batch_.principal;
  row.topic = operation.topic;
  row.outcome = operation.outcome;
  row.object = operation.object;
  row.payload = operation.payload;
  row.previous_hash = state_.last_hash;
  row.hash = hash_of(row);
  state_.last_log_sequence = row.sequence;
  state_.last_hash = row.hash;
  state_changed_ = true;
  return rows_.put(keys::key(Table::kLog, batch_.customer, keys::big_endian(row.sequence)), row);
}

Result<void> Application::apply(const SetTimer& operation) {
  const auto name = keys::timer_name(batch_.customer, operation.owner, operation.name);
  const auto due_key = keys::key(Table::kDueOfTimer, name);
  const auto armed = rows_.find<Number>(due_key);
  if (!armed) return fail(armed.error());
  if (*armed) {
    const auto erased =
        rows_.erase(keys::key(Table::kTimer, keys::big_endian((*armed)->value) + name));
    if (!erased) return fail(erased.error());
    if (operation.due == 0) {
      const auto canceled = rows_.erase(due_key);
      return canceled ? Result<void>() : fail(canceled.error());
    }
  }
  if (operation.due <= 0) return {};
  const auto due = static_cast<std::uint64_t>(operation.due);
  if (auto put = rows_.put(due_key, Number{due}); !put) return put;
  const Timer timer{operation.due, batch_.customer, operation.owner, operation.name};
  return rows_.put(keys::key(Table::kTimer, keys::big_endian(due) + name), timer);
}

Result<void> Application::apply(const ConsumeTimer& operation) {
  const auto name = keys::timer_name(batch_.customer, operation.owner, operation.name);
  const auto armed = rows_.find<Number>(keys::key(Table::kDueOfTimer, name));
  if (!armed) return fail(armed.error());
  if (!*armed || (*armed)->value != static_cast<std::uint64_t>(operation.due)) {
    return fail(INTRAY_E_CONFLICT, "timer " + operation.name + " was moved or consumed meanwhile");
  }
  return apply(SetTimer{operation.owner, operation.name, 0});
}

Result<void> Application::apply(const PutReply& operation) {
  const auto key = keys::key(Table::kReply, operation.principal, operation.key);
  const auto found = rows_.find<Reply>(key);
  if (!found) return fail(found.error());
  if (*found && (*found)->created + kReplyKeptNs > now_) {
    return fail(INTRAY_E_CONFLICT, "this Idempotency-Key was answered already");
  }
  auto reply = operation.reply;
  reply.created = now_;
  return rows_.put(key, reply);
}

Result<void> Application::apply(const EraseOutbox& operation) {
  const auto erased = rows_.erase(keys::key(Table::kOutbox, keys::big_endian(operation.sequence)));
  return erased ? Result<void>() : fail(erased.error());
}

}  // namespace intray::store
