// A device and its host in memory, on a clock that the test turns: storage whose power can be cut
// at any write, and a host that keeps the contract of http_api and can lose or double what is sent.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <intray/device.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace intray::testing_support {

/// Off from the moment of the cut: nothing is written, sent or shown any more.
struct Power {
  bool on = true;
};

/// Key-value storage. Counts its writes and cuts the power at one of them.
class MemoryStorage : public DeviceStorage {
 public:
  explicit MemoryStorage(Power& power) : power_(power) {}
  std::int32_t get(const char* key, void* buffer, std::size_t size) noexcept override;
  bool put(const char* key, const void* value, std::size_t size) noexcept override;

  std::map<std::string, std::string> values;
  int writes = 0;
  int cut_at = -1;         ///< the write (from 0) at which the power goes
  bool cut_after = false;  ///< whether that write still reaches the flash
  bool refuses = false;    ///< a full or broken flash

 private:
  Power& power_;
};

struct HttpRequest {
  std::string method, url, token, if_none_match, body;
};

struct HttpReply {
  int status = 204;
  std::string body = "";
  std::string etag = "", next_poll = "", retry_after = "";
};

/// Hands each request to `answer` at once; the device sees the reply at its next step.
class MemoryTransport : public DeviceTransport {
 public:
  explicit MemoryTransport(Power& power) : power_(power) {}
  bool start(unsigned slot, const intray_device_request& request) noexcept override;
  bool poll(unsigned slot, intray_device_reply& reply) noexcept override;
  void cancel(unsigned slot) noexcept override;

  std::function<HttpReply(const HttpRequest&)> answer;
  std::vector<HttpRequest> requests;
  std::set<int> lost_requests;  ///< by number: the host never hears them
  std::set<int> lost_replies;   ///< the host acts, the device hears nothing
  std::set<int> doubled;        ///< the host hears them twice
  bool silent = false;          ///< requests never end
  int canceled = 0;

 private:
  Power& power_;
  bool running_ = false, lost_ = false;
  HttpReply reply_;
};

struct WaitingInstruction {
  std::uint64_t sequence;
  std::string type, service, code;
};

/// The host's side of the contract for one device.
class MemoryHost {
 public:
  HttpReply answer(const HttpRequest& request);
  void post_registration(std::uint64_t sequence, const std::string& service,
                         const std::string& code);

  std::string origin = "https://host.example:8443";
  std::string provisioning_code = "PROVISION-1";
  std::string token;  ///< bound by provisioning
  std::deque<WaitingInstruction> mailbox;
  std::map<std::string, std::string> enrolled;  ///< service -> the code that registers it
  std::map<std::string, int> effects;           ///< service -> registrations that took effect
  std::vector<std::string> acknowledged;        ///< "7 done", in order
  std::map<std::string, HttpReply> instead;     ///< path -> answered so, whatever it would be

 private:
  HttpReply provision(const HttpRequest& request);
  HttpReply poll(const HttpRequest& request) const;
  HttpReply enrol(const std::string& service, const std::string& code);
  HttpReply acknowledge(const std::string& sequence, const HttpRequest& request);
};

/// What the firmware remembers. Forgets nothing at a power cut, hears nothing without power.
class MemoryPanel : public DevicePanel {
 public:
  explicit MemoryPanel(Power& power) : power_(power) {}
  intray_device_decision ask(const intray_device_instruction& instruction) noexcept override;
  void tell(const intray_device_event& event) noexcept override;

  std::function<intray_device_decision(const intray_device_instruction&)> decide;
  std::vector<std::string> asked;                 ///< "7 register-device"
  std::map<std::string, std::string> parameters;  ///< service -> what came with its registration
  std::vector<intray_device_event_kind> kinds;
  std::vector<std::string> details;
  int count(intray_device_event_kind kind) const;

 private:
  Power& power_;
};

/// All of it. `start()` is switching the device on.
struct World {
  Power power;
  MemoryStorage storage{power};
  MemoryTransport transport{power};
  MemoryHost host;
  MemoryPanel panel{power};
  Device device;
  intray_device_options options{};
  std::uint64_t now_ms = 1000, next_ms = 0;

  World();
  bool start();
  /// Turns the clock from one step to the next, until `until_ms` or the power is cut.
  void run_until(std::uint64_t until_ms);
  void run_for(std::uint64_t ms) { run_until(now_ms + ms); }
  int sent(const std::string& url_part) const;
};

}  // namespace intray::testing_support
