#include "host/http/mail_json.hpp"

#include <boost/json/parse.hpp>

#include "host/security/codes.hpp"
#include "host/security/wake_mail.hpp"

namespace intray::http {

boost::json::object payload_of(const store::Mail& mail) {
  boost::json::error_code error;
  auto value = boost::json::parse(mail.payload, error);
  if (error || !value.is_object()) return {};
  return std::move(value.as_object());
}

std::optional<security::Secret> code_of(const security::Keys& keys, std::string_view customer,
                                        const store::Mail& mail,
                                        const boost::json::object& payload) {
  const auto* nonce = payload.if_contains("nonce");
  const auto* generation = payload.if_contains("generation");
  if (nonce == nullptr || !nonce->is_string() || generation == nullptr) return std::nullopt;
  boost::json::error_code error;
  const auto number = generation->to_number<std::uint64_t>(error);
  if (error) return std::nullopt;
  const security::CodeSubject subject{std::string(customer), mail.device_id, mail.service, number,
                                      security::from_hex(std::string_view(nonce->get_string()))};
  return security::derive_code(keys.code, keys.epoch, subject);
}

std::optional<security::Secret> wake_of(const security::Keys& keys, std::string_view customer,
                                        const store::Mail& mail,
                                        const store::CustomerView& inventory,
                                        const store::CustomerSettings& settings,
                                        store::UnixNs now) {
  if (mail.type != kRelayWake) return std::nullopt;
  auto minted = security::mint_relay_wake(keys.wake, customer, mail, inventory, settings,
                                          now / store::kSecondNs);
  if (!minted) return std::nullopt;
  return std::move(*minted);
}

}  // namespace intray::http
