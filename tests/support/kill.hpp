// A child that makes numbered things durable until kill -9 ends it, and says of each that it is.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <functional>

namespace intray::testing_support {

/// Forks. `child` never returns: it writes each number, in order and as a uint64_t, into the pipe
/// once that is durable. It is killed when it told `numbers` of them. One more than the last number
/// it told; 0 = none.
inline std::uint64_t told_before_kill(int numbers, const std::function<void(int pipe)>& child) {
  int ends[2] = {-1, -1};
  EXPECT_EQ(pipe(ends), 0);
  const pid_t pid = fork();
  EXPECT_GE(pid, 0);
  if (pid == 0) {
    child(ends[1]);
    _exit(99);
  }
  close(ends[1]);
  std::uint64_t next = 0;
  std::uint64_t number = 0;
  for (int i = 0; i < numbers && read(ends[0], &number, sizeof number) == sizeof number; ++i) {
    next = number + 1;
  }
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  while (read(ends[0], &number, sizeof number) == sizeof number) next = number + 1;
  close(ends[0]);
  return next;
}

}  // namespace intray::testing_support
