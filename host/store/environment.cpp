#include "host/store/environment.hpp"

#include <chrono>
#include <cstring>
#include <thread>

namespace intray::store {

Result<void> Environment::open() {
  auto env = Env::open(directory_, map_bytes_, read_only_);
  if (!env) return fail(env.error());
  const std::lock_guard lock(mutex_);
  env_ = std::move(*env);
  return {};
}

Result<std::shared_ptr<Env>> Environment::get() const {
  const std::lock_guard lock(mutex_);
  if (!env_) return fail(INTRAY_E_BUSY, "the store is being opened anew: try again in a moment");
  return env_;
}

Result<void> Environment::reopen() {
  std::shared_ptr<Env> old;
  {
    const std::lock_guard lock(mutex_);
    old = std::move(env_);
    env_.reset();
  }
  while (old && old.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  old.reset();
  return open();
}

Result<MapUse> measure(Env& env) {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env.raw(), &info);
  mdb_env_stat(env.raw(), &stat);
  MapUse use;
  use.map_bytes = info.me_mapsize;
  use.used_bytes = (info.me_last_pgno + 1) * stat.ms_psize;
  // The free list is walked only when it may matter: it costs a read for each commit that freed
  // pages.
  if (use.used_bytes < use.map_bytes / 2) return use;

  constexpr MDB_dbi kFreeList = 0;
  const auto reader = env.take_reader();
  if (!reader) return fail(reader.error());
  MDB_cursor* cursor = nullptr;
  std::uint64_t free_pages = 0;
  if (mdb_cursor_open(*reader, kFreeList, &cursor) == MDB_SUCCESS) {
    const CursorHandle handle(cursor);
    MDB_val key{};
    MDB_val pages{};
    while (mdb_cursor_get(cursor, &key, &pages, MDB_NEXT) == MDB_SUCCESS) {
      std::size_t count = 0;
      std::memcpy(&count, pages.mv_data, sizeof count);
      free_pages += count;
    }
  }
  env.give_back(*reader);
  use.used_bytes -= std::min<std::uint64_t>(use.used_bytes, free_pages * stat.ms_psize);
  return use;
}

}  // namespace intray::store
