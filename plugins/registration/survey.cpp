#include "plugins/registration/survey.hpp"

#include <algorithm>

namespace intray::registration {
namespace {

constexpr std::size_t kListedMax = 100;  // devices that an answer lists one by one

class Surveyor {
 public:
  Surveyor(const Scope& scope, const Wanted& wanted) : named_(!wanted.devices.empty()) {
    for (const auto& criterion : wanted.criteria) selectors_.emplace_back(scope, criterion);
    for (const auto& criterion : wanted.criteria) services_.push_back(criterion.service.service_id);
  }
  Result<void> look(const DeviceRow& device) {
    if (device.customer_id.empty()) {
      found.mistakes.push_back(not_held(device.device_id));
      return {};
    }
    for (std::size_t i = 0; i < selectors_.size(); ++i) {
      auto choice = selectors_[i].choose(device);
      if (!choice) return fail(choice.error());
      note(i, device, std::move(*choice));
    }
    return {};
  }
  Survey found;

 private:
  void note(std::size_t criterion, const DeviceRow& device, Choice choice) {
    if (choice.will) {
      if (!found.large()) found.pairs.push_back({criterion, device.device_id, std::move(choice)});
      return;
    }
    if (named_ && !choice.applicable) return mistake(device.device_id, choice.reason);
    ++found.skipped_count;
    if (found.skipped.size() < kListedMax) {
      found.skipped.push_back(boost::json::object{{"device_id", device.device_id},
                                                  {"service", services_[criterion]},
                                                  {"reason", choice.reason}});
    }
  }
  void mistake(std::string_view device_id, std::string_view reason) {
    found.mistakes.push_back(boost::json::object{{"device_id", device_id}, {"reason", reason}});
  }

  bool named_;
  std::vector<Selector> selectors_;
  std::vector<std::string> services_;
};

boost::json::object row_of(const DeviceRow& device, const Criterion& criterion,
                           const Choice& choice) {
  return {{"device_id", device.device_id},
          {"model", device.model},
          {"service", criterion.service.service_id},
          {"will", choice.will},
          {"reason", choice.reason}};
}

}  // namespace

boost::json::object not_held(std::string_view device_id) {
  return {{"device_id", device_id}, {"reason", "your inventory holds no such device"}};
}

Result<void> each_device(const Scope& scope, const std::vector<std::string>& named,
                         const std::function<bool()>& more,
                         const std::function<Result<void>(const DeviceRow&)>& visit) {
  for (const auto& device_id : named) {
    if (!more()) return {};
    auto device = scope.platform.device(scope.customer, device_id);
    if (!device) return fail(device.error());
    DeviceRow unknown;
    unknown.device_id = device_id;
    if (auto seen = visit(*device ? **device : unknown); !seen) return seen;
  }
  std::string after;
  while (named.empty()) {
    const auto page = scope.platform.devices(scope.customer, after, INTRAY_PAGE_ROWS_MAX);
    if (!page) return fail(page.error());
    for (const auto& device : *page) {
      if (!more()) return {};
      if (auto seen = visit(device); !seen) return seen;
    }
    if (page->size() < INTRAY_PAGE_ROWS_MAX) break;
    after = page->back().device_id;
  }
  return {};
}

Result<Survey> survey(const Scope& scope, const Wanted& wanted) {
  Surveyor surveyor(scope, wanted);
  const bool named = !wanted.devices.empty();
  const auto looked = each_device(
      scope, wanted.devices, [&] { return named || !surveyor.found.large(); },
      [&](const DeviceRow& device) { return surveyor.look(device); });
  if (!looked) return fail(looked.error());
  return std::move(surveyor.found);
}

Result<HttpAnswer> dry_run(const Scope& scope, const Wanted& wanted, const Page& page) {
  const auto services = static_cast<std::uint32_t>(wanted.criteria.size());
  const auto devices_max = std::max(page.limit / services, 1U);
  const auto devices = scope.platform.devices(scope.customer, page.after, devices_max);
  if (!devices) return fail(devices.error());
  std::vector<Selector> selectors;
  for (const auto& criterion : wanted.criteria) selectors.emplace_back(scope, criterion);
  boost::json::array rows;
  for (const auto& device : *devices) {
    const bool asked_for =
        wanted.devices.empty() ||
        std::binary_search(wanted.devices.begin(), wanted.devices.end(), device.device_id);
    for (std::size_t i = 0; i < selectors.size(); ++i) {
      Choice not_named;
      not_named.reason = "not among the devices named";
      const auto choice = asked_for ? selectors[i].choose(device) : Result<Choice>(not_named);
      if (!choice) return fail(choice.error());
      rows.push_back(row_of(device, wanted.criteria[i], *choice));
    }
  }
  return list_answer(std::move(rows),
                     devices->size() < devices_max ? std::string() : devices->back().device_id);
}

}  // namespace intray::registration
