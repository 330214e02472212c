#include "tests/device_sdk/world.hpp"

#include <algorithm>
#include <cstring>

namespace intray::testing_support {
namespace {

/// The string member of a flat JSON object that the SDK itself has written.
std::string member(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) return "";
  const auto start = at + name.size() + 4;
  return json.substr(start, json.find('"', start) - start);
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

std::string or_empty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

std::int32_t MemoryStorage::get(const char* key, void* buffer, std::size_t size) noexcept {
  const auto found = values.find(key);
  if (found == values.end()) return 0;
  if (found->second.size() > size) return -1;
  std::memcpy(buffer, found->second.data(), found->second.size());
  return static_cast<std::int32_t>(found->second.size());
}

bool MemoryStorage::put(const char* key, const void* value, std::size_t size) noexcept {
  if (!power_.on || refuses) return false;
  const bool cut = writes++ == cut_at;
  if (!cut || cut_after) values[key] = std::string(static_cast<const char*>(value), size);
  power_.on = !cut;
  return !cut;
}

bool MemoryTransport::start(unsigned, const intray_device_request& request) noexcept {
  if (!power_.on || running_) return false;
  const int number = static_cast<int>(requests.size());
  requests.push_back(
      {request.method, request.url, or_empty(request.token), or_empty(request.if_none_match),
       request.body == nullptr ? "" : std::string(request.body, request.body_bytes)});
  running_ = true;
  lost_ = lost_requests.count(number) + lost_replies.count(number) != 0;
  if (silent || lost_requests.count(number) != 0) return true;
  if (doubled.count(number) != 0) (void)answer(requests.back());
  reply_ = answer(requests.back());
  return true;
}

bool MemoryTransport::poll(unsigned, intray_device_reply& reply) noexcept {
  if (!running_ || silent) return false;
  running_ = false;
  if (lost_) {
    reply.error = "connection reset";
    return true;
  }
  reply.status = reply_.status;
  reply.body = reply_.body.data();
  reply.body_bytes = reply_.body.size();
  reply.etag = text_or_null(reply_.etag);
  reply.next_poll = text_or_null(reply_.next_poll);
  reply.retry_after = text_or_null(reply_.retry_after);
  return true;
}

void MemoryTransport::cancel(unsigned) noexcept {
  running_ = false;
  ++canceled;
}

void MemoryHost::post_registration(std::uint64_t sequence, const std::string& service,
                                   const std::string& code) {
  mailbox.push_back({sequence, "register-device", service, code});
  enrolled[service] = code;
}

HttpReply MemoryHost::answer(const HttpRequest& request) {
  if (request.url.rfind(origin, 0) != 0) return {502};
  const auto path = request.url.substr(origin.size());
  if (instead.count(path) != 0) return instead[path];
  if (path == "/v1/provision") return provision(request);
  if (token.empty() || request.token != token) return {401};
  if (path == "/v1/mailbox") return poll(request);
  const std::string services = "/v1/services/";
  if (path.rfind(services, 0) == 0) {
    const auto service = path.substr(services.size());
    return enrol(service.substr(0, service.find('/')), member(request.body, "code"));
  }
  const std::string mails = "/v1/mailbox/";
  if (path.rfind(mails, 0) == 0) {
    const auto rest = path.substr(mails.size());
    return acknowledge(rest.substr(0, rest.find('/')), request);
  }
  return {404};
}

HttpReply MemoryHost::provision(const HttpRequest& request) {
  const auto given = member(request.body, "token");
  if (member(request.body, "code") != provisioning_code) return {403};
  if (!token.empty() && token != given) return {403};
  token = given;
  return {200, R"({"customer":"C001","origins":[")" + origin + R"("],"wake_keys":["key-1"]})"};
}

HttpReply MemoryHost::poll(const HttpRequest& request) const {
  if (mailbox.empty()) return {204, "", "\"empty\"", "60"};
  std::string items;
  std::string etag = "\"";
  for (const auto& waiting : mailbox) {
    items += (items.empty() ? "" : ",");
    items += R"({"sequence":)" + std::to_string(waiting.sequence) + R"(,"type":")" + waiting.type;
    if (waiting.type == "register-device") {
      items += R"(","url":")" + origin + "/v1/services/" + waiting.service + "/register";
      items += R"(","code":")" + waiting.code + R"(","expires":"2027-01-01T00:00:00Z"})";
    } else {
      items += R"(","service":")" + waiting.service + R"("})";
    }
    etag += std::to_string(waiting.sequence) + waiting.code + ".";
  }
  etag += "\"";
  if (request.if_none_match == etag) return {304, "", etag, "60"};
  return {200, R"({"instructions":[)" + items + R"(],"more":false})", etag, "60"};
}

HttpReply MemoryHost::enrol(const std::string& service, const std::string& code) {
  const auto found = enrolled.find(service);
  if (found == enrolled.end() || found->second != code) return {403};
  const auto matches = [&](const WaitingInstruction& waiting) {
    return waiting.type == "register-device" && waiting.service == service;
  };
  const auto waiting = std::find_if(mailbox.begin(), mailbox.end(), matches);
  if (waiting != mailbox.end()) {
    ++effects[service];
    mailbox.erase(waiting);
  }
  return {200, R"({"service":")" + service + R"(","parameters":{"folder":"/scans"}})"};
}

HttpReply MemoryHost::acknowledge(const std::string& sequence, const HttpRequest& request) {
  const auto result = member(request.body, "result");
  acknowledged.push_back(sequence + " " + result);
  const auto is_it = [&](const WaitingInstruction& waiting) {
    return std::to_string(waiting.sequence) == sequence &&
           (waiting.type != "register-device" || result != "done");
  };
  mailbox.erase(std::remove_if(mailbox.begin(), mailbox.end(), is_it), mailbox.end());
  return {204};
}

intray_device_decision MemoryPanel::ask(const intray_device_instruction& instruction) noexcept {
  if (power_.on) asked.push_back(std::to_string(instruction.sequence) + " " + instruction.type);
  return decide ? decide(instruction) : DevicePanel::ask(instruction);
}

void MemoryPanel::tell(const intray_device_event& event) noexcept {
  if (!power_.on) return;
  kinds.push_back(event.kind);
  details.emplace_back(event.detail);
  if (event.kind == INTRAY_DEVICE_REGISTERED) parameters[event.service] = parameters_of(event);
}

int MemoryPanel::count(intray_device_event_kind kind) const {
  return static_cast<int>(std::count(kinds.begin(), kinds.end(), kind));
}

World::World() {
  transport.answer = [this](const HttpRequest& request) { return host.answer(request); };
  options.device_id = "D10010101";
  options.server = host.origin.c_str();
  options.transport = table_of(transport);
  options.storage = table_of(storage);
  options.panel = table_of(panel);
  options.random = {this, [](void* context, std::uint8_t* bytes, std::size_t size) {
                      auto& world = *static_cast<World*>(context);
                      for (std::size_t i = 0; i < size; ++i) {
                        bytes[i] = static_cast<std::uint8_t>(world.now_ms * 31 + i * 7);
                      }
                      return true;
                    }};
}

bool World::start() {
  power.on = true;
  transport.cancel(0);
  transport.canceled = 0;
  if (!device.init(options)) return false;
  return device.provision(host.provisioning_code.c_str());
}

void World::run_until(std::uint64_t until_ms) {
  while (power.on) {
    next_ms = device.step(Device::Milliseconds(now_ms)).count();
    if (next_ms > until_ms) break;
    now_ms = std::max(next_ms, now_ms);
  }
  now_ms = std::max(now_ms, until_ms);
}

int World::sent(const std::string& url_part) const {
  return static_cast<int>(std::count_if(
      transport.requests.begin(), transport.requests.end(),
      [&](const auto& request) { return request.url.find(url_part) != std::string::npos; }));
}

}  // namespace intray::testing_support
