// A fleet: N devices in one process, on one thread, over one libcurl multi handle. Each has a core
// of its own, so the host meets N devices.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "member.hpp"

namespace {

using devices::Member;
using Members = std::vector<std::unique_ptr<Member>>;

constexpr std::uint64_t kSummaryMs = 1000;

struct Flags {
  devices::Connection connection;
  std::string tokens, directory;
  std::uint32_t connections_max = 256;
  std::uint16_t lan_port = 8000;
  bool until_registered = false, json = false;
};

void add_flags(CLI::App& app, Flags& flags) {
  flags.connection.add_flags(app);
  app.add_option("--tokens", flags.tokens,
                 "File with a line \"DEVICE TOKEN\" or \"DEVICE code:CODE\" for each device, and "
                 "behind it the ADDRESS where it hears /doPolling, if it can be woken")
      ->required();
  app.add_option("--lan-port", flags.lan_port, "The port there")->capture_default_str();
  app.add_option("--directory", flags.directory,
                 "Keep each device's state in DIRECTORY/DEVICE; without it, in memory")
      ->check(CLI::ExistingDirectory);
  app.add_option("--connections", flags.connections_max, "Open at once; more requests wait")
      ->capture_default_str();
  app.add_flag("--until-registered", flags.until_registered,
               "End with 0 once every device has registered with a service");
  app.add_flag("--json", flags.json, "Summaries as one JSON object a line");
}

struct Summary {
  std::size_t devices = 0, provisioned = 0, registered = 0, failing = 0;
  std::uint64_t polls = 0, woken = 0, relayed = 0, relayed_most = 0;
  const char* failure = "";
};

Summary summary_of(const Members& members) {
  Summary summary;
  summary.devices = members.size();
  for (const auto& member : members) {
    summary.provisioned += member->provisioned();
    summary.registered += member->registered();
    summary.polls += member->polls();
    summary.woken += member->woken();
    summary.relayed += member->relayed();
    summary.relayed_most = std::max(summary.relayed_most, member->relayed());
    if (*member->last_error() == '\0') continue;
    ++summary.failing;
    summary.failure = member->last_error();
  }
  return summary;
}

void print(const Summary& summary, std::uint64_t seconds, bool json) {
  const auto* format =
      json ? "{\"seconds\":%llu,\"devices\":%zu,\"provisioned\":%zu,\"registered\":%zu,"
             "\"failing\":%zu,\"polls\":%llu,\"woken\":%llu,\"relayed\":%llu,"
             "\"relayed_most\":%llu}\n"
           : "%4llu s  %zu devices, %zu provisioned, %zu registered, %zu failing, %llu polls, "
             "%llu woken, %llu calls to neighbours (%llu at most by one)";
  using Number = unsigned long long;
  std::printf(format, Number{seconds}, summary.devices, summary.provisioned, summary.registered,
              summary.failing, Number{summary.polls}, Number{summary.woken},
              Number{summary.relayed}, Number{summary.relayed_most});
  if (!json) std::printf("%s%s\n", summary.failing == 0 ? "" : "; one: ", summary.failure);
  std::fflush(stdout);
}

/// Steps every device that is due or has a reply; when the next one is due.
std::uint64_t step_all(const Members& members, std::uint64_t now_ms) {
  std::uint64_t next_ms = UINT64_MAX;
  for (const auto& member : members) {
    member->step_if_due(now_ms);
    next_ms = std::min(next_ms, member->next_ms());
  }
  return next_ms;
}

/// The listeners of all members behind one descriptor.
class Lans {
 public:
  explicit Lans(const Members& members) : members_(members), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i]->lan_descriptor() < 0) continue;
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, members[i]->lan_descriptor(), &event);
    }
  }
  ~Lans() { close(epoll_); }
  Lans(const Lans&) = delete;
  Lans& operator=(const Lans&) = delete;

  int descriptor() const { return epoll_; }
  /// Lets every member hear that somebody calls.
  void hear(std::uint64_t now_ms) const {
    epoll_event events[64];
    const int ready = epoll_wait(epoll_, events, 64, 0);
    for (int i = 0; i < ready; ++i) members_[events[i].data.u64]->hear(now_ms);
  }

 private:
  const Members& members_;
  int epoll_;
};

int run(const Members& members, intray_curl* curl, const Flags& flags) {
  const Lans lans(members);
  const auto started_ms = intray_posix_now_ms();
  auto summary_ms = started_ms + kSummaryMs;
  while (!devices::stop_requested()) {
    const auto now_ms = intray_posix_now_ms();
    lans.hear(now_ms);
    const auto next_ms = std::min(step_all(members, now_ms), summary_ms);
    const bool all = flags.until_registered &&
                     std::all_of(members.begin(), members.end(),
                                 [](const auto& member) { return member->registered(); });
    if (all || now_ms >= summary_ms) {
      print(summary_of(members), (now_ms - started_ms) / 1000, flags.json);
      summary_ms = now_ms + kSummaryMs;
    }
    if (all) return 0;
    const auto wait_ms = next_ms > now_ms ? static_cast<std::uint32_t>(next_ms - now_ms) : 0;
    intray_curl_wait_for(curl, wait_ms, lans.descriptor());
  }
  return flags.until_registered ? 1 : 0;
}

/// A large fleet has as many sockets and open directories as devices.
void allow_many_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int start(Flags& flags) {
  const auto list = devices::read_member_list(flags.tokens);
  if (!list.error.empty()) {
    std::fprintf(stderr, "fleet: %s\n", list.error.c_str());
    return 1;
  }
  const auto curl = flags.connection.open(flags.connections_max);
  Members members;
  for (const auto& line : list.lines) {
    members.push_back(std::make_unique<Member>(line, flags.connection, curl.get(), flags.directory,
                                               flags.lan_port));
    if (members.back()->error().empty()) continue;
    std::fprintf(stderr, "fleet: %s\n", members.back()->error().c_str());
    return 1;
  }
  return run(members, curl.get(), flags);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"A fleet of devices in one process", "fleet"};
  Flags flags;
  add_flags(app, flags);
  CLI11_PARSE(app, argc, argv);
  allow_many_files();
  devices::handle_signals();
  return start(flags);
}
