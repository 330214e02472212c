#include "host/store/store.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <mutex>

#include "host/store/describe.hpp"
#include "host/store/directory.hpp"
#include "host/store/keys.hpp"
#include "host/store/reader.hpp"
#include "host/store/writer.hpp"

namespace intray::store {

using keys::Table;

namespace {

constexpr std::uint64_t kFormat = 1;

UnixNs system_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

Clock clock_or_system(const Clock& clock) { return clock ? clock : Clock(system_now); }

Result<void> expect_meta(const std::string& what, std::uint64_t stored, std::uint64_t expected) {
  if (stored == expected) return {};
  return fail(INTRAY_E_BAD_STATE, "this store is of " + what + " " + std::to_string(stored) +
                                      ", and " + std::to_string(expected) + " is expected" +
                                      (what == "epoch" ? ": give it the keys.directory it was made "
                                                         "with, or restore a backup"
                                                       : ": it was made by another release"));
}

}  // namespace

class Store::Impl {
 public:
  explicit Impl(StoreOptions given)
      : options(std::move(given)),
        clock(clock_or_system(options.clock)),
        environment(options.directory, options.map_bytes, options.read_only) {}

  Result<void> open();
  Result<void> check_meta();
  Result<void> write_meta(bool raise);
  void refresh_settings(const std::string& customer);
  Done refreshing(const Batch& batch, Done done);

  StoreOptions options;
  Clock clock;
  HostLock lock;
  Environment environment;
  std::optional<Writer> writer;
  mutable std::mutex settings_mutex;
  std::map<std::string, CustomerSettings, std::less<>> settings;
};

Result<void> Store::Impl::open() {
  if (auto prepared = prepare_directory(options.directory); !prepared) return prepared;
  if (!options.read_only) {
    auto taken = HostLock::take(options.directory);
    if (!taken) return fail(taken.error());
    lock = std::move(*taken);
  }
  if (auto opened = environment.open(); !opened) return opened;
  if (auto sound = check_meta(); !sound) return sound;
  const auto env = environment.get();
  if (!env) return fail(env.error());
  const auto reader = (*env)->take_reader();
  if (!reader) return fail(reader.error());
  const Reader all(*env, *reader);
  each<CustomerSettings>(all, keys::prefix(Table::kSettings), {},
                         [this](const CustomerSettings& row, const Walk& walk) {
                           settings.emplace(walk.suffix(), row);
                           return true;
                         });
  writer.emplace(environment, options, clock);
  return {};
}

Result<void> Store::Impl::check_meta() {
  Result<std::optional<Number>> format = std::optional<Number>();
  Result<std::optional<Number>> epoch = std::optional<Number>();
  {
    const auto env = environment.get();
    if (!env) return fail(env.error());
    const auto reader = (*env)->take_reader();
    if (!reader) return fail(reader.error());
    const Reader meta(*env, *reader);
    format = meta.rows().find<Number>(keys::key(Table::kMeta, "format"));
    epoch = meta.rows().find<Number>(keys::key(Table::kMeta, "epoch"));
  }
  if (!format) return fail(format.error());
  if (!epoch) return fail(epoch.error());
  if (!*format || !*epoch) return options.read_only ? Result<void>() : write_meta(false);
  if (auto same = expect_meta("format", (*format)->value, kFormat); !same) return same;
  if (options.raise_epoch && (*epoch)->value < options.epoch) return write_meta(true);
  return expect_meta("epoch", (*epoch)->value, options.epoch);
}

Result<void> Store::Impl::write_meta(bool raise) {
  const auto env = environment.get();
  if (!env) return fail(env.error());
  auto txn = (*env)->begin_write();
  if (!txn) return fail(txn.error());
  WriteRows rows(txn->get(), (*env)->table());
  if (!raise) {
    auto put = rows.put(keys::key(Table::kMeta, "format"), Number{kFormat});
    if (!put) return put;
  }
  auto put = rows.put(keys::key(Table::kMeta, "epoch"), Number{options.epoch});
  if (!put) return put;
  return commit_txn(std::move(*txn));
}

// Read again rather than copied from the batch: of two batches side by side the later one wins, in
// whichever order their senders come here.
void Store::Impl::refresh_settings(const std::string& customer) {
  const std::lock_guard guard(settings_mutex);
  const auto env = environment.get();
  if (!env) return;
  const auto txn = (*env)->take_reader();
  if (!txn) return;
  const Reader reader(*env, *txn);
  const auto row = read<CustomerSettings>(reader, keys::key(Table::kSettings, customer));
  if (row) settings[customer] = *row;
}

// A batch that sets settings has them read again before its sender hears of it.
Store::Done Store::Impl::refreshing(const Batch& batch, Done done) {
  const bool sets = std::any_of(
      batch.operations.begin(), batch.operations.end(),
      [](const Operation& operation) { return std::holds_alternative<PutSettings>(operation); });
  if (!sets) return done;
  return [this, customer = batch.customer, done = std::move(done)](Outcome outcome) {
    if (outcome) refresh_settings(customer);
    done(std::move(outcome));
  };
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto opened = impl->open(); !opened) return fail(opened.error());
  return std::unique_ptr<Store>(new Store(std::move(impl)));
}

Result<Snapshot> Store::snapshot() const {
  const auto env = impl_->environment.get();
  if (!env) return fail(env.error());
  const auto txn = (*env)->take_reader();
  if (!txn) return fail(txn.error());
  return Snapshot(std::make_unique<Reader>(*env, *txn));
}

Outcome Store::commit(Batch batch) {
  std::promise<Outcome> promise;
  auto answered = promise.get_future();
  commit_or_queue(std::move(batch),
                  [&promise](Outcome outcome) { promise.set_value(std::move(outcome)); });
  return answered.get();
}

void Store::commit_then(Batch batch, Done done) {
  done = impl_->refreshing(batch, std::move(done));
  impl_->writer->commit_then(std::move(batch), std::move(done));
}

void Store::commit_or_queue(Batch batch, Done done) {
  done = impl_->refreshing(batch, std::move(done));
  impl_->writer->commit_or_queue(std::move(batch), std::move(done));
}

std::uint64_t Store::epoch() const { return impl_->options.epoch; }
StoreStats Store::stats() const { return impl_->writer->stats(); }
UnixNs Store::now() const { return impl_->clock(); }

CustomerSettings Store::settings(std::string_view customer) const {
  const std::lock_guard guard(impl_->settings_mutex);
  const auto found = impl_->settings.find(customer);
  return found == impl_->settings.end() ? impl_->options.defaults : found->second;
}

}  // namespace intray::store
