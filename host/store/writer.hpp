// Group commit: batches that wait share one LMDB transaction and one fsync.
//
// A batch that fails leaves no trace and harms no other. Nearly none does, so all run in the one
// transaction; when one failed after it had written, that is given up, and each runs again in a
// child transaction of its own. Nobody is answered before the outer commit returned. When that
// fails, all of the group hear UNAVAILABLE (the outcome is unknown), and the environment is opened
// anew, once all readers let go of the old one.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "host/store/batch.hpp"
#include "host/store/environment.hpp"
#include "host/store/store.hpp"

namespace intray::store {

class Writer {
 public:
  Writer(Environment& environment, const StoreOptions& options, Clock clock);
  ~Writer();  // commits what waits, then joins
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void commit_then(Batch batch, Store::Done done);
  void commit_or_queue(Batch batch, Store::Done done);
  StoreStats stats() const;

 private:
  struct Waiting {
    Batch batch;
    Store::Done done;
    std::optional<Outcome> outcome;
  };
  using Group = std::vector<Waiting>;

  void loop();
  Group take_group();
  void run(Group& group);
  static void tell(Group& group);
  bool commit_group(Group& group);
  Result<TxnHandle> apply_all(Group& group);
  bool apply_together(MDB_txn* txn, Group& group);
  void apply_apart(MDB_txn* outer, Group& group);
  Outcome apply(MDB_txn* txn, const Batch& batch, bool* has_written);
  Outcome apply_in_child(MDB_txn* outer, const Batch& batch);
  bool grows_too_far(const Batch& batch);

  Environment& environment_;
  const StoreOptions& options_;
  Clock clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> queue_;
  bool busy_ = false;  // a group is being committed, by the thread or inline
  bool stopping_ = false;
  StoreStats stats_;  // under mutex_
  std::uint64_t groups_since_measured_ = 0;
  bool full_ = false;  // as last measured: growth is refused
  std::thread thread_;
};

}  // namespace intray::store
