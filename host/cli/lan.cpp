#include "host/cli/lan.hpp"

#include <curl/curl.h>

#include <deque>
#include <memory>

namespace intray::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kAtOnceMax = 32;
constexpr int kTriesMax = 2;
constexpr long kTimeoutMs = 3000;

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

std::size_t refuse_body(char*, std::size_t, std::size_t, void*) { return 0; }

struct Waiting {
  std::size_t call = 0;
  int tries = 0;
};

// One device being called.
struct Running {
  std::unique_ptr<CURL, FreeEasy> handle;
  Waiting what;
};

class Waking {
 public:
  Waking(const std::vector<WakeCall>& calls,
         const std::function<void(const WakeCall&, Reached)>& told)
      : calls_(calls), told_(told), multi_(curl_multi_init()) {
    for (std::size_t i = 0; i < calls.size(); ++i) waiting_.push_back({i, 0});
  }

  Result<void> run() {
    if (!multi_) return fail(INTRAY_E_INTERNAL, "libcurl could not be started");
    while (!waiting_.empty() || !running_.empty()) {
      start_due();
      int active = 0;
      curl_multi_perform(multi_.get(), &active);
      take_ended();
      constexpr int kPollMs = 20;
      curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
    }
    return {};
  }

 private:
  void start_due() {
    const auto since = steady_clock::now() - started_;
    while (!waiting_.empty() && running_.size() < kAtOnceMax &&
           since >= calls_[waiting_.front().call].wait) {
      auto what = waiting_.front();
      waiting_.pop_front();
      ++what.tries;
      start(what);
    }
  }

  void start(Waiting what) {
    Running running{std::unique_ptr<CURL, FreeEasy>(curl_easy_init()), what};
    auto* handle = running.handle.get();
    if (handle == nullptr) return told_(calls_[what.call], Reached::kUnreachable);
    curl_easy_setopt(handle, CURLOPT_URL, calls_[what.call].url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, kTimeoutMs);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &refuse_body);
    curl_multi_add_handle(multi_.get(), handle);
    running_.push_back(std::move(running));
  }

  void take_ended() {
    int left = 0;
    while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      long status = 0;
      curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
      for (auto running = running_.begin(); running != running_.end(); ++running) {
        if (running->handle.get() != message->easy_handle) continue;
        curl_multi_remove_handle(multi_.get(), message->easy_handle);
        const auto what = running->what;
        running_.erase(running);
        ended(what, static_cast<int>(status));
        break;
      }
    }
  }

  void ended(const Waiting& what, int status) {
    if (status == 0 && what.tries < kTriesMax) {
      waiting_.push_front(what);
      return;
    }
    told_(calls_[what.call], reached_by(status));
  }

  const std::vector<WakeCall>& calls_;
  const std::function<void(const WakeCall&, Reached)>& told_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  steady_clock::time_point started_ = steady_clock::now();
  std::deque<Waiting> waiting_;  // in the order of their times
  std::deque<Running> running_;  // dies before multi_
};

}  // namespace

std::string_view word_of(Reached reached) {
  switch (reached) {
    case Reached::kPolled:
      return "polled";
    case Reached::kWill:
      return "will poll";
    case Reached::kRefused:
      return "refused";
    case Reached::kBusy:
      return "busy";
    case Reached::kStrange:
      return "is no device of yours";
    case Reached::kUnreachable:
      break;
  }
  return "unreachable from here";
}

Reached reached_by(int status) {
  switch (status) {
    case 0:
      return Reached::kUnreachable;
    case 200:
      return Reached::kPolled;
    case 202:
      return Reached::kWill;
    case 403:
      return Reached::kRefused;
    case 429:
      return Reached::kBusy;
    default:
      return Reached::kStrange;
  }
}

Result<void> wake_all(const std::vector<WakeCall>& calls,
                      const std::function<void(const WakeCall&, Reached)>& told) {
  return Waking(calls, told).run();
}

}  // namespace intray::cli
