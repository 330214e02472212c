#include "host/plugin/operations.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "host/plugin/values.hpp"
#include "intray/crossing.hpp"
#include "intray/store.h"

namespace intray::plugin {
namespace {

constexpr std::size_t kKeyBytesMax = 255;
constexpr std::size_t kOwnValueBytesMax = 64 * 1024;
constexpr std::size_t kInstructionBytesMax = 1024;
constexpr std::size_t kEventBytesMax = 64 * 1024 - 1024;
constexpr std::size_t kAnswerBytesMax = 16 * 1024;
constexpr std::size_t kReplyBytesMax = 64 * 1024 - 1024;
constexpr std::size_t kDeviceIdBytesMax = 128;
constexpr std::size_t kServiceIdBytesMax = 64;

Failure invalid(const std::string& what) {
  return fail(INTRAY_E_INVALID, "an operation is malformed: " + what);
}

// In memory of the caller's, which outlives it.
std::optional<boost::json::object> json_object(std::string_view text,
                                               const boost::json::storage_ptr& memory) {
  boost::json::error_code error;
  auto value = boost::json::parse(text, error, memory);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

template <class Text>
bool lacks_data(const Text& text) {
  return text.size > 0 && text.data == nullptr;
}

class Translation {
 public:
  Translation(const Sender& sender, const CallContext& context, const intray_op& op)
      : sender_(sender),
        context_(context),
        op_(op),
        key_(view(op.key)),
        type_(view(op.type)),
        value_(view(op.value)),
        reference_(view(op.reference)) {}

  using Translated = Result<std::optional<store::Operation>>;

  Translated run() const {
    switch (op_.kind) {
      case INTRAY_OP_PUT:
      case INTRAY_OP_ERASE:
      case INTRAY_OP_ADD:
        return own();
      case INTRAY_OP_SEND:
        return send();
      case INTRAY_OP_TAKE_OFF:
      case INTRAY_OP_DEFER:
        return instruction();
      case INTRAY_OP_ENTITLE:
      case INTRAY_OP_DISENTITLE:
        return entitlement();
      case INTRAY_OP_EVENT:
        return event();
      case INTRAY_OP_TIMER:
        return timer();
      case INTRAY_OP_REPLY:
        return reply();
      default:
        return invalid("kind " + std::to_string(op_.kind) + " is not known");
    }
  }

 private:
  template <class Operation>
  static Translated one(Operation operation) {
    return std::optional<store::Operation>(std::move(operation));
  }
  bool is_device() const { return is_id(key_, kDeviceIdBytesMax); }

  Translated own() const {
    if (key_.empty() || key_.size() > kKeyBytesMax) return invalid("a key has 1 to 255 bytes");
    const std::string key(key_);
    if (op_.kind == INTRAY_OP_ADD) return one(store::AddOwn{sender_.plugin_id, key, op_.number});
    if (op_.store != INTRAY_STORE_OWN) return invalid("only own rows can be written");
    if (op_.kind == INTRAY_OP_ERASE) {
      return one(store::EraseOwn{sender_.plugin_id, key, op_.expected_revision});
    }
    if (value_.size() > kOwnValueBytesMax) {
      return fail(INTRAY_E_TOO_LARGE, "a value is above 64 KiB");
    }
    return one(store::PutOwn{sender_.plugin_id, key, std::string(value_), op_.expected_revision});
  }

  Translated send() const {
    if (!is_device() || op_.number < 0) return invalid("SEND names no device, or no time");
    const auto& types = sender_.instruction_types;
    if (std::find(types.begin(), types.end(), type_) == types.end()) {
      return fail(INTRAY_E_DENIED,
                  "instruction type '" + std::string(type_) + "' is not one that the plugin owns");
    }
    if (reference_.empty() || reference_.size() > kDeviceIdBytesMax) {
      return invalid("an instruction's reference has 1 to 128 bytes");
    }
    if (value_.size() > kInstructionBytesMax) {
      return fail(INTRAY_E_TOO_LARGE, "an instruction is above 1 KiB");
    }
    boost::json::monotonic_resource memory;
    const auto json = json_object(value_, &memory);
    const auto* service = json ? json->if_contains("service") : nullptr;
    if (service == nullptr || !service->is_string() ||
        !is_id(std::string_view(service->as_string()), kServiceIdBytesMax)) {
      return invalid("an instruction is a JSON object that names its service");
    }
    return one(store::Send{std::string(key_), std::string(type_), std::string(reference_),
                           sender_.plugin_id, std::string(service->as_string()),
                           std::string(value_), op_.number});
  }

  Translated instruction() const {
    if (!is_device() || reference_.empty()) return invalid("it names no device or no instruction");
    const std::string device(key_);
    const std::string reference(reference_);
    if (op_.kind == INTRAY_OP_TAKE_OFF) return one(store::TakeOff{device, reference});
    if (op_.number < 0) return invalid("it hides an instruction until a time before 1970");
    return one(store::Defer{device, reference, op_.number});
  }

  Translated entitlement() const {
    if (!is_device() || !is_id(type_, kServiceIdBytesMax)) {
      return invalid("it names no device or no service");
    }
    const std::string device(key_);
    const std::string service(type_);
    if (op_.kind == INTRAY_OP_DISENTITLE) {
      if (op_.number < INTRAY_STOP_UNREGISTERED || op_.number > INTRAY_STOP_REPLACED) {
        return invalid("it gives no reason for the stop");
      }
      return one(store::Disentitle{device, service, static_cast<std::uint32_t>(op_.number)});
    }
    if (value_.size() > kAnswerBytesMax) {
      return fail(INTRAY_E_TOO_LARGE, "a registration's answer is above 16 KiB");
    }
    return one(store::Entitle{device, service, std::string(value_)});
  }

  Translated event() const {
    const auto topic = bounded(op_.key, 64);
    const auto outcome = bounded(op_.type, 64);
    const auto object = bounded(op_.reference, 255);
    if (!topic || topic->empty() || !outcome || !object) {
      return invalid("an event has a topic of 1 to 64 bytes, an outcome and an object");
    }
    if (value_.size() > kEventBytesMax) return fail(INTRAY_E_TOO_LARGE, "an event is above 63 KiB");
    boost::json::monotonic_resource memory;
    if (!value_.empty() && !json_object(value_, &memory))
      return invalid("an event is a JSON object");
    return one(store::Event{*topic, *outcome, *object, std::string(value_)});
  }

  Translated timer() const {
    if (key_.empty() || key_.size() > kKeyBytesMax || op_.number < 0) {
      return invalid("a timer has a name of 1 to 255 bytes and a time");
    }
    return one(store::SetTimer{sender_.plugin_id, std::string(key_), op_.number});
  }

  Translated reply() const {
    if (op_.number < 200 || op_.number > 599) return invalid("a reply has no HTTP status");
    if (value_.size() > kReplyBytesMax) return fail(INTRAY_E_TOO_LARGE, "a reply is above 63 KiB");
    if (context_.idempotency_key.empty()) return std::optional<store::Operation>();
    store::Reply reply;
    reply.digest = context_.digest;
    reply.status = static_cast<std::uint32_t>(op_.number);
    reply.location = reference_;
    reply.body = value_;
    return one(store::PutReply{context_.principal, context_.idempotency_key, std::move(reply)});
  }

  const Sender& sender_;
  const CallContext& context_;
  const intray_op& op_;
  std::string_view key_, type_, value_, reference_;
};

}  // namespace

Result<std::optional<store::Operation>> translate(const Sender& sender, const CallContext& context,
                                                  const intray_op* op) {
  if (op == nullptr || !INTRAY_HAS(op, intray_op, reference)) {
    return invalid("it is missing or too small");
  }
  if (lacks_data(op->key) || lacks_data(op->type) || lacks_data(op->value) ||
      lacks_data(op->reference)) {
    return invalid("a text has a size and no data");
  }
  if (op->flags != 0) return invalid("it has flags that this host does not know");
  return Translation(sender, context, *op).run();
}

}  // namespace intray::plugin
