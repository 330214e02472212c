// A real store and an importer, with the clock and the host's timer turned by hand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/inventory/importer.hpp"
#include "tests/host/store/fixture.hpp"

namespace intray::inventory {

inline const std::string kHeader = "customer,model,device,address\n";

/// Rows of devices D1000000 + first ... of one model.
inline std::string fleet(const std::string& customer, int first, int last,
                         const std::string& model = "M1") {
  std::string rows;
  for (int i = first; i < last; ++i) {
    const auto number = std::to_string(1'000'000 + i);
    rows += customer + ',' + model + ",D" + number + ",dev" + number + ".example\n";
  }
  return rows;
}

class InventoryTest : public store::StoreTest {
 protected:
  void SetUp() override {
    open();
    restart();
  }

  /// A new importer on the same store, as after a crash.
  void restart() {
    importer_ = std::make_unique<Importer>(*store_, [this](const auto& caller, const auto& device) {
      return leaving(caller, device);
    });
  }

  /// What plugins would add; tests replace its answer.
  Result<std::vector<store::Operation>> leaving(const plugin::CallContext& caller,
                                                const store::Device& device) {
    EXPECT_EQ(caller.customer, device.customer);
    left_.push_back(device.device_id);
    if (leaving_fails_) return fail(INTRAY_E_UNAVAILABLE, "the plugin is down");
    return leaving_answer_;
  }

  Submitted submit(const std::string& csv, bool move = false) {
    auto submitted = importer_->submit(csv, move, caller_);
    EXPECT_TRUE(submitted) << submitted.error().message;
    return submitted ? std::move(*submitted) : Submitted();
  }

  /// Commits what the importer returns for each timer that is due, as the host does; false when
  /// none was.
  bool run_timers() {
    const auto timers = snapshot().timers_due(now_, 10);
    for (const auto& timer : timers) {
      EXPECT_EQ(timer.owner, "host");
      auto operations = importer_->due(timer.customer, timer.name);
      EXPECT_TRUE(operations) << operations.error().message;
      operations->insert(operations->begin(),
                         store::ConsumeTimer{timer.owner, timer.name, timer.due});
      const auto committed = store_->commit({timer.customer, "host", std::move(*operations)});
      EXPECT_TRUE(committed) << committed.error().message;
    }
    return !timers.empty();
  }

  /// Until the job is finished, or waits.
  JobState run(const std::string& job) {
    for (int turn = 0; turn < 1000; ++turn) {
      const auto state = importer_->job(job);
      EXPECT_TRUE(state) << state.error().message;
      if (!state->running() || !run_timers()) return *state;
    }
    ADD_FAILURE() << "the job does not end";
    return {};
  }

  std::vector<std::string> devices_of(const std::string& customer) {
    std::vector<std::string> ids;
    for (std::string after;;) {
      const auto page = snapshot().customer(customer).devices(after, store::kPageRowsMax);
      for (const auto& device : page) ids.push_back(device.device_id);
      if (page.size() < store::kPageRowsMax) return ids;
      after = ids.back();
    }
  }

  std::vector<store::LogRow> log_of(const std::string& customer, const std::string& topic) {
    std::vector<store::LogRow> found;
    std::uint64_t since = 0;
    for (;;) {
      const auto page = snapshot().customer(customer).log(since, store::kPageRowsMax);
      for (const auto& row : page) {
        if (row.topic == topic) found.push_back(row);
        since = row.sequence;
      }
      if (page.size() < store::kPageRowsMax) return found;
    }
  }

  std::size_t slices() {
    return snapshot().customer("").host_rows(kSlicePrefix, "", store::kPageRowsMax).size();
  }

  plugin::CallContext caller_{"token:t-operator", "", "", "", "", {}, 0, 0};
  std::unique_ptr<Importer> importer_;
  bool leaving_fails_ = false;
  std::vector<store::Operation> leaving_answer_;
  std::vector<std::string> left_;  // asked about, in order
};

}  // namespace intray::inventory
