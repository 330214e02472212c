#include "host/store/rows.hpp"

namespace intray::store {
namespace {

Failure corrupt(std::string_view key) {
  return fail(INTRAY_E_INTERNAL, "a stored row of table '" + std::string(key.substr(0, 1)) +
                                     "' is corrupt: its checksum or version is wrong");
}

}  // namespace

Result<std::optional<Row>> Rows::get(std::string_view key) const {
  auto lmdb_key = to_lmdb(key);
  MDB_val value{};
  const int code =
      key.size() > kLmdbKeyBytesMax ? MDB_NOTFOUND : mdb_get(txn_, table_, &lmdb_key, &value);
  if (code == MDB_NOTFOUND) return std::optional<Row>();
  if (const auto read = check_lmdb(code, "get"); !read) return fail(read.error());
  const auto opened = open_sealed(key, to_view(value));
  if (!opened) return corrupt(key);
  return std::optional<Row>(Row{opened->revision, opened->payload});
}

Result<void> WriteRows::put_bytes(std::string_view key, std::string_view payload) {
  if (key.empty() || key.size() > kLmdbKeyBytesMax) {
    return fail(INTRAY_E_INVALID, "a name is too long: its key has " + std::to_string(key.size()) +
                                      " bytes, at most " + std::to_string(kLmdbKeyBytesMax));
  }
  const auto value = seal(key, revision_, payload);
  auto lmdb_key = to_lmdb(key);
  auto lmdb_value = to_lmdb(value);
  has_written_ = true;
  return check_lmdb(mdb_put(txn_, table_, &lmdb_key, &lmdb_value, 0), "put");
}

Result<bool> WriteRows::erase(std::string_view key) {
  auto lmdb_key = to_lmdb(key);
  has_written_ = true;
  const int code = mdb_del(txn_, table_, &lmdb_key, nullptr);
  if (code == MDB_NOTFOUND) return false;
  if (const auto erased = check_lmdb(code, "erase"); !erased) return fail(erased.error());
  return true;
}

Walk::Walk(const Rows& rows, std::string prefix, std::string after)
    : spare_(rows.spare()), prefix_(std::move(prefix)), after_(std::move(after)) {
  if (spare_ != nullptr && *spare_) {
    cursor_ = std::move(*spare_);
    return;
  }
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(rows.txn(), rows.table(), &cursor) == MDB_SUCCESS) cursor_.reset(cursor);
}

Walk::~Walk() {
  if (spare_ != nullptr && !*spare_) *spare_ = std::move(cursor_);
}

Result<bool> Walk::next() {
  if (!cursor_) return fail(INTRAY_E_INTERNAL, "LMDB cursor open failed");
  const std::string_view start =
      after_.empty() ? std::string_view(prefix_) : std::string_view(after_);
  auto key = to_lmdb(start);
  MDB_val value{};
  int code = mdb_cursor_get(cursor_.get(), &key, &value, started_ ? MDB_NEXT : MDB_SET_RANGE);
  const bool at_after =
      !started_ && code == MDB_SUCCESS && !after_.empty() && to_view(key) == after_;
  started_ = true;
  if (at_after) code = mdb_cursor_get(cursor_.get(), &key, &value, MDB_NEXT);
  if (code == MDB_NOTFOUND) return false;
  if (const auto read = check_lmdb(code, "walk"); !read) {
    key_ = {};
    return fail(read.error());
  }
  key_ = to_view(key);
  if (key_.substr(0, prefix_.size()) != prefix_) return false;
  const auto opened = open_sealed(key_, to_view(value));
  if (!opened) return corrupt(key_);
  row_ = {opened->revision, opened->payload};
  return true;
}

}  // namespace intray::store
