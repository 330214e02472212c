// The pooled read transaction behind a Snapshot.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "host/store/rows.hpp"

namespace intray::store {

class Reader {
 public:
  Reader(std::shared_ptr<Env> env, MDB_txn* txn) : env_(std::move(env)), txn_(txn) {}
  ~Reader() {
    spare_cursor_.reset();
    env_->give_back(txn_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Rows rows() const { return {txn_, env_->table(), &spare_cursor_}; }

  /// Views skip a row that does not verify and note the first one here.
  void note_corruption(const std::string& what) const {
    if (corruption_.empty()) corruption_ = what;
  }
  const std::string& corruption() const { return corruption_; }

 private:
  std::shared_ptr<Env> env_;
  MDB_txn* txn_;
  mutable CursorHandle spare_cursor_;
  mutable std::string corruption_;
};

/// The record under the key; absent when missing or corrupt (then noted).
template <class Record>
std::optional<Record> read(const Reader& reader, std::string_view key) {
  auto found = reader.rows().find<Record>(key);
  if (found) return std::move(*found);
  reader.note_corruption(found.error().message);
  return std::nullopt;
}

/// Visits the records under a prefix in key order until `visit` returns false.
template <class Record, class Visit>
void each(const Reader& reader, std::string prefix, std::string after, Visit visit) {
  Walk walk(reader.rows(), std::move(prefix), std::move(after));
  for (;;) {
    const auto more = walk.next();
    if (more && !*more) return;
    if (!more) {
      reader.note_corruption(more.error().message);
      if (walk.key().empty()) return;
      continue;
    }
    auto record = decode<Record>(walk.row().payload);
    if (!record) {
      reader.note_corruption(record.error().message);
      continue;
    }
    if (!visit(std::move(*record), walk)) return;
  }
}

/// At most `limit` of them.
template <class Record>
std::vector<Record> page(const Reader& reader, std::string prefix, std::string after,
                         std::size_t limit) {
  std::vector<Record> records;
  if (limit == 0) return records;
  each<Record>(reader, std::move(prefix), std::move(after), [&](Record record, const Walk&) {
    records.push_back(std::move(record));
    return records.size() < limit;
  });
  return records;
}

}  // namespace intray::store
