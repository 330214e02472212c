// Any bytes as each row of the registration plugin, and as each instruction or report that it reads
// back: refused in words that name the row, or read whole, which means that it is written again
// under the same key with the same members. A plan that reads as a whole tree can be walked.
//
// The first byte chooses the codec; a line feed ends the key, and the value is the rest.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

#include "plugins/registration/application.hpp"
#include "plugins/registration/changes.hpp"
#include "plugins/registration/format.hpp"
#include "plugins/registration/wake_refusals.hpp"
#include "plugins/registration/wake_run.hpp"

namespace intray::registration {
namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

boost::json::object object_of(std::string_view text) {
  boost::json::error_code error;
  auto value = boost::json::parse(text, error);
  must(!error && value.is_object());
  return std::move(value.get_object());
}

// Everything that is written again was there, as it was; what nobody reads may have been there too.
void must_say_the_same(std::string_view again, std::string_view value) {
  const auto before = object_of(value);
  for (const auto& member : object_of(again)) {
    const auto* was = before.if_contains(member.key());
    must(was != nullptr && *was == member.value());
  }
}

template <class Decoded>
bool is_read(const Result<Decoded>& decoded, const StoredRow& row) {
  if (!decoded) must(decoded.error().message.find(row.key) != std::string::npos);
  return static_cast<bool>(decoded);
}

// The row that a batch of one puts.
StoredRow row_in(const Batch& batch) {
  must(batch.size() == 1);
  const auto& op = batch.ops().front();
  return {std::string(view(op.key)), std::string(view(op.value)), 0};
}

void must_be_written_as(const StoredRow& again, const StoredRow& row) {
  must(again.key == row.key);
  must_say_the_same(again.value, row.value);
}

// ---- each row ---------------------------------------------------------------------------------

void enrolment(const StoredRow& row) {
  const auto read = decode_enrolment(row);
  if (!is_read(read, row)) return;
  must_be_written_as({enrolment_key(read->device_id, read->service), encode(*read), 0}, row);
  must(!rfc3339(read->since).empty() && read->nonce.size() == kNonceBytes);
  EndedList again;
  const auto ended = read->ended.all();
  for (auto each = ended.rbegin(); each != ended.rend(); ++each) again.add(*each);
  must(ended.size() > kEndedKept || again.text() == read->ended.text());
}

void member(const StoredRow& row) {
  const auto read = decode_member(row);
  if (is_read(read, row)) must_say_the_same(encode(*read), row.value);
}

void application(const StoredRow& row) {
  const auto read = decode_application(row);
  if (!is_read(read, row)) return;
  must_be_written_as({application_key(read->id), encode(*read), 0}, row);
  must(next_look(*read, kSecondNs) > kSecondNs);
}

void wake(const StoredRow& row) {
  const auto read = decode_wake(row);
  if (!is_read(read, row)) return;
  Batch batch;
  put(batch, *read);
  must_be_written_as(row_in(batch), row);
  must(read->ends() > read->made);
}

void refusal(const StoredRow& row) {
  const auto read = decode_refusal(row);
  if (!is_read(read, row)) return;
  Wake wake;
  wake.plan = read->plan;
  Batch batch;
  put_refusal(batch, wake, read->refused.relay, 1, read->refused.reason, read->targets);
  must_say_the_same(row_in(batch).value, row.value);
}

// What sends, mints and answers do with a plan; each ends, and stays inside it.
void walk(const WakePlan& plan) {
  std::size_t children = plan.roots;
  for (std::size_t place = 0; place < plan.nodes.size(); ++place) {
    const auto& node = plan.nodes[place];
    must(place < plan.roots ? node.parent == place : node.parent < place);
    children += node.children;
  }
  must(children == plan.nodes.size());
  for (const auto& url : wake_urls(plan)) must(url.wait_ms <= kWakeSpanMsMax);
  for (const auto& told : relay_wakes(plan, "service")) {
    must(told.own <= told.targets.size());
    relay_wakes_after(plan, "service", told, {0, 1, 2, told.targets.size()});
  }
}

void nodes(const StoredRow& row) {
  const auto read = decode_nodes(row);
  if (!is_read(read, row)) return;
  WakePlan plan;
  for (const auto& node : *read) {
    plan.nodes.push_back({node.device_id, node.address, 0, 0, node.children, 0, node.step});
  }
  if (plan.nodes.size() <= kNodesInARow) {
    Batch batch;
    put_nodes(batch, Wake(), plan, 0);
    must_say_the_same(row_in(batch).value, row.value);
  }
  Wake wake;
  wake.roots = row.key.size() % 8 + 1;
  wake.fanout = row.key.size() % kWakeFanoutMax + 1;
  wake.step_ms = static_cast<std::uint32_t>(row.key.size()) * 100;
  wake.scheme = "https";
  const auto whole = plan_of(wake, *read);
  if (whole) walk(*whole);
}

// ---- what is read beside rows -----------------------------------------------------------------

void subject(const StoredRow& row) {
  const auto read = subject_of(row.value);
  if (!read) return;
  const auto again = boost::json::serialize(
      boost::json::object{{"service", read->service}, {"generation", read->generation}});
  must_say_the_same(again, row.value);
  must(read->has_nonce == object_of(row.value).contains("nonce"));
}

void relay(const StoredRow& row) {
  const auto asked = asked_in(row.value);
  must(asked.own <= asked.targets.size());
  std::string again = "dead";
  const auto dead = dead_in(row.value);
  for (const auto place : dead) again += ' ' + std::to_string(place);
  must(dead_in(again) == dead);
}

// Counters may be of any bytes; nine of them can be added up.
void counters(const StoredRow& row) {
  Counts counts;
  counts.by_state.fill(counter_of(row.value));
  must(counts.open() / 2 == counts.by_state[0]);
  must(counts.total() / static_cast<std::int64_t>(kStates) == counts.by_state[0]);
}

// What devices and rows say is fit for a document; bytes are spelled and read back.
void text(const StoredRow& row) {
  must(unhex(hex(row.value)) == row.value);
  const auto bytes = unhex(row.key);
  must(bytes.empty() || hex(bytes) == row.key);
  boost::json::error_code error;
  boost::json::parse(boost::json::serialize(boost::json::string(printable(row.value))), error);
  must(!error);
}

constexpr void (*kCodecs[])(const StoredRow&) = {enrolment, member,  application, wake,     refusal,
                                                 nodes,     subject, relay,       counters, text};

// ---- mutations --------------------------------------------------------------------------------

// What a member or an item may be instead of what it was.
constexpr std::string_view kInstead[] = {
    "-1",  "0",     "1",    "65536", "4294967296", "9007199254740992", "9223372036854775807",
    "1.5", "1e300", "null", "true",  "\"\"",       "\"zz\"",           "18446744073709551615",
    "[]",  "{}",    "[[]]", "[-1]"};

// One of the values inside, or the whole.
boost::json::value& pick(boost::json::value& from, std::minstd_rand& random) {
  auto* picked = &from;
  while (random() % 8 != 0) {
    if (auto* object = picked->if_object(); object != nullptr && !object->empty()) {
      picked = &(object->begin() + static_cast<std::ptrdiff_t>(random() % object->size()))->value();
    } else if (auto* array = picked->if_array(); array != nullptr && !array->empty()) {
      picked = &(*array)[random() % array->size()];
    } else {
      break;
    }
  }
  return *picked;
}

// The input with one value of its JSON replaced; empty when there is no JSON in it.
std::string with_another_value(std::string_view input, std::minstd_rand& random) {
  const auto end = input.find('\n');
  if (end == std::string_view::npos) return {};
  boost::json::error_code error;
  auto value = boost::json::parse(input.substr(end + 1), error);
  if (error) return {};
  pick(value, random) = boost::json::parse(kInstead[random() % std::size(kInstead)]);
  return std::string(input.substr(0, end + 1)) + boost::json::serialize(value);
}

}  // namespace
}  // namespace intray::registration

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

// Bytes alone seldom stay JSON: every other mutation is one of values.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
  std::minstd_rand random(seed);
  if (random() % 2 == 0) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto made = intray::registration::with_another_value(input, random);
    if (!made.empty() && made.size() <= size_max) {
      std::copy(made.begin(), made.end(), data);
      return made.size();
    }
  }
  return LLVMFuzzerMutate(data, size, size_max);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace intray::registration;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto end = std::min(input.find('\n'), input.size());
  const intray::StoredRow row{std::string(input.substr(0, end)),
                              std::string(input.substr(std::min(end + 1, input.size()))), 1};
  kCodecs[data[0] % std::size(kCodecs)](row);
  return 0;
}
