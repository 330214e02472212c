// What the store needs now and then: the last polls of devices flushed, old rows purged.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "host/store/presence.hpp"
#include "host/store/store.hpp"

namespace intray::store {

struct HousekeepingOptions {
  std::chrono::milliseconds flush_every{5'000};
  std::chrono::milliseconds purge_every{600'000};
  std::function<void(const std::string&)> complain;  // what failed; tried again next time
};

/// Runs on a thread of its own; store and marks must outlive it.
class Housekeeping {
 public:
  Housekeeping(Store& store, PresenceMarks& marks, HousekeepingOptions options);
  ~Housekeeping();  // flushes once more
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void loop();
  void flush();
  void purge();
  void purge_customer(const std::string& customer);

  Store& store_;
  PresenceMarks& marks_;
  HousekeepingOptions options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace intray::store
