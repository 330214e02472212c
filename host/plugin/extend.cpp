#include "host/plugin/extend.hpp"

#include <algorithm>
#include <iterator>

#include "host/plugin/hooks.hpp"
#include "host/plugin/tables.hpp"

namespace intray::plugin {
namespace {

HookDevice seen(const Services& services, const store::Device& device) {
  const auto snapshot = services.store.snapshot();
  const auto stored =
      snapshot ? snapshot->customer(device.customer).presence(device.device_id) : store::Presence();
  return {device, services.presence.read(device.device_id, stored)};
}

// A snapshot that a plugin may name for as long as this lives.
class NamedSnapshot {
 public:
  NamedSnapshot(Services& services, const store::Snapshot& snapshot) : services_(services) {
    const std::lock_guard lock(services_.snapshots_mutex);
    number_ = ++services_.last_snapshot;
    services_.snapshots.emplace(number_, &snapshot);
  }
  ~NamedSnapshot() {
    const std::lock_guard lock(services_.snapshots_mutex);
    services_.snapshots.erase(number_);
  }
  NamedSnapshot(const NamedSnapshot&) = delete;
  NamedSnapshot& operator=(const NamedSnapshot&) = delete;
  std::uint64_t number() const { return number_; }

 private:
  Services& services_;
  std::uint64_t number_ = 0;
};

// What one plugin finds broken in one customer's rows; "" = the rows of no customer.
Result<Pairs> check_one(Services& services, Instance& instance, const std::string& customer,
                        std::uint64_t snapshot) {
  KvSink broken([](const std::string&, const std::string&) { return Result<void>(); });
  CallContext context;
  context.customer = customer;
  const Call call(services.calls, context);
  const auto done = instance.call([&](intray_error* error) {
    return instance.check_table()->check(instance.raw(), call.raw(), str(customer), snapshot,
                                         broken.raw(), error);
  });
  if (!done) {
    return fail(done.error().status, "plugin " + instance.info().id +
                                         " could not check the rows of customer '" + customer +
                                         "': " + done.error().message);
  }
  return broken.pairs();
}

}  // namespace

Sender sender_of(const Instance& instance) {
  return {instance.info().id, instance.instruction_types()};
}

std::shared_ptr<Instance> owner_of(const Services& services, std::string_view instruction_type) {
  for (const auto& [id, instance] : services.instances) {
    if (instance->state() == State::kRefused) continue;
    const auto& types = instance->instruction_types();
    if (std::find(types.begin(), types.end(), instruction_type) != types.end()) return instance;
  }
  return nullptr;
}

Result<Operations> acknowledge(Services& services, const CallContext& context,
                               const store::Device& device, const store::Mail& mail,
                               const Acknowledgement& acknowledgement) {
  const auto owner = owner_of(services, mail.type);
  if (owner == nullptr) {
    return fail(INTRAY_E_NOT_FOUND, "no plugin owns the instruction type " + mail.type);
  }
  const auto sender = sender_of(*owner);
  intray_acknowledgement ack{};
  ack.struct_size = sizeof ack;
  ack.result = acknowledgement.result;
  ack.sequence = mail.sequence;
  ack.type = str(mail.type);
  ack.instruction = bytes(mail.payload);
  ack.reason = str(acknowledgement.reason);
  ack.retry_after_s = acknowledgement.retry_after_s;
  const auto shown = seen(services, device);
  const auto borrowed = borrow(shown.device, shown.presence);
  BatchSink batch(sender, context);
  const Call call(services.calls, context);
  const auto done = owner->call([&](intray_error* error) {
    return owner->instructions_table()->acknowledged(owner->raw(), call.raw(), &borrowed, &ack,
                                                     batch.raw(), error);
  });
  if (!done) return fail(done.error());
  return batch.take();
}

Result<Operations> leaving(Services& services, const CallContext& context,
                           const store::Device& device) {
  const auto shown = seen(services, device);
  const auto borrowed = borrow(shown.device, shown.presence);
  Operations operations;
  for (const auto& [id, instance] : services.instances) {
    if (instance->state() == State::kRefused || instance->inventory_table() == nullptr) continue;
    const auto sender = sender_of(*instance);
    BatchSink batch(sender, context);
    const Call call(services.calls, context);
    const auto done = instance->call([&](intray_error* error) {
      return instance->inventory_table()->device_leaving(instance->raw(), call.raw(), &borrowed,
                                                         batch.raw(), error);
    });
    if (!done) return fail(done.error());
    auto added = batch.take();
    std::move(added.begin(), added.end(), std::back_inserter(operations));
  }
  return operations;
}

Result<std::vector<std::string>> check(Services& services, const store::Snapshot& snapshot,
                                       std::size_t limit) {
  const NamedSnapshot named(services, snapshot);
  std::vector<std::string> sentences;
  std::vector<std::string> customers{""};
  while (!customers.empty()) {
    for (const auto& customer : customers) {
      for (const auto& [id, instance] : services.instances) {
        if (instance->state() == State::kRefused || !instance->check_table()) continue;
        const auto broken = check_one(services, *instance, customer, named.number());
        if (!broken) return fail(broken.error());
        for (const auto& [where, what] : *broken) {
          if (sentences.size() == limit) return sentences;
          sentences.push_back(id + ", customer '" + customer + "', " + where + ": " + what);
        }
      }
    }
    const std::lock_guard lock(services.snapshots_mutex);  // a snapshot serves one at a time
    customers = snapshot.customers(customers.back(), store::kPageRowsMax);
  }
  return sentences;
}

}  // namespace intray::plugin
