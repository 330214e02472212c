// LMDB behind RAII: an environment with one table, its pooled read transactions, a write
// transaction.
//
// Traps of 0.9.24 that this file holds shut: MDB_NOTLS so that a read transaction belongs to its
// object and not to a thread; no flag that weakens durability; one environment a process (the
// Store's host.lock).
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "intray/result.hpp"

namespace intray::store {

inline constexpr std::size_t kLmdbKeyBytesMax = 511;

/// OK, or what LMDB says about `doing`: MAP_FULL is FULL, READERS_FULL is BUSY, the rest INTERNAL.
Result<void> check_lmdb(int code, std::string_view doing);

inline MDB_val to_lmdb(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}
inline std::string_view to_view(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

struct AbortTxn {
  void operator()(MDB_txn* txn) const { mdb_txn_abort(txn); }
};
using TxnHandle = std::unique_ptr<MDB_txn, AbortTxn>;

struct CloseCursor {
  void operator()(MDB_cursor* cursor) const { mdb_cursor_close(cursor); }
};
using CursorHandle = std::unique_ptr<MDB_cursor, CloseCursor>;

/// An open environment and its unnamed table. Outlives every transaction begun in it.
class Env {
 public:
  static Result<std::shared_ptr<Env>> open(const std::filesystem::path& directory,
                                           std::uint64_t map_bytes, bool read_only);
  ~Env();
  Env(const Env&) = delete;
  Env& operator=(const Env&) = delete;

  MDB_env* raw() const { return env_; }
  MDB_dbi table() const { return table_; }

  /// A read transaction from the pool; give it back. INTRAY_E_BUSY when all reader slots are taken.
  Result<MDB_txn*> take_reader();
  void give_back(MDB_txn* reader);

  Result<TxnHandle> begin_write() const;
  /// A child of `parent`: what it writes is kept by commit_txn() and undone by abort.
  Result<TxnHandle> begin_child(MDB_txn* parent) const;

 private:
  Env() = default;
  MDB_env* env_ = nullptr;
  MDB_dbi table_ = 0;
  std::mutex mutex_;
  std::vector<MDB_txn*> idle_readers_;  // reset; renewed when taken
};

/// Commits and consumes. When it fails the outcome on disk is unknown.
Result<void> commit_txn(TxnHandle txn);

}  // namespace intray::store
