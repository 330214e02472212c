// The memory of a process that is its own: not the store's map.
#pragma once

#include <sys/types.h>

#include <fstream>
#include <string>

namespace intray::e2e {

/// RssAnon in KiB; -1 when there is no such process.
inline long rss_anon_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; status >> word;) {
    if (word != "RssAnon:") continue;
    long kib = 0;
    status >> kib;
    return kib;
  }
  return -1;
}

}  // namespace intray::e2e
