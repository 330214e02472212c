// Sealed rows in one LMDB transaction: get, put, erase, walk. Everything above speaks of records
// only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/store/codec.hpp"
#include "host/store/lmdb.hpp"

namespace intray::store {

/// A row's payload in LMDB's memory: gone with the transaction, or with its next write.
struct Row {
  std::uint64_t revision = 0;
  std::string_view payload;
};

class Rows {
 public:
  /// `spare` keeps a cursor between walks, which saves opening one for each.
  Rows(MDB_txn* txn, MDB_dbi table, CursorHandle* spare = nullptr)
      : txn_(txn), table_(table), spare_(spare) {}

  /// INTRAY_E_INTERNAL when the row is there and corrupt, or LMDB fails.
  Result<std::optional<Row>> get(std::string_view key) const;

  template <class Record>
  Result<std::optional<Record>> find(std::string_view key) const {
    const auto row = get(key);
    if (!row) return fail(row.error());
    if (!*row) return std::optional<Record>();
    auto record = decode<Record>((*row)->payload);
    if (!record) return fail(record.error());
    return std::optional<Record>(std::move(*record));
  }

  MDB_txn* txn() const { return txn_; }
  MDB_dbi table() const { return table_; }
  CursorHandle* spare() const { return spare_; }

 protected:
  MDB_txn* txn_;
  MDB_dbi table_;
  CursorHandle* spare_;
};

/// Rows of a write transaction; each row written gets the transaction's revision.
class WriteRows : public Rows {
 public:
  WriteRows(MDB_txn* txn, MDB_dbi table) : Rows(txn, table), revision_(mdb_txn_id(txn)) {}

  std::uint64_t revision() const { return revision_; }
  /// Whether a write was begun, be it in vain.
  bool has_written() const { return has_written_; }

  /// INTRAY_E_INVALID when the key is longer than LMDB takes; INTRAY_E_FULL when the map is.
  Result<void> put_bytes(std::string_view key, std::string_view payload);
  template <class Record>
  Result<void> put(std::string_view key, const Record& record) {
    return put_bytes(key, encode(record));
  }
  /// Whether it was there.
  Result<bool> erase(std::string_view key);

 private:
  std::uint64_t revision_;
  bool has_written_ = false;
};

/// Steps through all rows whose key starts with a prefix, in key order.
class Walk {
 public:
  /// Starts strictly after `after` when that is not empty (a whole key).
  Walk(const Rows& rows, std::string prefix, std::string after = {});
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  /// False at the end. After a corrupt row the walk may go on: key() says where it is. After any
  /// other error key() is empty, and the walk is over.
  Result<bool> next();
  std::string_view key() const { return key_; }
  /// The key without the prefix.
  std::string_view suffix() const { return key_.substr(prefix_.size()); }
  const Row& row() const { return row_; }

 private:
  CursorHandle* spare_;
  CursorHandle cursor_;
  std::string prefix_;
  std::string after_;
  std::string_view key_;
  Row row_;
  bool started_ = false;
};

}  // namespace intray::store
