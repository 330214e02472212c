// Registration codes: derived, masked and judged. Patent: identification code; steps S205, S207.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/security/crypto.hpp"
#include "host/store/batch.hpp"
#include "host/store/snapshot.hpp"

namespace intray::security {

/// What a code is bound to.
struct CodeSubject {
  std::string customer;
  std::string device_id;
  std::string service;
  std::uint64_t generation = 0;
  std::string nonce;  // 16 bytes
};

/// The 26 base32 characters (130 bits) of one enrolment in one epoch: HMAC-SHA256 of everything
/// that it is bound to, each part with its length.
Secret derive_code(const Secret& key, std::uint64_t epoch, const CodeSubject& subject);

/// "ABCD…" : enough to tell two apart, too little to use.
std::string masked(const Secret& code);

enum class Life { kEnded = 0, kOpen = 1, kRegistered = 2 };

/// One enrolment whose code the device may have sent.
struct Candidate {
  Life life = Life::kEnded;
  std::uint64_t generation = 0;
  std::string nonce;  // 16 bytes
};

enum class Verdict { kMatch = 1, kWrong = 2, kEnded = 3, kLocked = 4 };

struct Judgement {
  Verdict verdict = Verdict::kWrong;
  std::optional<std::size_t> candidate;  // which one matched, on kMatch and kEnded
  store::UnixNs locked_until = 0;        // on kLocked
  /// Tries, lock and the log row of a refusal: to be committed before anybody is answered.
  std::vector<store::Operation> operations;
};

struct Attempt {
  std::string customer;
  std::string device_id;
  std::string service;
  std::string code;  // as sent; may be empty
};

/// Judges in this order: registered with this very code; locked; open; ended or of an earlier
/// epoch; wrong. The tenth try in vain locks the pair for 15 minutes, doubling to 24 hours. All
/// candidates and epochs are compared, whatever the first ones say.
Judgement judge(const Secret& key, std::uint64_t epoch, const Attempt& attempt,
                const std::vector<Candidate>& candidates, store::Tries tries, store::UnixNs now);

}  // namespace intray::security
