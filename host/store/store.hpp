// The store: one LMDB environment, one owner. Snapshots to read, batches to write.
//
// Readers take a Snapshot (a pooled read transaction), read at most a page, and let go before they
// do anything slow. Writers hand over a Batch; one writer thread commits all that waits with one
// fsync (group commit) and only then answers. Nothing here knows HTTP, plugins or registration
// codes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/store/batch.hpp"
#include "host/store/snapshot.hpp"
#include "intray/result.hpp"

namespace intray::store {

/// The time the store writes into its rows; tests pass their own.
using Clock = std::function<UnixNs()>;

struct StoreOptions {
  std::filesystem::path directory;          // created with mode 0700 when missing
  std::uint64_t map_bytes = 16ULL << 30;    // fixed for the life of the process
  std::uint64_t reserve_bytes = 64U << 20;  // disk space below which growth is refused
  std::uint64_t epoch = 1;    // kept by the daemon outside the store; see architecture, Epoch
  bool read_only = false;     // for the offline check: no writer, takes no lock
  bool raise_epoch = false;   // a restore: a store of an earlier epoch takes this one
  CustomerSettings defaults;  // of customers for whom nobody has set any
  Clock clock;                // empty = the system's

  // ---- for tests: what a disk may do ----
  std::function<std::uint64_t()> free_disk_bytes;  // empty = statvfs of the directory
  std::function<bool()> commit_fails;  // true: the next outer commit fails, outcome unknown
};

/// What /metrics shows of the store.
struct StoreStats {
  std::uint64_t map_bytes = 0;
  std::uint64_t used_bytes = 0;
  std::uint64_t commits = 0;  // outer LMDB commits
  std::uint64_t batches = 0;  // batches committed in them
  std::uint64_t refused_full = 0;
};

class Store {
 public:
  /// INTRAY_E_BAD_STATE  another daemon holds host.lock, or the store is of another epoch or format
  /// INTRAY_E_INVALID    the directory is on a network file system
  /// INTRAY_E_INTERNAL   LMDB or the operating system failed; the message says what on what
  static Result<std::unique_ptr<Store>> open(StoreOptions options);
  ~Store();  // answers what still waits, then closes
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// INTRAY_E_BUSY when all reader slots are taken.
  Result<Snapshot> snapshot() const;

  /// Durable when it returns. Any thread but the one that calls commit_then's done.
  /// INTRAY_E_CONFLICT   a precondition failed; nothing was written. Re-read and try again.
  /// INTRAY_E_NOT_FOUND  an operation needs a row that is not there; nothing was written
  /// INTRAY_E_INVALID    too many operations, or an id or size out of range; nothing was written
  /// INTRAY_E_FULL       the map or disk is near its end and the batch would grow it (HTTP 507)
  /// INTRAY_E_BUSY       even the reserve is used up (HTTP 503)
  /// INTRAY_E_UNAVAILABLE  the outer commit failed: the outcome is unknown, re-read (HTTP 503)
  Outcome commit(Batch batch);

  /// The same without waiting. done is called once, on the writer thread, after the fsync: it must
  /// be quick, must not block and must not commit.
  using Done = std::function<void(Outcome)>;
  void commit_then(Batch batch, Done done);
  /// As commit_then while others commit. While nobody does: commits here and now, which saves the
  /// hand-over to the writer thread, and calls done before it returns.
  void commit_or_queue(Batch batch, Done done);

  std::uint64_t epoch() const;
  StoreStats stats() const;
  UnixNs now() const;

  /// The settings of a customer as last committed, or the defaults; from memory. Any thread.
  CustomerSettings settings(std::string_view customer) const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Walks everything and names each broken invariant of the host's tables in a sentence: values
/// whose checksum or version is wrong, indexes that disagree, counters that differ from a recount,
/// log chains that do not verify. At most `limit` sentences; empty = sound. `ids` of customers: see
/// Snapshot.
Result<std::vector<std::string>> check(const Snapshot& snapshot, std::size_t limit = 100);

}  // namespace intray::store
