// Simulates wakes of fleets of 10 to 100,000 devices by the plans of plugins/registration, in
// virtual time, and prints a markdown table:   wake_sim [--devices-max N]
//
// The model. A wake message is answered after 20 to 200 ms. A poll, registration and
// acknowledgement take 50 to 500 ms at the host, then the device relays: 8 at a time, each child at
// its turn. A dead device costs its waker two tries of 3 s; then its children are woken in its
// place, and those that the relay was not told of after one more poll. Roots live: an administrator
// sees at once when one does not answer. Random numbers have a fixed seed.
//
// Exit status 1: a living device was not woken, or twice, or a bound of the plan was broken: the
// host's limit of polls within a second, too.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "plugins/registration/wake_plan.hpp"

namespace {

using namespace intray::registration;
using Ms = std::uint64_t;

constexpr std::size_t kAtATime = 8;
constexpr Ms kDeadMs = 6000;

struct Run {
  std::size_t woken = 0, twice = 0, messages = 0, widest = 0, polls_peak = 0;
  std::vector<Ms> polls;  // when each came in
  Ms last_ms = 0;

  // The most that came in any window as long as a slot.
  std::size_t busiest_slot() {
    std::sort(polls.begin(), polls.end());
    std::ptrdiff_t most = 0;
    auto end = polls.begin();
    for (auto begin = polls.begin(); begin != polls.end(); ++begin) {
      while (end != polls.end() && *end < *begin + kWakeSlotMs) ++end;
      most = std::max(most, end - begin);
    }
    return static_cast<std::size_t>(most);
  }
};

// One relay's work on one command: places of the plan, each with its turn.
struct Work {
  std::size_t relay = 0;
  Ms since = 0;
  std::uint32_t base_step = 0;
  std::vector<std::size_t> waiting;  // sorted: the next one last
  std::size_t under_way = 0;
  RelayWake mail;                 // empty when the URL carried all
  std::vector<std::size_t> dead;  // places in the command
};

class Simulation {
 public:
  Simulation(const WakePlan& plan, double dead_share)
      : plan_(plan), dead_(plan.nodes.size()), woken_(plan.nodes.size()), mail_(plan.nodes.size()) {
    for (std::size_t i = plan.roots; i < dead_.size(); ++i) {
      dead_[i] = std::bernoulli_distribution(dead_share)(random_);
    }
    for (auto& wake : relay_wakes(plan, "service-x")) {
      mail_[plan.places.at(wake.device_id)] = std::move(wake);
    }
  }

  std::size_t living() const {
    return static_cast<std::size_t>(std::count(dead_.begin(), dead_.end(), false));
  }

  Run run() {
    for (std::size_t root = 0; root < plan_.roots; ++root) wake(root);
    while (!events_.empty()) {
      auto event = events_.top();
      events_.pop();
      now_ = event.at;
      event.happens();
    }
    return run_;
  }

 private:
  struct Event {
    Ms at;
    std::uint64_t number;  // earlier ones first, so that a run can be repeated
    std::function<void()> happens;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : number > other.number;
    }
  };
  void after(Ms ms, std::function<void()> happens) {
    events_.push({now_ + ms, ++events_so_far_, std::move(happens)});
  }
  Ms between(Ms least, Ms most) { return std::uniform_int_distribution<Ms>(least, most)(random_); }

  void poll(std::function<void()> then) {
    run_.polls_peak = std::max(run_.polls_peak, ++polls_);
    run_.polls.push_back(now_);
    after(between(50, 500), [this, then = std::move(then)] {
      --polls_;
      then();
    });
  }

  void wake(std::size_t place) {
    if (woken_[place]) ++run_.twice;
    woken_[place] = true;
    const auto came = now_;
    poll([this, place, came] {
      ++run_.woken;
      run_.last_ms = now_;
      const auto& node = plan_.nodes[place];
      if (node.children == 0) return;
      auto work = std::make_shared<Work>();
      work->relay = place;
      work->since = came;
      work->base_step = node.step;
      work->mail = mail_[place];
      for (auto nth = node.children; nth > 0; --nth)
        work->waiting.push_back(node.first_child + nth - 1);
      run_.widest = std::max(run_.widest, node.children);
      go_on(work);
    });
  }

  Ms turn_of(const Work& work, std::size_t place) const {
    return work.since + Ms{plan_.nodes[place].step - work.base_step} * plan_.step_ms;
  }

  void go_on(const std::shared_ptr<Work>& work) {
    while (work->under_way < kAtATime && !work->waiting.empty()) {
      const auto place = work->waiting.back();
      work->waiting.pop_back();
      ++work->under_way;
      const auto turn = turn_of(*work, place);
      after(turn > now_ ? turn - now_ : 0, [this, work, place] { send(work, place); });
    }
    if (work->under_way == 0 && !work->dead.empty()) report(*work);
  }

  void send(const std::shared_ptr<Work>& work, std::size_t place) {
    ++run_.messages;
    if (!dead_[place]) after(between(10, 100), [this, place] { wake(place); });
    const auto answer = dead_[place] ? kDeadMs : between(20, 200);
    after(answer, [this, work, place] {
      if (dead_[place]) take_over(*work, place);
      --work->under_way;
      go_on(work);
    });
  }

  // The children of a dead one that the relay was told of.
  void take_over(Work& work, std::size_t place) {
    const auto& targets = work.mail.targets;
    const auto& node = plan_.nodes[place];
    for (auto child = node.first_child; child < node.first_child + node.children; ++child) {
      const bool told = targets.empty() || std::find(targets.begin(), targets.end(),
                                                     plan_.nodes[child].device_id) != targets.end();
      if (told) work.waiting.insert(work.waiting.begin(), child);
    }
    const auto at = std::find(targets.begin(), targets.end(), node.device_id);
    if (at != targets.end()) {
      work.dead.push_back(static_cast<std::size_t>(at - targets.begin()) + 1);
    }
  }

  void report(const Work& done) {
    auto next = relay_wakes_after(plan_, "service-x", done.mail, done.dead);
    if (next.empty()) return;
    poll([this, relay = done.relay, next = std::move(next)] {
      for (const auto& mail : next) {
        auto work = std::make_shared<Work>();
        work->relay = relay;
        work->since = now_;
        work->mail = mail;
        const auto& first = plan_.nodes[plan_.places.at(mail.targets.front())];
        work->base_step = plan_.nodes[first.parent].step;
        for (std::size_t nth = mail.own; nth > 0; --nth) {
          work->waiting.push_back(plan_.places.at(mail.targets[nth - 1]));
        }
        go_on(work);
      }
    });
  }

  const WakePlan& plan_;
  std::mt19937_64 random_{11'528'381};
  std::vector<bool> dead_, woken_;
  std::vector<RelayWake> mail_;
  std::priority_queue<Event> events_;
  std::uint64_t events_so_far_ = 0;
  Ms now_ = 0;
  std::size_t polls_ = 0;
  Run run_;
};

// Prints one row; false when something that the plan promises did not hold.
bool simulate(std::size_t devices, double dead_share) {
  std::vector<WakeDevice> fleet;
  for (std::size_t i = 0; i < devices; ++i) {
    fleet.push_back({"D" + std::to_string(10'000'000 + i), "10.0.0.1"});
  }
  const auto plan = plan_wake(std::move(fleet), {});
  if (!plan) {
    std::fprintf(stderr, "%s\n", plan.error().message.c_str());
    return false;
  }
  Simulation simulation(*plan, dead_share);
  auto run = simulation.run();
  const auto depth = plan->nodes.back().depth;
  const auto bound = static_cast<std::size_t>(std::ceil(std::log(devices) / std::log(8))) + 1;
  const auto busiest = run.busiest_slot();
  std::printf("| %zu | %.0f %% | %zu ≤ %zu | %zu | %zu | %.1f | %zu | %zu | %zu of %zu |\n",
              devices, dead_share * 100, depth, bound, run.messages, run.widest,
              static_cast<double>(run.last_ms) / 1000, run.polls_peak, busiest, run.woken,
              simulation.living());
  if (busiest > WakeRequest().polls_max) return false;
  return run.woken == simulation.living() && run.twice == 0 && run.messages == devices - 1 &&
         run.widest <= kWakeFanoutMax && depth <= bound;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t most = 100'000;
  if (argc == 3 && std::strcmp(argv[1], "--devices-max") == 0)
    most = std::strtoul(argv[2], nullptr, 10);
  std::printf(
      "| devices | dead | depth | messages | most by one relay | all woken after, s | most polls "
      "at once | most polls in a second | woken |\n"
      "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  bool good = true;
  for (const std::size_t devices : {10U, 64U, 100U, 1'000U, 10'000U, 100'000U}) {
    for (const double dead_share : {0.0, 0.1}) {
      if (devices <= most) good = simulate(devices, dead_share) && good;
    }
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
