#include "host/store/lmdb.hpp"

namespace intray::store {
namespace {

constexpr unsigned kReadersMax = 512;
constexpr std::size_t kIdleReadersMax = 64;

intray_status status_of(int code) {
  switch (code) {
    case MDB_MAP_FULL:
      return INTRAY_E_FULL;
    case MDB_READERS_FULL:
      return INTRAY_E_BUSY;
    case MDB_NOTFOUND:
      return INTRAY_E_NOT_FOUND;
    case MDB_BAD_VALSIZE:
      return INTRAY_E_INVALID;
    default:
      return INTRAY_E_INTERNAL;
  }
}

}  // namespace

Result<void> check_lmdb(int code, std::string_view doing) {
  if (code == MDB_SUCCESS) return {};
  return fail(status_of(code), "LMDB " + std::string(doing) + ": " + mdb_strerror(code));
}

Result<std::shared_ptr<Env>> Env::open(const std::filesystem::path& directory,
                                       std::uint64_t map_bytes, bool read_only) {
  const std::shared_ptr<Env> env(new Env());
  if (auto made = check_lmdb(mdb_env_create(&env->env_), "env create"); !made) {
    return fail(made.error());
  }
  mdb_env_set_mapsize(env->env_, map_bytes);
  mdb_env_set_maxreaders(env->env_, kReadersMax);
  const unsigned flags = MDB_NOTLS | (read_only ? MDB_RDONLY : 0U);
  const auto opened = check_lmdb(mdb_env_open(env->env_, directory.c_str(), flags, 0600),
                                 "env open in " + directory.string());
  if (!opened) return fail(opened.error());
  int dead = 0;
  mdb_reader_check(env->env_, &dead);

  // Opened once, in a transaction that commits: an aborted one would close the table again.
  MDB_txn* txn = nullptr;
  const unsigned begin_flags = read_only ? MDB_RDONLY : 0U;
  const auto begun = check_lmdb(mdb_txn_begin(env->env_, nullptr, begin_flags, &txn), "begin");
  if (!begun) return fail(begun.error());
  TxnHandle handle(txn);
  const auto table = check_lmdb(mdb_dbi_open(txn, nullptr, 0, &env->table_), "table open");
  if (!table) return fail(table.error());
  const auto committed = commit_txn(std::move(handle));
  if (!committed) return fail(committed.error());
  return env;
}

Env::~Env() {
  for (auto* reader : idle_readers_) mdb_txn_abort(reader);
  if (env_ != nullptr) mdb_env_close(env_);
}

Result<MDB_txn*> Env::take_reader() {
  MDB_txn* reader = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_readers_.empty()) {
      reader = idle_readers_.back();
      idle_readers_.pop_back();
    }
  }
  if (reader != nullptr) {
    const auto renewed = check_lmdb(mdb_txn_renew(reader), "reader renew");
    if (renewed) return reader;
    mdb_txn_abort(reader);
    return fail(renewed.error());
  }
  const auto begun = check_lmdb(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader), "reader begin");
  if (!begun) return fail(begun.error());
  return reader;
}

void Env::give_back(MDB_txn* reader) {
  mdb_txn_reset(reader);
  {
    const std::lock_guard lock(mutex_);
    if (idle_readers_.size() < kIdleReadersMax) {
      idle_readers_.push_back(reader);
      return;
    }
  }
  mdb_txn_abort(reader);
}

Result<TxnHandle> Env::begin_write() const {
  MDB_txn* txn = nullptr;
  const auto begun = check_lmdb(mdb_txn_begin(env_, nullptr, 0, &txn), "write begin");
  if (!begun) return fail(begun.error());
  return TxnHandle(txn);
}

Result<TxnHandle> Env::begin_child(MDB_txn* parent) const {
  MDB_txn* txn = nullptr;
  const auto begun = check_lmdb(mdb_txn_begin(env_, parent, 0, &txn), "child begin");
  if (!begun) return fail(begun.error());
  return TxnHandle(txn);
}

Result<void> commit_txn(TxnHandle txn) {
  // mdb_txn_commit frees the handle whether or not it succeeds, so let go of it first.
  return check_lmdb(mdb_txn_commit(txn.release()), "commit");
}

}  // namespace intray::store
