// What a device asks: its provisioning, its mailbox, and taking note of an acknowledgement.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "host/http/json.hpp"
#include "host/http/mail_json.hpp"
#include "host/http/routes.hpp"
#include "host/security/tokens.hpp"
#include "host/store/window.hpp"
#include "intray/instructions.h"

namespace intray::http {
namespace {

constexpr std::size_t kInstructionsMax = 8;  // in one answer; "more" says that others wait
constexpr std::size_t kRelayWakesMax = 3;    // of these: a device takes an answer of 16 KiB
constexpr std::int64_t kLaterDefaultS = 3600;
constexpr std::int64_t kLaterMaxS = 604'800;
constexpr std::size_t kReasonBytesMax = 256;

// ---- poll (S321, S322) ------------------------------------------------------------------------

// What the instructions of one poll are shown from.
struct Mailbox {
  const Context& context;
  const std::string& customer;
  const store::CustomerView& rows;
  store::CustomerSettings settings;
  store::UnixNs now;
};

// Of a register-device the device sees where and with which code; of a relay-wake the command in
// place of the list, and nothing when its plugin wrote none: the device refuses it then. Of others
// it sees what was sent.
boost::json::object shown(const Mailbox& mailbox, const store::Mail& mail) {
  const auto& keys = mailbox.context.keys;
  const auto payload = payload_of(mail);
  const auto code = code_of(keys, mailbox.customer, mail, payload);
  const auto wake =
      wake_of(keys, mailbox.customer, mail, mailbox.rows, mailbox.settings, mailbox.now);
  boost::json::object instruction;
  instruction["sequence"] = mail.sequence;
  instruction["type"] = mail.type;
  for (const auto& [key, member] : payload) {
    const bool hidden = code && (key == "nonce" || key == "generation" || key == "service");
    if (!hidden && !(mail.type == kRelayWake && key == "wake")) instruction[key] = member;
  }
  if (code) instruction["code"] = code->reveal();
  if (wake) instruction["wake"] = wake->reveal();
  return instruction;
}

// The same instructions in the same epoch have the same tag.
std::string tag_of(const Context& context, const std::vector<store::Mail>& mails) {
  auto bytes = std::to_string(context.keys.epoch);
  for (const auto& mail : mails) bytes += "," + std::to_string(mail.sequence);
  constexpr std::size_t kTagBytes = 12;
  return '"' + security::base64url(security::view(security::sha256(bytes)).substr(0, kTagBytes)) +
         '"';
}

// Leaves what fits one answer. True: others wait.
bool cut(std::vector<store::Mail>& mails) {
  std::size_t relay_wakes = 0;
  const auto end = std::find_if(mails.begin(), mails.end(), [&](const store::Mail& mail) {
    return mail.type == kRelayWake && ++relay_wakes > kRelayWakesMax;
  });
  const auto kept = std::min<std::ptrdiff_t>(end - mails.begin(), kInstructionsMax);
  const bool more = static_cast<std::size_t>(kept) < mails.size();
  mails.erase(mails.begin() + kept, mails.end());
  return more;
}

// Runs on the event loop, which has found the token in the same snapshot: one seek into the
// mailbox, and for a relay-wake one for each of its at most 64 devices; no write.
Response poll(const Context& context, const Request& request) {
  if (const auto fits = expect_query(request, ""); !fits) return problem(fits.error());
  const auto& caller = request.principal;
  const auto now = context.store.now();
  const auto snapshot = request.window->look();
  if (!snapshot) return problem(snapshot.error());
  const auto rows = (*snapshot)->customer(caller.customer);
  auto mails = rows.mailbox(caller.device_id, now, kInstructionsMax + 1);
  const bool more = cut(mails);
  const auto settings = context.store.settings(caller.customer);
  const auto interval = settings.poll_interval_s;
  const auto highest = mails.empty() ? 0 : mails.back().sequence;
  context.presence.polled(caller.customer, caller.device_id, now, now + interval * store::kSecondNs,
                          highest);

  Response response;
  response.headers.emplace_back("Intray-Next-Poll", std::to_string(interval));
  if (mails.empty()) {
    response.status = 204;
    return response;
  }
  auto tag = tag_of(context, mails);
  const bool known = request.header("if-none-match") == tag;
  response.headers.emplace_back("ETag", std::move(tag));
  if (known) {
    response.status = 304;
    return response;
  }
  boost::json::array instructions;
  const Mailbox mailbox{context, caller.customer, rows, settings, now};
  for (const auto& mail : mails) instructions.push_back(shown(mailbox, mail));
  response.body = boost::json::serialize(
      boost::json::object{{"instructions", std::move(instructions)}, {"more", more}});
  return response;
}

// ---- acknowledge (after S322) -----------------------------------------------------------------

Result<plugin::Acknowledgement> acknowledgement_of(const Request& request) {
  const auto body = body_of(request, {"result", "reason", "retry_after_s"});
  if (!body) return fail(body.error());
  const auto result = text_member(*body, "result", true);
  if (!result) return fail(result.error());
  const auto reason = text_member(*body, "reason", false, kReasonBytesMax);
  if (!reason) return fail(reason.error());
  plugin::Acknowledgement acknowledgement;
  acknowledgement.reason = *reason;
  if (*result == "done") acknowledgement.result = INTRAY_ACK_DONE;
  if (*result == "later") acknowledgement.result = INTRAY_ACK_LATER;
  if (*result == "refused") acknowledgement.result = INTRAY_ACK_REFUSED;
  if (*result == "unsupported") acknowledgement.result = INTRAY_ACK_UNSUPPORTED;
  if (acknowledgement.result == 0) {
    return fail(INTRAY_E_INVALID, "'result' is done, later, refused or unsupported");
  }
  if (acknowledgement.result != INTRAY_ACK_LATER) return acknowledgement;
  acknowledgement.retry_after_s = kLaterDefaultS;
  if (const auto* retry = body->if_contains("retry_after_s")) {
    const auto* seconds = retry->if_int64();
    if (seconds == nullptr || *seconds < 1 || *seconds > kLaterMaxS) {
      return fail(INTRAY_E_INVALID, "'retry_after_s' is a number from 1 to 604800");
    }
    acknowledgement.retry_after_s = *seconds;
  }
  return acknowledgement;
}

Result<std::uint64_t> sequence_of(const Request& request) {
  const auto text = request.path_param("sequence");
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), sequence);
  if (error == std::errc() && end == text.data() + text.size()) return sequence;
  return fail(INTRAY_E_INVALID, "'" + std::string(text) + "' is no instruction's sequence");
}

// What is not there was acknowledged before, or was taken off: a repeat is harmless. Dies the host
// before the answer, the device asks again; after the commit that finds nothing more to do.
Result<Response> acknowledge(const Context& context, const Request& request) {
  const auto sequence = sequence_of(request);
  if (!sequence) return fail(sequence.error());
  const auto said = acknowledgement_of(request);
  if (!said) return fail(said.error());
  const auto& caller = request.principal;
  std::optional<store::Mail> mail;
  std::optional<store::Device> device;
  {
    const auto snapshot = context.store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    mail = snapshot->customer(caller.customer).mail(caller.device_id, *sequence);
    device = snapshot->customer(caller.customer).device(caller.device_id);
  }
  Response taken;
  taken.status = 204;
  if (!mail || !device) return taken;
  auto added = context.plugins.acknowledge(call_of(request), *device, *mail, *said);
  if (!added) return fail(added.error());
  if (added->empty()) return taken;
  taken.settle = [&context, batch = store::Batch{caller.customer, caller.id, std::move(*added)}](
                     Settled settled) mutable {
    context.store.commit_or_queue(std::move(batch),
                                  [settled = std::move(settled)](const auto& committed) {
                                    settled(committed ? Result<void>() : fail(committed.error()));
                                  });
  };
  return taken;
}

// ---- provision ----------------------------------------------------------------------------------

// One body for every way to be wrong: a caller without a code learns nothing.
Failure not_valid() {
  return fail(INTRAY_E_DENIED,
              "the provisioning code is wrong, used or expired for this device: ask the operator "
              "for a new one");
}

Response provisioned(const Context& context, const store::ProvisioningCode& code) {
  boost::json::array origins;
  for (const auto& origin : context.origins) origins.emplace_back(origin);
  return json(200, boost::json::object{{"customer", code.customer},
                                       {"origins", std::move(origins)},
                                       {"wake_keys", boost::json::array{security::wake_public_key(
                                                         context.keys.wake, code.customer)}}});
}

Result<Response> provision(const Context& context, const Request& request) {
  const auto body = body_of(request, {"device", "code", "token"});
  if (!body) return fail(body.error());
  const auto device = text_member(*body, "device", true);
  if (!device) return fail(device.error());
  const auto code_text = text_member(*body, "code", true);
  if (!code_text) return fail(code_text.error());
  const auto token = text_member(*body, "token", true);
  if (!token) return fail(token.error());
  if (!security::is_device_token(*token)) {
    return fail(INTRAY_E_INVALID, "'token' is not 43 base64url characters (256 random bits)");
  }

  const auto code_hash = security::sha256(*code_text);
  const auto token_hash = security::sha256(*token);
  std::optional<store::ProvisioningCode> code;
  {
    const auto snapshot = context.store.snapshot();
    if (!snapshot) return fail(snapshot.error());
    code = snapshot->provisioning_code(code_hash);
  }
  if (!code || code->device_id != *device) return not_valid();
  if (code->used && code->token == token_hash) return provisioned(context, *code);
  if (code->used || code->expires < context.store.now()) return not_valid();
  store::Batch batch{code->customer, "device:" + *device, {}};
  batch.operations.emplace_back(store::UseProvisioningCode{code_hash, token_hash});
  batch.operations.emplace_back(store::Event{"device.provisioned", "done", *device, ""});
  const auto committed = context.store.commit(std::move(batch));
  if (committed) return provisioned(context, *code);
  if (committed.error().status == INTRAY_E_CONFLICT) return not_valid();
  return fail(committed.error());
}

}  // namespace

Result<void> add_device_routes(Router& router, const Context& context) {
  Route mailbox{"GET", "/v1/mailbox", "device.poll", 0, Way::kLoop, {}};
  mailbox.handle = [&context](const Request& request) { return poll(context, request); };
  auto added = router.add(std::move(mailbox));
  if (added) {
    added = add(
        router, "POST", "/v1/mailbox/{sequence}/acknowledge", "device.acknowledge",
        [&context](const Request& request) { return acknowledge(context, request); }, kBodyBytesMax,
        Way::kWorker);
  }
  if (added) {
    added = add(router, "POST", "/v1/provision", "device.open",
                [&context](const Request& request) { return provision(context, request); });
  }
  return added;
}

}  // namespace intray::http
