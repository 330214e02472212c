// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same request again is answered
// as it was, for 24 hours, from the row that was written together with its effect.
#pragma once

#include <functional>

#include "host/http/route.hpp"
#include "host/plugin/call.hpp"
#include "host/store/store.hpp"

namespace intray::http {

/// Runs `effect` unless its reply is kept. A key used for another request is answered 422. The key
/// and the request's digest are in `call`, for whoever writes the reply.
Response once(const store::Store& store, const plugin::CallContext& call,
              const std::function<Response()>& effect);

}  // namespace intray::http
