#include "host/http/idempotency.hpp"

#include <optional>

namespace intray::http {
namespace {

constexpr std::size_t kKeyBytesMax = 128;

Response stored(const store::Reply& reply) {
  Response response;
  response.status = static_cast<int>(reply.status);
  if (!reply.location.empty()) response.headers.emplace_back("Location", reply.location);
  response.body = reply.body;
  return response;
}

Response misused() {
  return problem(
      Problem{422,
              "INT-1020",
              "The Idempotency-Key was used for another request",
              "take a fresh key for each new request, and the same one only to repeat it",
              {},
              {}});
}

// The kept answer, if there is one.
std::optional<Response> answered(const store::Store& store, const plugin::CallContext& call) {
  const auto snapshot = store.snapshot();
  if (!snapshot) return problem(snapshot.error());
  const auto reply = snapshot->reply(call.principal, call.idempotency_key);
  if (!reply || reply->created + store::kReplyKeptNs < store.now()) return std::nullopt;
  return reply->digest == call.digest ? stored(*reply) : misused();
}

}  // namespace

Response once(const store::Store& store, const plugin::CallContext& call,
              const std::function<Response()>& effect) {
  if (call.idempotency_key.empty()) return effect();
  if (call.idempotency_key.size() > kKeyBytesMax) {
    return problem(Error{INTRAY_E_INVALID, "an Idempotency-Key has 1 to 128 bytes"});
  }
  if (auto known = answered(store, call)) return std::move(*known);
  auto response = effect();
  constexpr int kConflict = 409;
  if (response.status != kConflict) return response;
  // Its twin, sent at the same time, may have come first.
  auto known = answered(store, call);
  return known ? std::move(*known) : std::move(response);
}

}  // namespace intray::http
