// A child process of a test: started with arguments, output kept in a file, killed when it goes out
// of scope.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace intray::testing_support {

class Process {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  Process() = default;
  /// Starts `arguments[0]`; both output streams go to `output`. Aborts the test run when it cannot.
  Process(const std::vector<std::string>& arguments, std::filesystem::path output,
          const Environment& environment = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number) const;
  /// The exit code (128 + signal when killed), or -1 when it still runs at the deadline.
  int wait(std::chrono::milliseconds deadline);
  /// SIGKILL, and gone when it returns.
  void kill9();
  std::string output() const;

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::filesystem::path output_;
};

/// Runs to the end; what it printed and its exit code.
struct Outcome {
  int exit_code = -1;
  std::string output;
};
Outcome run(const std::vector<std::string>& arguments, const Process::Environment& environment = {},
            std::chrono::milliseconds deadline = std::chrono::seconds(60));

/// Calls `holds` every 5 ms until it does, or the deadline is over.
template <class Condition>
bool eventually(Condition holds, std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace intray::testing_support

#include <thread>

template <class Condition>
bool intray::testing_support::eventually(Condition holds, std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    if (holds()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}
